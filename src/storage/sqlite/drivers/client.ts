// What both drivers share: the shape of their client, and the error codes that they tell apart.

import { LibsqlError } from '@libsql/client'

export type SqlValue = string | number | null
export type BoundStatement = { sql: string; args: SqlValue[] }
export type Row = Readonly<Record<string, unknown>>
/** `rowsAffected` is 0 for a statement that returns rows. */
export type Result = { rows: readonly Row[]; rowsAffected: number }

/** Runs SQL on a file, or on a libSQL server. */
export type SqliteClient = {
  execute: (statement: BoundStatement) => Promise<Result>
  /** One write transaction: `BEGIN IMMEDIATE` … `COMMIT`; on a server, a single statement goes without them. */
  batch: (statements: BoundStatement[]) => Promise<Result[]>
  /** The same with `ROLLBACK` at its end: only tells what the statements would do. */
  rehearse: (statements: BoundStatement[]) => Promise<Result[]>
}

/** Another writer held the lock. */
export const busyCodes = ['SQLITE_BUSY', 'SQLITE_PROTOCOL']

/** The same, as a libSQL server says it. */
export const serverBusyCodes = ['SQLITE_LOCKED', 'TRANSACTION_BUSY', 'TRANSACTION_TIMEOUT']

/** The disk or the file has failed. */
export const unavailableCodes = [
  'SQLITE_IOERR',
  'SQLITE_FULL',
  'SQLITE_CANTOPEN',
  'SQLITE_READONLY',
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
]

/** Whether a write failed because of a unique index. */
export const isUniqueViolation = (error: unknown) => violates(error, 'UNIQUE')

/** Whether a write failed because a column would have become null. */
export const isNotNullViolation = (error: unknown) => violates(error, 'NOT NULL')

const violates = (error: unknown, constraint: string) =>
  error instanceof LibsqlError &&
  error.code === 'SQLITE_CONSTRAINT' &&
  error.message.includes(constraint)

/** Whether another writer held the lock, in a file or on a server. */
export const isLocked = (error: unknown) =>
  error instanceof LibsqlError && [...busyCodes, ...serverBusyCodes].includes(error.code)

/** Whether the database itself has refused a statement. */
export const isDatabaseError = (error: unknown) => error instanceof LibsqlError

export const textOrNull = (value: unknown) => (value == null ? null : String(value))
export const numberOrNull = (value: unknown) => (value == null ? null : Number(value))
