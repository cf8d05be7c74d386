import { LibsqlError } from '@libsql/client'

export type SqlValue = string | number | null
export type BoundStatement = { sql: string; args: SqlValue[] }
export type Row = Readonly<Record<string, unknown>>
/** `rowsAffected` is 0 for a statement that returns rows. */
export type Result = { rows: readonly Row[]; rowsAffected: number }

/** What runs SQL: on a file, or on a libSQL server. */
export type SqliteClient = {
  execute: (statement: BoundStatement) => Promise<Result>
  /** One write transaction: `BEGIN IMMEDIATE` … `COMMIT`, or on a server a single statement by itself. */
  batch: (statements: BoundStatement[]) => Promise<Result[]>
}

/** Another writer was in the way. */
export const busyCodes = ['SQLITE_BUSY', 'SQLITE_PROTOCOL']

/** The disk or the file fails. */
export const unavailableCodes = [
  'SQLITE_IOERR',
  'SQLITE_FULL',
  'SQLITE_CANTOPEN',
  'SQLITE_READONLY',
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
]

/** Whether a write was refused because a unique index holds such a row already. */
export function isUniqueViolation(error: unknown): boolean {
  return (
    error instanceof LibsqlError &&
    error.code === 'SQLITE_CONSTRAINT' &&
    error.message.includes('UNIQUE')
  )
}
