import { expect, test } from 'bun:test'
import type { Connection } from './connection.ts'
import { DatabaseMetrics } from './database-metrics.ts'
import { withRetries } from './retry.ts'

test('names the failure of an attempt that had its time, not of the last one that was cut short', async () => {
  // On a busy machine there may be no time for a second attempt: then once more.
  for (let tries = 0; tries < 100; tries++) {
    const { attempts, failure } = await failing()
    expect(failure).toMatchObject({ code: 'unavailable', cause: { message: 'refused' } })
    if (attempts > 1) return
  }
  throw new Error('There was never a second attempt.')
})

/** A read whose first attempt is refused when little time is left, and whose next ones are cut short. */
async function failing() {
  const deadlineAtMs = performance.now() + 150
  let attempts = 0
  const connection: Connection<null> = {
    async run() {
      if (++attempts > 1) throw new Error('cut short')
      await Bun.sleep(100)
      throw new Error('refused')
    },
    failureOf: () => 'unknown',
    reconnect: async () => {},
    close: () => {},
    trouble: () => undefined,
    lingerMaxMs: 0,
  }
  const database = { connection, metrics: new DatabaseMetrics() }
  const failure: unknown = await withRetries(database, 'read', async () => {}, deadlineAtMs).catch(
    (error: unknown) => error,
  )
  return { attempts, failure }
}
