import {
  type Client,
  createClient,
  type InValue,
  LibsqlError,
  type ResultSet,
} from '@libsql/client'
import { DrizzleQueryError } from 'drizzle-orm'
import { drizzle, type SqliteRemoteDatabase } from 'drizzle-orm/sqlite-proxy'
import { ZaasError } from '../errors.ts'

/** SQL text and the values of its parameters, in the shape of drizzle's `toSQL()`. */
export type Statement = { sql: string; params: readonly unknown[] }

/** `full`: a commit is synced to disk before it is reported. `relaxed`: a power cut can take it back. */
export type Durability = 'full' | 'relaxed'

const busyWaitMaxMs = 4_000
const busyPauseMaxMs = 100
const waitingWritesMax = 1_000
/** Pages of the file kept in memory: codes in random order touch most of an index in each write. */
const cacheKiB = 16 * 1024

/** Another process was in the way: nothing has changed, and another try may pass. */
const busyCodes = ['SQLITE_BUSY', 'SQLITE_PROTOCOL', 'CLIENT_CLOSED']
/**
 * The disk or the file fails. A write is not tried again: whether its commit came through is not known,
 * and a release that is repeated could take an item from whoever has got it meanwhile.
 */
const outageCodes = [
  'SQLITE_IOERR',
  'SQLITE_FULL',
  'SQLITE_CANTOPEN',
  'SQLITE_READONLY',
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
]

/** Statements that only read, and the settings that are asked for. */
const reading =
  /^\s*(SELECT|WITH)\b(?!.*\b(INSERT|UPDATE|DELETE|REPLACE)\b)|^PRAGMA (synchronous|journal_mode)$/is

/**
 * The one holder of the one client, and so the one writer of this process: every write goes through
 * `write`, in a single queue, as one write batch (`BEGIN IMMEDIATE` … `COMMIT`).
 *
 * Why nothing else may write: a statement of @libsql/client that fails with SQLITE_BUSY is not reset,
 * and later writes outside a batch on that connection are reported as done and then lost. Hence also
 * `reconnect` after each failure. Both methods throw `unavailable` when the database stays busy for
 * `busyWaitMaxMs` or cannot be used, and LibsqlError for a broken constraint.
 */
export class Database {
  /** Builds statements: a query for `select`, or with `toSQL()` one for `write`. */
  readonly orm: SqliteRemoteDatabase
  readonly #client: Client
  #lastWrite: Promise<unknown> = Promise.resolve()
  #waitingWrites = 0
  #settled = false

  private constructor(client: Client) {
    this.#client = client
    this.orm = drizzle(async (sql, params, method) => {
      const { rows } = await this.read({ sql, params })
      const values = rows.map((row) => Array.from(row))
      return { rows: method === 'get' ? (values[0] ?? []) : values }
    })
  }

  /** Opens a file in WAL mode, or a libSQL server. Throws when it cannot be used. */
  static async open(url: string, authToken?: string): Promise<Database> {
    const client = createClient({ url, concurrency: 1, ...(authToken && { authToken }) })
    const database = new Database(client)
    if (client.protocol === 'file') await database.#useWriteAheadLog()
    else database.#settled = true
    await database.#useCache()
    return database
  }

  /** Runs one statement that only reads. */
  read(statement: Statement): Promise<ResultSet> {
    refuseWrite(statement.sql)
    return this.#retry(() => this.#client.execute(bound(statement)), deadline())
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
  write(statements: readonly Statement[]): Promise<ResultSet[]> {
    if (this.#waitingWrites >= waitingWritesMax) {
      throw new ZaasError('unavailable', 'Too many changes are waiting.')
    }
    this.#waitingWrites++
    const until = deadline()
    const batch = statements.map(bound)
    const turn = this.#lastWrite
      .then(() => this.#retry(() => this.#client.batch(batch, 'write'), until))
      .finally(() => this.#waitingWrites--)
    this.#lastWrite = turn.catch(() => {})
    return turn
  }

  async durability(): Promise<Durability> {
    const { rows } = await this.read({ sql: 'PRAGMA synchronous', params: [] })
    return Number(rows[0]?.['synchronous']) >= 2 ? 'full' : 'relaxed'
  }

  /** Waits for the writes that were handed in, then closes. */
  async close(): Promise<void> {
    await this.#lastWrite
    this.#client.close()
  }

  async #useWriteAheadLog(): Promise<void> {
    const { rows } = await this.#retry(
      () => this.#client.execute('PRAGMA journal_mode = WAL'),
      deadline(),
    )
    if (rows[0]?.['journal_mode'] !== 'wal') {
      throw new ZaasError('unavailable', 'The database cannot use a write-ahead log.')
    }
  }

  // Goes with the connection, so again after each `reconnect`. A connection without it is only slower.
  async #useCache(): Promise<void> {
    if (this.#client.protocol !== 'file') return
    await this.#client.execute(`PRAGMA cache_size = -${cacheKiB}`).catch(() => {})
  }

  /**
   * A process that ends between writing its log and syncing it, or after a failed sync, leaves commits that
   * whoever opens the file next sees, though they may not be on disk: a repeat of theirs must not be
   * answered, and nothing must be appended behind them. So the log is synced, copied into the database and
   * emptied first. Where others hold it open it is synced, which is enough: they keep failed commits hidden.
   */
  async #settle(): Promise<void> {
    const { rows } = await this.#client.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    if (rows[0]?.['busy'] === 1 && rows[0]['log'] === -1)
      throw new LibsqlError('others do the same', 'SQLITE_BUSY')
    this.#settled = true
  }

  async #retry<Result>(attempt: () => Promise<Result>, until: number): Promise<Result> {
    for (let failures = 1; ; failures++) {
      try {
        if (!this.#settled) await this.#settle()
        return await attempt()
      } catch (error) {
        if (!(error instanceof LibsqlError)) throw error
        const busy = busyCodes.includes(error.code) && !this.#client.closed
        if (!busy && !outageCodes.includes(error.code)) throw error
        // With the last connection the log can be closed, and is then read anew by the next.
        if (error.code === 'SQLITE_IOERR') this.#settled = this.#client.protocol !== 'file'
        await this.#client.reconnect()
        await this.#useCache()
        if (!busy || performance.now() >= until) {
          throw new ZaasError('unavailable', 'The database is busy or cannot be reached.', {
            cause: error,
          })
        }
        await Bun.sleep(Math.random() * Math.min(busyPauseMaxMs, 2 ** failures))
      }
    }
  }
}

/** Whether a write was refused because a unique index holds such a row already. */
export function isUniqueViolation(error: unknown): boolean {
  return (
    error instanceof LibsqlError &&
    error.code === 'SQLITE_CONSTRAINT' &&
    error.message.includes('UNIQUE')
  )
}

const deadline = () => performance.now() + busyWaitMaxMs

function refuseWrite(sql: string): void {
  if (!reading.test(sql)) throw new Error('A statement that writes goes through write().')
}

function bound({ sql, params }: Statement): { sql: string; args: InValue[] } {
  return {
    sql,
    args: params.map((value) => {
      if (value === null || typeof value === 'string' || typeof value === 'number') return value
      throw new TypeError('A parameter must be a string, a number or null.')
    }),
  }
}
