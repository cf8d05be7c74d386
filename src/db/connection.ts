export type Value = string | number | null
export type BoundStatement = { sql: string; args: Value[] }
export type Row = Readonly<Record<string, unknown>>
/** `rowsAffected` is 0 for a statement that returns rows. */
export type Result = { rows: readonly Row[]; rowsAffected: number }

export type Client = {
  execute: (statement: BoundStatement) => Promise<Result>
  /** One write transaction: `BEGIN IMMEDIATE` … `COMMIT`, or on a server a single statement by itself. */
  batch: (statements: BoundStatement[]) => Promise<Result[]>
}

export type Call<Result> = (client: Client) => Promise<Result>

/**
 * What a failed call means. `again`: nothing has changed, and another try may pass. `outage`: the
 * database cannot be used. `unknown`: no answer came, so a write may have been made, or may yet be.
 * `fault`: the statement is to blame, and nothing has changed.
 */
export type Failure = 'again' | 'outage' | 'unknown' | 'fault'

/** The way to a database: to a file, or to a libSQL server. */
export type Connection = {
  /** Has one call made, and gives it up after `maxMs` where nothing else bounds it. */
  run: <Result>(call: Call<Result>, maxMs: number) => Promise<Result>
  failureOf: (error: unknown) => Failure
  /** To be called after each failure. */
  renew: (error: unknown) => Promise<void>
  close: () => void
  /** How long the next batch of matches may wait for more of them (`GroupCommit`). */
  gatherMaxMs: number
}

/** Another writer was in the way. */
export const busyCodes = ['SQLITE_BUSY', 'SQLITE_PROTOCOL']

/** The disk or the file fails. */
export const outageCodes = [
  'SQLITE_IOERR',
  'SQLITE_FULL',
  'SQLITE_CANTOPEN',
  'SQLITE_READONLY',
  'SQLITE_CORRUPT',
  'SQLITE_NOTADB',
]
