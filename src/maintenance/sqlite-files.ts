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

/** What SQLite keeps beside a database, by the end of the name. */
export const companions = ['-wal', '-journal', '-shm']

/**
 * For commands, each a process of its own, and never for the server's: there a second library that opens
 * and closes the file would drop the locks of libSQL. A command opens a file by one of the two at
 * a time. bun:sqlite is here because it can open read-only, which libSQL's library cannot, so that reading a
 * file never creates, converts or checkpoints one. It may wait: nobody else is served by this thread.
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
 * Writes a copy of a database, as of one moment, into a new file, with the same row ids; whoever has the
 * database open is not held up. It holds a read transaction meanwhile, so that writes go on and only the
 * write-ahead log cannot start over.
 */
export function copyDatabase(from: string, to: string): void {
  // Made first, so that no other user can read it who cannot read the database.
  const made = openSync(to, 'wx', 0o600)
  fchmodSync(made, statSync(from).mode & 0o777)
  closeSync(made)
  withReadOnly(from, (db) => db.query('VACUUM INTO ?').run(to))
}

/** Gives `use` a name beside `path` for a file that is not whole yet; nothing stays under that name. */
export function withPartial<Result>(path: string, use: (partial: string) => Result): Result {
  // By chance, because in containers all processes may have one number.
  const partial = `${path}.partial-${randomBytes(4).toString('hex')}`
  try {
    return use(partial)
  } finally {
    for (const suffix of ['', ...companions]) rmSync(partial + suffix, { force: true })
  }
}

/**
 * Gives a whole file its final name, in one step and synced. Without `replace` this throws when that name
 * is taken: a link fails where a rename would replace what another process has put there meanwhile.
 */
export function publish(partial: string, path: string, { replace }: { replace: boolean }): void {
  syncFile(partial)
  if (replace) renameSync(partial, path)
  else linkSync(partial, path)
  syncFile(dirname(path))
}

/** Syncs a file, or the names in a folder. */
export function syncFile(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
