import { LibsqlError } from '@libsql/client'
import Libsql from 'libsql'
import { LRUCache } from 'lru-cache'
import { limits } from '../../../limits.ts'
import type { BoundStatement, Result, Row, SqliteClient } from './client.ts'

type Prepared = { statement: Libsql.Statement<unknown[]>; columns: readonly string[] }
type OpenedFile = { db: Libsql.Database; kept: LRUCache<string, Prepared> }

/** What zaas tells apart of https://sqlite.org/rescode.html, by the low byte of the extended code. */
const codes: Record<number, string> = {
  5: 'SQLITE_BUSY',
  8: 'SQLITE_READONLY',
  10: 'SQLITE_IOERR',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  15: 'SQLITE_PROTOCOL',
  19: 'SQLITE_CONSTRAINT',
  26: 'SQLITE_NOTADB',
}

/**
 * A database file by one connection, for one thread, which each call blocks. Does what the client of
 * @libsql/client does, by the same library, except that statements stay prepared: preparing them anew is
 * half of the time of a batch of matches. Calls throw LibsqlError, of code CLIENT_CLOSED after `close`.
 */
export class FileClient implements SqliteClient {
  readonly #path: string
  readonly #settings: readonly string[]
  #opened: OpenedFile | undefined
  #closed = false

  /** Statements in `settings` run on each connection, and may fail. Throws when the file cannot be opened. */
  constructor(path: string, settings: readonly string[]) {
    this.#path = path
    this.#settings = settings
    this.#run({ sql: 'SELECT 1', args: [] })
  }

  async execute(statement: BoundStatement): Promise<Result> {
    return this.#run(statement)
  }

  async batch(statements: readonly BoundStatement[]): Promise<Result[]> {
    try {
      this.#run({ sql: 'BEGIN IMMEDIATE', args: [] })
      const results = statements.map((statement) => this.#run(statement))
      this.#run({ sql: 'COMMIT', args: [] })
      return results
    } catch (error) {
      this.#rollBack()
      throw error
    }
  }

  /** Later calls use a new connection, as is needed after SQLITE_BUSY: what failed with it is not reset. */
  reconnect(): void {
    // A closed connection must not be asked for anything: it would abort the process.
    this.#opened?.db.close()
    this.#opened = undefined
  }

  close(): void {
    this.#closed = true
    this.reconnect()
  }

  #run({ sql, args }: BoundStatement): Result {
    if (this.#closed) throw new LibsqlError('The database is closed.', 'CLIENT_CLOSED')
    try {
      this.#opened ??= this.#open()
      const { statement, columns } = prepared(this.#opened, sql, args)
      if (columns.length === 0) return { rows: [], rowsAffected: statement.run(args).changes }
      const rows = statement.all(args) as unknown[][]
      return { rows: rows.map((values) => rowOf(columns, values)), rowsAffected: 0 }
    } catch (error) {
      // Whatever failed is not used again.
      this.#opened?.kept.clear()
      throw failure(error)
    }
  }

  #open(): OpenedFile {
    const db = new Libsql(this.#path)
    for (const setting of this.#settings) {
      try {
        db.exec(setting)
      } catch {}
    }
    return { db, kept: new LRUCache({ max: limits.file.statementsKept }) }
  }

  #rollBack(): void {
    try {
      if (this.#opened?.db.inTransaction) this.#opened.db.exec('ROLLBACK')
    } catch {
      this.reconnect()
    }
  }
}

function prepared({ db, kept }: OpenedFile, sql: string, args: readonly unknown[]): Prepared {
  const length = args.reduce<number>((sum, value) => sum + String(value).length, 0)
  const keeps = length <= limits.file.keptStatementLengthMax
  const known = keeps ? kept.get(sql) : undefined
  if (known) return known
  const statement = db.prepare(sql)
  const columns = statement.columns().map(({ name }) => name)
  if (new Set(columns).size < columns.length) throw new Error('Two columns have the same name.')
  if (columns.length > 0) statement.raw(true)
  const made = { statement, columns }
  if (keeps) kept.set(sql, made)
  return made
}

function rowOf(columns: readonly string[], values: readonly unknown[]): Row {
  const row: Record<string, unknown> = {}
  for (const [n, column] of columns.entries()) row[column] = values[n]
  return row
}

function failure(error: unknown): unknown {
  if (!(error instanceof Libsql.SqliteError)) return error
  const { message, code, rawCode } = error as Error & { code: string; rawCode?: number }
  const base = codes[(rawCode ?? 0) & 0xff] ?? code
  return new LibsqlError(message, base, code, rawCode, error)
}
