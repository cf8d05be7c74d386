import { LibsqlError } from '@libsql/client'
import { DrizzleQueryError } from 'drizzle-orm'
import { drizzle, type SqliteRemoteDatabase } from 'drizzle-orm/sqlite-proxy'
import { ZaasError } from '../errors.ts'
import type { BoundStatement, Call, Connection, Result } from './connection.ts'
import { openFile } from './file.ts'
import { Meters } from './meters.ts'
import { openServer } from './server.ts'

/** SQL text and the values of its parameters, in the shape of drizzle's `toSQL()`. */
export type Statement = { sql: string; params: readonly unknown[] }

/** `full`: a commit is synced to disk before it is reported. `relaxed`: a power cut can take it back. */
export type Durability = 'full' | 'relaxed'

/** What a read or a write may take, with all its tries; a write's time begins as it joins the queue. */
const waitMaxMs = 4_000
/** A read is tried again on another connection before its time is over. */
const readTryMaxMs = 1_500
const pauseMaxMs = 100
const waitingChangesMax = 1_000

/** Statements that only read, and the settings that are asked for. */
const reading =
  /^\s*(SELECT|WITH)\b(?!.*\b(INSERT|UPDATE|DELETE|REPLACE)\b)|^PRAGMA (synchronous|journal_mode)$/is

/**
 * A write that got no answer from a libSQL server: it may have been made, and it may yet be. It is not
 * tried again here: a release that is repeated could take an item from whoever got it meanwhile.
 */
export class UnknownOutcome extends ZaasError {
  constructor(cause: unknown) {
    super(
      'unavailable',
      'It is not known whether the change was made: the database did not answer.',
      {
        cause,
      },
    )
  }
}

/**
 * The one way to the database, and so the one writer of this process: every write goes through `write`
 * or `change`, in a single queue, as one transaction (`Client.batch`).
 *
 * Why nothing else may write: on a file, a statement of libSQL that fails with SQLITE_BUSY is not reset,
 * and later writes outside a batch on that connection are reported as done and then lost. Hence also
 * `renew` after each failure. Both methods throw `unavailable` when the database stays busy for
 * `waitMaxMs` or cannot be used, `write` UnknownOutcome when a server does not answer, and both
 * LibsqlError for a broken constraint.
 */
export class Database {
  /** Builds statements: a query for `select`, or with `toSQL()` one for `write`. */
  readonly orm: SqliteRemoteDatabase
  readonly meters = new Meters()
  readonly #connection: Connection
  #lastWrite: Promise<unknown> = Promise.resolve()
  #lastChange: Promise<unknown> = Promise.resolve()
  #waitingWrites = 0

