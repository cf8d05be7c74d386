import { SQLiteError, Database as Sqlite } from 'bun:sqlite'
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  linkSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { refuseSame, sizeOf, stamp, type Tell } from './backup.ts'
import { type Contents, inspect } from './integrity-check.ts'
import {
  companions,
  copyDatabase,
  publish,
  syncFile,
  withPartial,
  withReadOnly,
} from './sqlite-files.ts'

export type Restored = { contents: Contents; aside: string | undefined }

/**
 * Puts the database of a file in the place of another, or where there is none yet. With `force` one that
 * is there is kept aside under the name that is returned; without, this throws. It throws as well when the
 * file does not pass `inspect`, and while any process has the database open. Whatever happens, the one
 * database or the other is there, whole.
 */
export function restoreBackup(
  file: string,
  database: string,
  { force, now, tell }: { force: boolean; now: Date; tell: Tell },
): Restored {
  refuseSame(database, file)
  const place = existsSync(database) ? realpathSync(database) : database
  const taken = ['', ...companions].map((suffix) => place + suffix).find(existsSync)
  if (taken && !force) throw new Error(`${taken} exists already; --force replaces it`)
  tell(`Checking ${file}, ${sizeOf(file)}.`)
  const contents = withReadOnly(file, inspect)
  const aside = taken && `${place}.replaced-${stamp(now)}`
  withPartial(place, (partial) => {
    tell('Copying it.')
    copyDatabase(file, partial)
    makeReady(partial, place)
    if (aside) replaceDatabase(place, aside, partial)
    else publish(partial, place, { replace: false })
  })
  return { contents, aside }
}

/** As a server would have left it, and of the owner of the one that it replaces, or of its folder. */
function makeReady(partial: string, place: string): void {
  const db = new Sqlite(partial)
  db.run('PRAGMA journal_mode = WAL')
  db.close(true)
  const old = existsSync(place) ? statSync(place) : undefined
  const made = statSync(partial)
  // By its owner it has to be written, whatever was allowed of the backup.
  chmodSync(partial, ((old ?? made).mode & 0o777) | 0o600)
  // Only root can give files away; without an old database nobody else is known to need it.
  const owner = old ?? (process.getuid?.() === 0 ? statSync(dirname(place)) : made)
  if (owner.uid !== made.uid || owner.gid !== made.gid) chownSync(partial, owner.uid, owner.gid)
}

/**
 * Why a crash at any point mixes nothing, and no server can go on with the database that is put aside:
 *
 * SQLite joins a database and its log by their names alone, so the new database must never stand beside
 * the log of the old one, and the old one must not lose its log while it has that name. `lockAlone` first
 * has SQLite bring all of the log into the old database and remove it; from there on the old database is
 * one file, and a single rename changes old for new. A damaged database cannot be brought together with
 * its log: both get their names aside before that rename, the database by a link, so that it has the
 * old name too until the new one takes it.
 *
 * A server keeps a shared lock on the file for as long as it has it open, hence `lockAlone` fails. One that
 * opens it later finds it locked, and tries again by its name. One that has opened it just before the
 * rename, and locks it just after, finds a file that is not in write-ahead mode and whose name has gone to
 * another: SQLite lets nobody write it (SQLITE_READONLY_DBMOVED), and a server that starts has to.
 */
function replaceDatabase(place: string, aside: string, partial: string): void {
  // A log may be all that is there; then nothing that a server makes meanwhile is replaced.
  const replace = existsSync(place)
  const lock = replace ? lockAlone(place) : undefined
  try {
    // Fails when that name is taken.
    if (replace) linkSync(place, aside)
    replaceKept(place, aside, () => publish(partial, place, { replace }))
  } finally {
    lock?.close(true)
  }
}

function replaceKept(place: string, aside: string, replace: () => void): void {
  const rest = companions.filter((suffix) => existsSync(place + suffix))
  try {
    for (const suffix of rest) renameSync(place + suffix, aside + suffix)
    syncFile(dirname(place))
    replace()
  } catch (error) {
    for (const suffix of rest) {
      if (existsSync(aside + suffix)) renameSync(aside + suffix, place + suffix)
    }
    rmSync(aside, { force: true })
    throw error
  }
}

/**
 * Locks out everybody else and leaves the database without a log; closing it gives the lock back. Returns
 * nothing for a damaged database, which nobody can lock: whether a server still has it open is not known.
 * Throws when another process has it open.
 */
function lockAlone(path: string): Sqlite | undefined {
  if (isDamaged(path)) return undefined
  const db = new Sqlite(path, { readwrite: true, create: false })
  try {
    // Leaving write-ahead mode takes a lock that no other connection allows; BEGIN then keeps others out.
    db.run('PRAGMA journal_mode = DELETE')
    db.run('BEGIN EXCLUSIVE')
    const mode = db.query<{ journal_mode: string }, []>('PRAGMA journal_mode').get()
    if (mode?.journal_mode !== 'delete') throw new Error(isOpen(path))
    return db
  } catch (error) {
    db.close(true)
    const code = error instanceof SQLiteError ? String(error.code) : ''
    if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) return undefined
    throw /^SQLITE_BUSY/.test(code) ? new Error(isOpen(path)) : error
  }
}

/** SQLite takes some damaged files for empty ones, and removes their log; an empty file is a database. */
function isDamaged(path: string): boolean {
  const file = openSync(path, 'r')
  const start = Buffer.alloc(16)
  const length = readSync(file, start)
  closeSync(file)
  return length > 0 && start.toString() !== 'SQLite format 3\0'
}

const isOpen = (path: string) => `another process has ${path} open: stop the server first`
