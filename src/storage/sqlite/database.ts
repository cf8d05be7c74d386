import { DrizzleQueryError } from 'drizzle-orm'
import { drizzle, type SqliteRemoteDatabase } from 'drizzle-orm/sqlite-proxy'
import { ZaasError } from '../../domain/errors.ts'
import type { Durability } from '../../domain/store.ts'
import type { Connection } from '../engine/connection.ts'
import { DatabaseMetrics } from '../engine/database-metrics.ts'
import { transactionDeadline, withRetries } from '../engine/retry.ts'
import { WriteQueue } from '../engine/write-queue.ts'
import type { BoundStatement, Result, SqliteClient } from './drivers/client.ts'
import { isFile, openDriver } from './drivers/open-driver.ts'

/** SQL text and the values of its parameters, in the shape of drizzle's `toSQL()`. */
export type Statement = { sql: string; params: readonly unknown[] }

/** Statements that only read, and the settings that are asked for. */
const reading =
  /^\s*(SELECT|WITH)\b(?!.*\b(INSERT|UPDATE|DELETE|REPLACE)\b)|^PRAGMA (synchronous|journal_mode)$/is

/**
 * The one way to a SQLite database, and so the one writer of this process: every write goes through `write`
 * or `bulkWrite`, in a single queue, as one transaction (`SqliteClient.batch`).
 *
 * Why nothing else may write: on a file, a statement of libSQL that fails with SQLITE_BUSY is not reset,
 * and later writes outside a batch on that connection are reported as done and then lost. Hence also
 * `reconnect` after each failure. Reads and writes fail as `withRetries` says, and throw LibsqlError for a
 * broken constraint.
 */
export class Database {
  /** Builds statements: a query for `select`, or with `toSQL()` one for `write`. */
  readonly orm: SqliteRemoteDatabase
  readonly metrics = new DatabaseMetrics()
  readonly #connection: Connection<SqliteClient>
  readonly #writes: WriteQueue<SqliteClient>

  private constructor(connection: Connection<SqliteClient>) {
    this.#connection = connection
    this.#writes = new WriteQueue(connection, this.metrics)
    this.orm = drizzle(async (sql, params, method) => {
      const { rows } = await this.read({ sql, params })
      const values = rows.map((row) => Object.values(row))
      return { rows: method === 'get' ? (values[0] ?? []) : values }
    })
  }

  /** Opens a file in WAL mode, or a libSQL server. Throws when it cannot be used. */
  static async open(url: string, authToken?: string): Promise<Database> {
    const database = new Database(await openDriver(url, authToken))
    if (isFile(url)) await database.#useWriteAheadLog()
    return database
  }

  /** Runs one statement that only reads. */
  read(statement: Statement): Promise<Result> {
    refuseWrite(statement.sql)
    return this.#try('read', (client) => client.execute(bound(statement)))
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
    const batch = statements.map(bound)
    return this.#writes.write((client) => client.batch(batch))
  }

  /** The same for a write that may be of many rows: see `WriteQueue.bulkWrite`. */
  bulkWrite(statements: readonly Statement[]): Promise<Result[]> {
    const batch = statements.map(bound)
    return this.#writes.bulkWrite((client) => client.batch(batch))
  }

  /** See `Connection`. */
  get lingerMaxMs(): number {
    return this.#connection.lingerMaxMs
  }

  async durability(): Promise<Durability> {
    const { rows } = await this.read({ sql: 'PRAGMA synchronous', params: [] })
    return Number(rows[0]?.['synchronous']) >= 2 ? 'full' : 'relaxed'
  }

  /** Waits for the writes that were handed in, then closes. */
  async close(): Promise<void> {
    await this.#writes.drain()
    this.#connection.close()
  }

  async #useWriteAheadLog(): Promise<void> {
    const statement = { sql: 'PRAGMA journal_mode = WAL', args: [] }
    const { rows } = await this.#try('write', (client) => client.execute(statement))
    if (rows[0]?.['journal_mode'] !== 'wal') {
      throw new ZaasError('unavailable', 'The database cannot use a write-ahead log.')
    }
  }

  #try(kind: 'read' | 'write', call: (client: SqliteClient) => Promise<Result>): Promise<Result> {
    const way = { connection: this.#connection, metrics: this.metrics }
    return withRetries(way, kind, call, transactionDeadline())
  }
}

function refuseWrite(sql: string): void {
  if (!reading.test(sql))
    throw new Error('A statement that writes goes through write() or bulkWrite().')
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
