import { ZaasError } from '../../domain/errors.ts'
import { limits } from '../../limits.ts'
import type { Connection } from './connection.ts'
import type { DatabaseMetrics } from './database-metrics.ts'

/**
 * A write that got no answer from a server: it may have been made, and it may yet be. It is not tried again
 * here: a release that is repeated could take an item from whoever got it meanwhile.
 */
export class UnknownOutcome extends ZaasError {
  constructor(cause: unknown) {
    const detail = 'It is not known whether the change was made: the database did not answer.'
    super('unavailable', detail, { cause })
  }
}

/**
 * Makes a call until it passes, at most until `untilMs` (of `performance.now()`). Throws `unavailable` when the
 * database stays busy for so long or cannot be used, UnknownOutcome for a write without an answer, and what
 * the driver throws for a statement that is invalid.
 */
export async function withRetries<Client, Answer>(
  { connection, metrics }: { connection: Connection<Client>; metrics: DatabaseMetrics },
  kind: 'read' | 'write',
  call: (client: Client) => Promise<Answer>,
  untilMs: number,
): Promise<Answer> {
  const tryMaxMs = kind === 'read' ? limits.database.readTryMs : Number.POSITIVE_INFINITY
  for (let failures = 1; ; failures++) {
    try {
      return await connection.run(call, Math.min(untilMs - performance.now(), tryMaxMs))
    } catch (error) {
      const failure = connection.failureOf(error)
      if (failure === 'invalid') throw error
      await connection.reconnect(error)
      const pauseMs = Math.random() * Math.min(limits.database.retryPauseMs, 2 ** failures)
      const unknown = failure === 'unknown' && kind === 'write'
      if (unknown || failure === 'unavailable' || performance.now() + pauseMs >= untilMs) {
        metrics.failures.inc()
        if (unknown) throw new UnknownOutcome(error)
        const detail = 'The database is busy or cannot be reached.'
        throw new ZaasError('unavailable', detail, { cause: error })
      }
      metrics.retries.inc()
      await Bun.sleep(pauseMs)
    }
  }
}

/** When a read or a write that begins now is given up. */
export const transactionDeadline = () => performance.now() + limits.database.transactionMs