  private constructor(connection: Connection) {
    this.#connection = connection
    const writesHelp = 'Writes that run or wait for their turn.'
    this.meters.gauge('zaas_database_waiting_writes', writesHelp, () => this.#waitingWrites)
    this.orm = drizzle(async (sql, params, method) => {
      const { rows } = await this.read({ sql, params })
      const values = rows.map((row) => Object.values(row))
      return { rows: method === 'get' ? (values[0] ?? []) : values }
    })
  }

  /** Opens a file in WAL mode, or a libSQL server. Throws when it cannot be used. */
  static async open(url: string, authToken?: string): Promise<Database> {
    if (!isFile(url)) return new Database(openServer(url, authToken))
    const database = new Database(await openFile(url))
    await database.#useWriteAheadLog()
    return database
  }

  /** Runs one statement that only reads. */
  read(statement: Statement): Promise<Result> {
    refuseWrite(statement.sql)
    return this.#try('read', (client) => client.execute(bound(statement)), deadline())
  }

  /** Runs a query of `orm`, for typed rows; one that writes is refused. Fails as `read` does. */
  async select<Rows>(query: PromiseLike<Rows>): Promise<Rows> {
    try {
      return await query
    } catch (error) {
      // drizzle's own error has the values of the parameters in its message, for every log to see.
      throw error instanceof DrizzleQueryError ? error.cause : error
    }
  }

  /** Runs the statements as one transaction and returns once it is committed: all of them or none. */
  write(statements: readonly Statement[]): Promise<Result[]> {
    return this.#bounded((until) => this.#queued(statements, until))
  }

  /**
   * The same for a change that may be of many rows. They go one at a time, and between two of them come the
   * reads and the matches that have arrived: however many changes wait, a match waits for one. Throws
   * `unavailable` at once when `waitingChangesMax` writes wait.
   */
  change(statements: readonly Statement[]): Promise<Result[]> {
    if (this.#waitingWrites >= waitingChangesMax) {
      throw new ZaasError('unavailable', 'Too many changes are waiting.')
    }
    return this.#bounded((until) => {
      const turn = this.#lastChange.then(() => this.#queued(statements, until))
      const othersTurn = () => new Promise(setImmediate)
      this.#lastChange = turn.then(othersTurn, othersTurn)
      return turn
    })
  }

  /** See `Connection`. */
  get gatherMaxMs(): number {
    return this.#connection.gatherMaxMs
  }

  async durability(): Promise<Durability> {
    const { rows } = await this.read({ sql: 'PRAGMA synchronous', params: [] })
    return Number(rows[0]?.['synchronous']) >= 2 ? 'full' : 'relaxed'
  }

  /** Waits for the writes that were handed in, then closes. */
  async close(): Promise<void> {
    await this.#lastChange
    await this.#lastWrite
    this.#connection.close()
  }

  #bounded(queue: (until: number) => Promise<Result[]>): Promise<Result[]> {
    this.#waitingWrites++
    const turn = queue(deadline()).finally(() => this.#waitingWrites--)
    // Whoever asked is told of a failure, also when they look for it late.
    turn.catch(() => {})
    return turn
  }

  #queued(statements: readonly Statement[], until: number): Promise<Result[]> {
    const batch = statements.map(bound)
    const turn = this.#lastWrite.then(async () => {
      const measured = this.meters.commitSeconds.startTimer()
      const results = await this.#try('write', (client) => client.batch(batch), until)
      measured()
      return results
    })
    this.#lastWrite = turn.catch(() => {})
    return turn
  }

  async #useWriteAheadLog(): Promise<void> {
    const { rows } = await this.#try(
      'write',
      (client) => client.execute({ sql: 'PRAGMA journal_mode = WAL', args: [] }),
      deadline(),
    )
    if (rows[0]?.['journal_mode'] !== 'wal') {
      throw new ZaasError('unavailable', 'The database cannot use a write-ahead log.')
    }
  }

  async #try<Answer>(kind: 'read' | 'write', call: Call<Answer>, until: number): Promise<Answer> {
    for (let failures = 1; ; failures++) {
      const leftMs = until - performance.now()
      try {
        return await this.#connection.run(
          call,
          kind === 'read' ? Math.min(leftMs, readTryMaxMs) : leftMs,
        )
      } catch (error) {
        const failure = this.#connection.failureOf(error)
        if (failure === 'fault') throw error
        await this.#connection.renew(error)
        const pauseMs = Math.random() * Math.min(pauseMaxMs, 2 ** failures)
        const unknown = failure === 'unknown' && kind === 'write'
        if (unknown || failure === 'outage' || performance.now() + pauseMs >= until) {
          this.meters.failures.inc()
          if (unknown) throw new UnknownOutcome(error)
          throw new ZaasError('unavailable', 'The database is busy or cannot be reached.', {
            cause: error,
          })
        }
        this.meters.retries.inc()
        await Bun.sleep(pauseMs)
      }
    }
  }
}

/** Whether an address is that of a file, or else of a libSQL server. */
export const isFile = (url: string) => url.startsWith('file:')

/** Whether a write was refused because a unique index holds such a row already. */
export function isUniqueViolation(error: unknown): boolean {
  return (
    error instanceof LibsqlError &&
    error.code === 'SQLITE_CONSTRAINT' &&
    error.message.includes('UNIQUE')
  )
}

const deadline = () => performance.now() + waitMaxMs

function refuseWrite(sql: string): void {
  if (!reading.test(sql))
    throw new Error('A statement that writes goes through write() or change().')
}

function bound({ sql, params }: Statement): BoundStatement {
  return {
    sql,
    args: params.map((value) => {
      if (value === null || typeof value === 'string' || typeof value === 'number') return value
      throw new TypeError('A parameter must be a string, a number or null.')
    }),
  }
}
