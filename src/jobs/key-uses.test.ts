import { expect, test } from 'bun:test'
import pino from 'pino'
import type { WriteContext } from '../domain/actor.ts'
import type { ApiKeyId } from '../domain/api-key.ts'
import { createJobs } from './jobs.ts'
import { KeyUses } from './key-uses.ts'

type Write = { ids: readonly ApiKeyId[]; context: WriteContext; end: (error?: Error) => void }

/** Key uses on a store that remembers what it is asked to write, and ends a write when the test does. */
function keyUses() {
  const writes: Write[] = []
  const lines: string[] = []
  let now = 1_000_000
  const uses = new KeyUses({
    store: {
      recordKeyUses: (ids, context) =>
        new Promise((resolve, reject) => {
          writes.push({ ids, context, end: (error) => (error ? reject(error) : resolve()) })
        }),
    },
    clock: () => new Date(now),
    log: pino({ base: null }, { write: (line: string) => lines.push(line) }),
  })
  const turn = async () => {
    for (let n = 0; n < 3; n++) await new Promise(setImmediate)
  }
  return { uses, writes, lines, turn, advance: (ms: number) => (now += ms) }
}

test('the uses of a moment are one write, by zaas itself', async () => {
  const { uses, writes, turn } = keyUses()
  uses.start()
  for (const id of ['key_1', 'key_2', 'key_1'] as const) uses.note(id)
  await turn()

  const context = { now: 1_000_000, actor: 'process' }
  expect(writes).toMatchObject([{ ids: ['key_1', 'key_2'], context }])
})

test('one write runs at a time, and takes all that was noted meanwhile', async () => {
  const { uses, writes, turn } = keyUses()
  uses.start()
  uses.note('key_1')
  await turn()
  uses.note('key_2')
  uses.note('key_3')
  await turn()
  expect(writes).toHaveLength(1)

  writes[0]?.end()
  await turn()
  expect(writes.map(({ ids }) => ids)).toEqual([['key_1'], ['key_2', 'key_3']])
})

test('a key is written down once a minute', async () => {
  const { uses, writes, turn, advance } = keyUses()
  uses.start()
  for (const ms of [0, 59_999, 1]) {
    advance(ms)
    uses.note('key_1')
    await turn()
    writes.at(-1)?.end()
  }
  expect(writes.map(({ context }) => context.now)).toEqual([1_000_000, 1_060_000])
})

test('a use that cannot be written is logged, and the next one is', async () => {
  const { uses, writes, lines, turn } = keyUses()
  uses.start()
  uses.note('key_1')
  await turn()
  writes[0]?.end(new Error('no database'))
  await turn()
  expect(lines.join('')).toContain('could not note the use of keys')

  uses.note('key_2')
  await turn()
  expect(writes.at(-1)?.ids).toEqual(['key_2'])
})

test('nothing is written before the start or after the stop, which waits for what runs', async () => {
  const { uses, writes, turn } = keyUses()
  uses.note('key_1')
  await turn()
  expect(writes).toEqual([])

  uses.start()
  await turn()
  let stopped = false
  const stop = uses.stop().then(() => {
    stopped = true
  })
  await turn()
  expect([writes.length, stopped]).toEqual([1, false])

  writes[0]?.end()
  await stop
  uses.note('key_2')
  await turn()
  expect(writes).toHaveLength(1)
})

test('the jobs of a service start and stop together', async () => {
  const written: unknown[] = []
  const jobs = createJobs({
    store: {
      recordKeyUses: async (ids) => void written.push(ids),
      sweep: async () => false,
      pruneHistory: async () => false,
      leaseDeliveries: async () => [],
      recordAttempts: async () => [],
      tidyWebhooks: async () => ({ disabled: [], more: false }),
    },
    webhooksAllowPrivate: false,
    clock: () => new Date(),
    log: pino({ enabled: false }),
  })
  jobs.start()
  jobs.keyUses.note('key_1')
  await jobs.stop()

  expect(written).toEqual([['key_1']])
})
