import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { mutant } from './form.ts'

const model = join(import.meta.dir, '../model.test.ts')
const wrong = [
  'gives a lapsed hold away twice',
  'lets a hold lapse that was confirmed',
  'replaces whatever the requestor has',
  'remembers settings',
  'lengthens a hold on repeat',
  'gives expired items',
  'skips what is behind the head',
  'checks the limit before the write alone',
  'counts for an hour that is over',
  'counts a hold as a match',
  'forgets who held an item',
  'forgets that an item was removed',
  'hands out what an import says somebody has',
] as const

test.each(wrong)(
  'the test of the model catches a service that %s',
  async (name) => {
    const { env, preload } = mutant(name)
    const command = [process.execPath, 'test', ...preload.flatMap((each) => ['--preload', each])]
    const child = Bun.spawn([...command, '--timeout', '110000', model], {
      env: { ...process.env, ...env, FAULTS: 'full' },
      stderr: 'pipe',
      stdout: 'ignore',
    })
    const text = await new Response(child.stderr).text()

    expect(text).toContain('error: Property failed after')
    expect(await child.exited).toBe(1)
  },
  120_000,
)
