import { expect, test } from 'bun:test'
import type { Connection } from './connection.ts'
import { DatabaseMetrics } from './database-metrics.ts'
import { withRetries } from './retry.ts'

test('names the failure of an attempt that had its time, not of the last one that was cut short', async () => {
  const attempts: number[] = []
  const connection: Connection<null> = {
    async run(_work, maxMs) {
      attempts.push(maxMs)
      if (attempts.length > 1) throw new Error('cut short')
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

  const failure = await withRetries(
    database,
    'read',
    async () => {},
    performance.now() + 150,
  ).catch((error) => error)

  expect(attempts.length).toBeGreaterThan(1)
  expect(failure).toMatchObject({ code: 'unavailable', cause: { message: 'refused' } })
})
