import { Database as Sqlite } from 'bun:sqlite'
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { limits } from '../limits.ts'

/** The suffixes of the files that SQLite keeps beside a database. */
export const sidecars = ['-wal', '-journal', '-shm']

/**
 * Opens a database read-only, so that it is never created, converted or checkpointed. libSQL's library cannot do
 * that, hence bun:sqlite. Throws when there is no such file, and with the path as message when `use` throws.
 *
 * Only for commands, whose process is not the server's: there, closing the file through a second library would
 * drop the locks of libSQL. A command has a file open through one library at a time. Waiting for a lock blocks
 * the thread, which serves nobody else here.
 */
export function withReadOnly<Result>(path: string, use: (db: Sqlite) => Result): Result {
  if (!existsSync(path)) throw new Error(`${path} does not exist`)
  let db: Sqlite | undefined
  try {
    db = new Sqlite(path, { readonly: true })
    db.run(`PRAGMA busy_timeout = ${limits.file.commandBusyMs}`)
    return use(db)
  } catch (error) {
    throw new Error(path, { cause: error })
  } finally {
    db?.close(true)
  }
}

/**
 * Copies a snapshot of a database to a new file, with the same row ids. Meanwhile it holds a read transaction, so
 * that others can read and write, but the write-ahead log cannot be reset.
 */
export function copyDatabase(from: string, to: string): void {
  // Created first, with the permissions of the database, so that nobody gets to read the copy who must not.
  const copy = openSync(to, 'wx', 0o600)
  fchmodSync(copy, statSync(from).mode & 0o777)
  closeSync(copy)
  withReadOnly(from, (db) => db.query('VACUUM INTO ?').run(to))
}

/** Calls `use` with a temporary name beside `path`, for an incomplete file, and removes what is left there. */
export function withPartial<Result>(path: string, use: (partial: string) => Result): Result {
  // Random, because processes in different containers may have the same pid.
  const partial = `${path}.partial-${randomBytes(4).toString('hex')}`
  try {
    return use(partial)
  } finally {
    for (const suffix of ['', ...sidecars]) rmSync(partial + suffix, { force: true })
  }
}

/**
 * Syncs a complete file and gives it its final name, atomically. Without `replace` this throws if the name is
 * taken: unlike a rename, a link does not replace what another process has put there meanwhile.
 */
export function publish(partial: string, path: string, { replace }: { replace: boolean }): void {
  syncFile(partial)
  if (replace) renameSync(partial, path)
  else linkSync(partial, path)
  syncFile(dirname(path))
}

/** Calls fsync on a file, or on a folder for its directory entries. */
export function syncFile(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
