import { ZaasError } from '../../domain/errors.ts'
import { limits } from '../../limits.ts'
import type { Connection } from './connection.ts'
import type { DatabaseMetrics } from './database-metrics.ts'
import { transactionDeadline, withRetries } from './retry.ts'

type Write<Client, Answer> = (client: Client) => Promise<Answer>

/** The writes of this process, one at a time. Fails as `withRetries` does; a write's time begins as it joins. */
export class WriteQueue<Client> {
  readonly #connection: Connection<Client>
  readonly #metrics: DatabaseMetrics
  #lastWrite: Promise<unknown> = Promise.resolve()
  #lastBulkWrite: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(connection: Connection<Client>, metrics: DatabaseMetrics) {
    this.#connection = connection
    this.#metrics = metrics
    const help = 'Writes that run or wait for their turn.'
    metrics.gauge('zaas_database_waiting_writes', help, () => this.#waiting)
  }

  write<Answer>(write: Write<Client, Answer>): Promise<Answer> {
    return this.#count((untilMs) => this.#inTurn(write, untilMs))
  }

  /**
   * The same for a write that may be of many rows. They go one at a time, and between two of them come the
   * reads and the matches that have arrived: however many wait, a match waits for one. Throws
   * `unavailable` at once when `limits.database.bulkWritesWaitingMax` writes wait.
   */
  bulkWrite<Answer>(write: Write<Client, Answer>): Promise<Answer> {
    if (this.#waiting >= limits.database.bulkWritesWaitingMax) {
      throw new ZaasError('unavailable', 'Too many changes are waiting.')
    }
    return this.#count((untilMs) => {
      const turn = this.#lastBulkWrite.then(() => this.#inTurn(write, untilMs))
      const othersTurn = () => new Promise(setImmediate)
      this.#lastBulkWrite = turn.then(othersTurn, othersTurn)
      return turn
    })
  }

  /** Resolves once all writes that were handed in have ended. */
  async drain(): Promise<void> {
    await this.#lastBulkWrite
    await this.#lastWrite
  }

  #count<Answer>(queue: (untilMs: number) => Promise<Answer>): Promise<Answer> {
    this.#waiting++
    const turn = queue(transactionDeadline()).finally(() => this.#waiting--)
    // Whoever asked is told of a failure, also when they look for it late.
    turn.catch(() => {})
    return turn
  }

  #inTurn<Answer>(write: Write<Client, Answer>, untilMs: number): Promise<Answer> {
    const way = { connection: this.#connection, metrics: this.#metrics }
    const turn = this.#lastWrite.then(async () => {
      const stop = this.#metrics.commitSeconds.startTimer()
      const answer = await withRetries(way, 'write', write, untilMs)
      stop()
      return answer
    })
    this.#lastWrite = turn.catch(() => {})
    return turn
  }
}
