import { ZaasError } from '../../domain/errors.ts'
import { limits } from '../../limits.ts'
import type { Connection } from './connection.ts'
import type { DatabaseMetrics } from './database-metrics.ts'

/**
 * A write that got no answer from a server: it may have been made, or may yet be. It is not retried, since
 * not every write is idempotent: a repeated release could take an item from whoever got it meanwhile.
 */
export class UnknownOutcome extends ZaasError {
  constructor(cause: unknown) {
    const detail = 'It is not known whether the change was made: the database did not answer.'
    super('unavailable', detail, { cause })
  }
}

/**
 * Runs a read or write, with retries and jitter, until `deadlineAtMs` (of `performance.now()`). Throws
 * `unavailable` when the database stays busy for that long or cannot be used, UnknownOutcome for a write
 * without an answer, and the driver's own error for an invalid statement.
 */
export async function withRetries<Client, Answer>(
  { connection, metrics }: { connection: Connection<Client>; metrics: DatabaseMetrics },
  kind: 'read' | 'write',
  work: (client: Client) => Promise<Answer>,
  deadlineAtMs: number,
): Promise<Answer> {
  const attemptMaxMs = kind === 'read' ? limits.database.readTryMs : Number.POSITIVE_INFINITY
  let cause: unknown
  for (let failures = 1; ; failures++) {
    const remainingMs = deadlineAtMs - performance.now()
    try {
      return await connection.run(work, Math.min(remainingMs, attemptMaxMs))
    } catch (error) {
      // An attempt that is cut short says nothing of what is wrong.
      if (failures === 1 || remainingMs >= limits.database.retryPauseMs) cause = error
      const failure = connection.failureOf(error)
      if (failure === 'invalid') throw error
      await connection.reconnect(error)
      const pauseMs = Math.random() * Math.min(limits.database.retryPauseMs, 2 ** failures)
      const unknown = failure === 'unknown' && kind === 'write'
      if (unknown || failure === 'unavailable' || performance.now() + pauseMs >= deadlineAtMs) {
        metrics.failures.inc()
        if (unknown) throw new UnknownOutcome(cause)
        const detail = 'The database is busy or cannot be reached.'
        throw new ZaasError('unavailable', detail, { cause })
      }
      metrics.retries.inc()
      await Bun.sleep(pauseMs)
    }
  }
}

/** The deadline of a read or write that begins now. */
export const transactionDeadline = () => performance.now() + limits.database.transactionMs
