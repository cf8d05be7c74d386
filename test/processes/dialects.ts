import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { full } from '../faults/form.ts'
import { testApp } from '../support/app.ts'
import { type Written, written } from '../support/dialects.ts'
import { seedFor } from '../support/seed.ts'

const runs = full ? 20_000 : 2_000

// A dry run shows the first ten items as they would be, which are all of these.
test('a list in any dialect is read back as the same list, or refused, and never as another one', async () => {
  const app = await testApp()
  const shop = await app.keyFor('shop')
  let read = 0
  const property = fc.asyncProperty(written(10), async (file) => {
    const { status, body } = await shop.import(file.bytes, file.type, `?dryRun=true&${file.query}`)
    if (status === 422) return expectFieldNamed(body)
    const found = (body.items ?? []).map(({ item }) => item)
    const shown = { file: shownOf(file), answer: body }
    expect({ status, found, invalid: body.invalid, shown }).toEqual({
      ...{ status: 200, found: file.items, invalid: 0, shown },
    })
    read++
  })
  try {
    await fc.assert(property, { numRuns: runs, seed: seedFor('dialects') })
    expect(read).toBeGreaterThan(runs / 3)
  } finally {
    await app.close()
  }
}, 300_000)

test('a longer list is imported as it was written, or not at all', async () => {
  const app = await testApp()
  let namespaces = 0
  const property = fc.asyncProperty(written(200), async (file) => {
    const shop = await app.keyFor(`shop-${++namespaces}`)
    const { status } = await shop.import(file.bytes, file.type, `?${file.query}`)
    const found = (await shop.list()).body.items.map(({ item }) => item)
    expect({ found, file: shownOf(file) }).toEqual({
      found: status === 200 ? file.items : [],
      file: shownOf(file),
    })
  })
  try {
    await fc.assert(property, { numRuns: runs / 5, seed: seedFor('longer dialects') })
  } finally {
    await app.close()
  }
}, 300_000)

test('a reader that takes the first cell of each line, as one that guesses would, is caught', () => {
  const guess = ({ bytes }: Written) =>
    Buffer.from(bytes)
      .toString()
      .split(/\r?\n/)
      .flatMap((line) => line.split(',')[0] || [])
  const property = fc.property(written(10), (file) => expect(guess(file)).toEqual(file.items))
  expect(fc.check(property, { numRuns: 100, seed: seedFor('guesses') }).failed).toBe(true)
})

/** A refusal names what settles it, or says that there is nothing in the file. */
function expectFieldNamed(body: unknown): void {
  const { errors = [], detail } = body as { errors?: { pointer: string }[]; detail: string }
  if (detail.includes('has no items')) return
  expect(errors[0]?.pointer).toMatch(/^#\/(column|delimiter|header|charset)$/)
}

/** A file for whoever has to look into a failure. */
const shownOf = ({ bytes, type, query }: Written) => ({
  ...{ type, query, text: Buffer.from(bytes).toString('latin1') },
})
