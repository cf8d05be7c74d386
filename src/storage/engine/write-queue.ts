import { ZaasError } from '../../domain/errors.ts'
import { yieldToEventLoop } from '../../event-loop.ts'
import { limits } from '../../limits.ts'
import type { Connection } from './connection.ts'
import type { DatabaseMetrics } from './database-metrics.ts'
import { transactionDeadline, withRetries } from './retry.ts'

type Write<Client, Answer> = (client: Client) => Promise<Answer>

/**
 * The writes of this process, one at a time, in the order they came in. They fail as `withRetries` does; the
 * deadline of a write counts from when it joins the queue.
 */
export class WriteQueue<Client> {
  readonly #connection: Connection<Client>
  readonly #metrics: DatabaseMetrics
  #lastWrite: Promise<unknown> = Promise.resolve()
  #lastBulkWrite: Promise<unknown> = Promise.resolve()
  #unfinished = 0
  /** When a write last succeeded, or -Infinity if one has failed since. */
  #committedAtMs = Number.NEGATIVE_INFINITY

  constructor(connection: Connection<Client>, metrics: DatabaseMetrics) {
    this.#connection = connection
    this.#metrics = metrics
    const help = 'Writes that run or wait for their turn.'
    metrics.gauge('zaas_database_waiting_writes', help, () => this.#unfinished)
  }

  write<Answer>(write: Write<Client, Answer>): Promise<Answer> {
    return this.#track(this.#runInTurn(write, transactionDeadline()))
  }

  /**
   * Like `write`, for a write of possibly many rows. Between two bulk writes, the reads and matches that have
   * arrived get their turn, so that a match waits for one bulk write at most, however many there are. Throws
   * `unavailable` (backpressure) while `limits.database.bulkWritesWaitingMax` writes are unfinished.
   */
  bulkWrite<Answer>(write: Write<Client, Answer>): Promise<Answer> {
    if (this.#unfinished >= limits.database.bulkWritesWaitingMax) {
      throw new ZaasError('unavailable', 'Too many changes are waiting.')
    }
    const deadlineAtMs = transactionDeadline()
    const written = this.#lastBulkWrite.then(() => this.#runInTurn(write, deadlineAtMs))
    this.#lastBulkWrite = written.then(yieldToEventLoop, yieldToEventLoop)
    return this.#track(written)
  }

  /** Throws `unavailable` with the reason if the driver can tell, without asking the database, that it cannot be used. */
  assertUsable(): void {
    const trouble = this.#connection.trouble()
    if (trouble !== undefined) throw new ZaasError('unavailable', trouble)
  }

  /**
   * Throws `unavailable` if the database cannot be written. Runs `write` to find out, unless a write has succeeded
   * within `limits.database.writableForMs`. Does not wait for the lock: if another process holds it, that one can
   * write.
   */
  async assertWritable(write: Write<Client, unknown>): Promise<void> {
    const connection = this.#connection
    if (performance.now() - this.#committedAtMs < limits.database.writableForMs) return
    try {
      await connection.run(write, limits.database.readTryMs)
      this.#committedAtMs = performance.now()
    } catch (error) {
      const failure = connection.failureOf(error)
      await connection.reconnect(error)
      if (failure === 'retryable') return
      const detail = connection.trouble() ?? 'The database cannot be written.'
      throw new ZaasError('unavailable', detail, { cause: error })
    }
  }

  /** Resolves once every write in the queue has ended. */
  async drain(): Promise<void> {
    await this.#lastBulkWrite
    await this.#lastWrite
  }

  #track<Answer>(written: Promise<Answer>): Promise<Answer> {
    this.#unfinished++
    const tracked = written.finally(() => this.#unfinished--)
    // No unhandled rejection: the caller may await it only after it has failed.
    tracked.catch(() => {})
    return tracked
  }

  #runInTurn<Answer>(write: Write<Client, Answer>, deadlineAtMs: number): Promise<Answer> {
    const database = { connection: this.#connection, metrics: this.#metrics }
    const written = this.#lastWrite.then(async () => {
      const stopTimer = this.#metrics.commitSeconds.startTimer()
      const answer = await withRetries(database, 'write', write, deadlineAtMs)
      stopTimer()
      this.#committedAtMs = performance.now()
      return answer
    })
    this.#lastWrite = written.catch(() => {
      this.#committedAtMs = Number.NEGATIVE_INFINITY
    })
    return written
  }
}
