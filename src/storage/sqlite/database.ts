import { DrizzleQueryError } from 'drizzle-orm'
import { drizzle, type SqliteRemoteDatabase } from 'drizzle-orm/sqlite-proxy'
import { ZaasError } from '../../domain/errors.ts'
import type { Durability } from '../../domain/store.ts'
import type { Connection } from '../engine/connection.ts'
import { DatabaseMetrics } from '../engine/database-metrics.ts'
import { transactionDeadline, withRetries } from '../engine/retry.ts'
import { WriteQueue } from '../engine/write-queue.ts'
import type { BoundStatement, Result, SqliteClient } from './drivers/client.ts'
import { isFile, openDriver, openMemory } from './drivers/open-driver.ts'

/** SQL text and the values of its parameters, in the shape of drizzle's `toSQL()`. */
export type Statement = { sql: string; params: readonly unknown[] }

/** Runs SQL that only reads, and returns the rows. */
export type ReadRows = (sql: string) => Promise<Result['rows']>

/** Matches statements that only read, and the two pragmas that are read. */
const readOnly =
  /^\s*(SELECT|WITH)\b(?!.*\b(INSERT|UPDATE|DELETE|REPLACE)\b)|^PRAGMA (synchronous|journal_mode)$/is

/**
 * The only way to a SQLite database, and so the only writer of this process: every write goes through `write`
 * or `bulkWrite`, in a single queue, as one transaction (`SqliteClient.batch`).
 *
 * Why nothing else may write: on a file, libSQL does not reset a statement that fails with SQLITE_BUSY, and
 * later writes outside a batch on that connection are reported as done and then lost. Hence also `reconnect`
 * after each failure. Reads and writes fail as `withRetries` does, and with LibsqlError for a constraint.
 */
export class Database {
  /** Builds queries for `select`, and with `toSQL()` statements for `write`. */
  readonly orm: SqliteRemoteDatabase
  readonly metrics = new DatabaseMetrics()
  /** Else it is on a libSQL server. */
  readonly isFile: boolean
  readonly #connection: Connection<SqliteClient>
  readonly #writes: WriteQueue<SqliteClient>

  private constructor(connection: Connection<SqliteClient>, isOnFile: boolean) {
    this.isFile = isOnFile
    this.#connection = connection
    this.#writes = new WriteQueue(connection, this.metrics)
    this.orm = drizzle(async (sql, params, method) => {
      const { rows } = await this.read({ sql, params })
      const values = rows.map((row) => Object.values(row))
      return { rows: method === 'get' ? (values[0] ?? []) : values }
    })
  }

  /**
   * Opens a file, in WAL mode, or connects to a libSQL server. Throws when it cannot be used, and what `examine`
   * throws to refuse a database before anything in it is changed.
   */
  static async open(
    url: string,
    authToken?: string,
    examine: (read: ReadRows) => Promise<void> = async () => {},
  ): Promise<Database> {
    const examineBy = (client: SqliteClient) =>
      examine(async (sql) => (await client.execute({ sql, args: [] })).rows)
    const database = new Database(await openDriver(url, authToken, examineBy), isFile(url))
    if (isFile(url)) await database.#useWriteAheadLog()
    else await examine(async (sql) => (await database.read({ sql, params: [] })).rows)
    return database
  }

  /** Runs a statement that only reads. */
  read(statement: Statement): Promise<Result> {
    assertReadOnly(statement.sql)
    return this.#run('read', (client) => client.execute(bind(statement)))
  }

  /** Runs a query of `orm` that only reads, and returns typed rows. Fails as `read` does. */
  async select<Rows>(query: PromiseLike<Rows>): Promise<Rows> {
    try {
      return await query
    } catch (error) {
      // The message of drizzle's own error contains the parameters, which are not for the log.
      throw error instanceof DrizzleQueryError ? error.cause : error
    }
  }

  /** Runs the statements as one transaction, and resolves once it is committed. */
  write(statements: readonly Statement[]): Promise<Result[]> {
    const batch = statements.map(bind)
    return this.#writes.write((client) => client.batch(batch))
  }

  /**
   * Like `write`, for one that takes minutes, on a file alone: this connection then keeps in files what it sorts, and
   * what it needs to undo a statement. In memory, ten million rows took a gigabyte.
   */
  longWrite(statements: readonly Statement[]): Promise<Result[]> {
    const batch = statements.map(bind)
    return this.#writes.write(async (client) => {
      await client.execute({ sql: 'PRAGMA temp_store = FILE', args: [] })
      return client.batch(batch)
    })
  }

  /** Like `write`, for a write of possibly many rows: see `WriteQueue.bulkWrite`. */
  bulkWrite(statements: readonly Statement[]): Promise<Result[]> {
    const batch = statements.map(bind)
    return this.#writes.bulkWrite((client) => client.batch(batch))
  }

  /** Tells what `bulkWrite` would do, and does not do it. Takes its turn and its time. */
  rehearse(statements: readonly Statement[]): Promise<Result[]> {
    const batch = statements.map(bind)
    return this.#writes.bulkWrite((client) => client.rehearse(batch))
  }

  /** Throws `unavailable` with the reason if `probe` cannot be written: see `WriteQueue`. */
  assertWritable(probe: Statement): Promise<void> {
    return this.#writes.assertWritable((client) => client.batch([bind(probe)]))
  }

  /** See `WriteQueue`. */
  assertUsable(): void {
    this.#writes.assertUsable()
  }

  /** See `Connection`. */
  get lingerMaxMs(): number {
    return this.#connection.lingerMaxMs
  }

  async durability(): Promise<Durability> {
    const { rows } = await this.read({ sql: 'PRAGMA synchronous', params: [] })
    return Number(rows[0]?.['synchronous']) >= 2 ? 'full' : 'relaxed'
  }

  /** Waits for the writes in the queue, then closes. */
  async close(): Promise<void> {
    await this.#writes.drain()
    await this.#connection.close()
  }

  async #useWriteAheadLog(): Promise<void> {
    const statement = { sql: 'PRAGMA journal_mode = WAL', args: [] }
    const { rows } = await this.#run('write', (client) => client.execute(statement))
    if (rows[0]?.['journal_mode'] !== 'wal') {
      throw new ZaasError('unavailable', 'The database cannot use a write-ahead log.')
    }
  }

  #run(kind: 'read' | 'write', work: (client: SqliteClient) => Promise<Result>): Promise<Result> {
    const database = { connection: this.#connection, metrics: this.metrics }
    return withRetries(database, kind, work, transactionDeadline())
  }
}

/** Passes a new database in memory to `use`, which may run any SQL on it. */
export async function inMemory(use: (run: ReadRows) => Promise<void>): Promise<void> {
  const client = openMemory()
  await use(async (sql) => (await client.execute({ sql, args: [] })).rows)
  client.close()
}

function assertReadOnly(sql: string): void {
  if (!readOnly.test(sql))
    throw new Error('A statement that writes goes through write() or bulkWrite().')
}

function bind({ sql, params }: Statement): BoundStatement {
  return {
    sql,
    args: params.map((value) => {
      if (value === null || typeof value === 'string' || typeof value === 'number') return value
      throw new TypeError('A parameter must be a string, a number or null.')
    }),
  }
}
