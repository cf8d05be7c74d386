import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { codeMutants } from './code-mutants.ts'

test('the pieces of code that mutants put others in the place of are there', async () => {
  const edits = Object.values(codeMutants).flat()
  for (const { file, from } of edits) {
    const contents = await Bun.file(join(import.meta.dir, '../../src', file)).text()
    expect(contents).toContain(from)
  }
  expect(edits).not.toBeEmpty()
})
