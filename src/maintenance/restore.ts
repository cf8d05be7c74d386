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
import { assertNotSameFile, fileTimestamp, sizeOf, type Tell } from './backup.ts'
import { type Contents, checkIntegrity } from './integrity-check.ts'
import {
  copyDatabase,
  publish,
  sidecars,
  syncFile,
  withPartial,
  withReadOnly,
} from './sqlite-files.ts'

export type Restored = { contents: Contents; aside: string | undefined }

/**
 * Replaces a database with a backup, or creates it from one. With `force` an existing database is moved aside, to
 * the path in `aside`. Throws if there is one and no `force`, if the backup does not pass `checkIntegrity`, or if
 * any process has the database open. Whenever this process is killed, either the old or the new database is
 * there, complete.
 */
export function restoreBackup(
  file: string,
  database: string,
  { force, now, tell }: { force: boolean; now: Date; tell: Tell },
): Restored {
  assertNotSameFile(database, file)
  const place = existsSync(database) ? realpathSync(database) : database
  const existing = ['', ...sidecars].map((suffix) => place + suffix).find(existsSync)
  if (existing && !force) throw new Error(`${existing} exists already; --force replaces it`)
  tell(`Checking ${file}, ${sizeOf(file)}.`)
  const contents = withReadOnly(file, checkIntegrity)
  const aside = existing && `${place}.replaced-${fileTimestamp(now)}`
  withPartial(place, (partial) => {
    tell('Copying it.')
    copyDatabase(file, partial)
    prepareForServer(partial, place)
    if (aside) replaceDatabase(place, aside, partial)
    else publish(partial, place, { replace: false })
  })
  return { contents, aside }
}

/** Switches to write-ahead mode, and sets the permissions and the owner that a server needs. */
function prepareForServer(partial: string, place: string): void {
  const db = new Sqlite(partial)
  db.run('PRAGMA journal_mode = WAL')
  db.close(true)
  const old = existsSync(place) ? statSync(place) : undefined
  const created = statSync(partial)
  // Its owner must be able to write it, even if the backup is read-only.
  chmodSync(partial, ((old ?? created).mode & 0o777) | 0o600)
  // Without an old database, root gives the new one to the owner of its folder; others cannot give files away.
  const owner = old ?? (process.getuid?.() === 0 ? statSync(dirname(place)) : created)
  if (owner.uid !== created.uid || owner.gid !== created.gid)
    chownSync(partial, owner.uid, owner.gid)
}

/**
 * Why a crash at any point mixes nothing: SQLite pairs a database with its log by name alone. So the new database
 * must never be beside the log of the old one, and the old one must not lose its log while it has that name.
 * `lockExclusively` has SQLite checkpoint the log into the old database and delete it. From then on the old
 * database is a single file, and one rename replaces it. A damaged database cannot be checkpointed: it is moved
 * aside together with its log before that rename. The database is linked there, so it also has its old name until
 * the new one takes that.
 *
 * Why no server continues on the old database: a server has a shared lock on the file for as long as it is open,
 * so `lockExclusively` fails. A server that opens the file later finds it locked, and retries by name. A server
 * that opens it just before the rename, and locks it just after, has a file that is not in write-ahead mode and
 * whose name belongs to another file. SQLite refuses to write to that (SQLITE_READONLY_DBMOVED), which a
 * starting server has to do.
 */
function replaceDatabase(place: string, aside: string, partial: string): void {
  // There may be a log without a database. Then a database that a server creates meanwhile is not replaced.
  const replace = existsSync(place)
  const lock = replace ? lockExclusively(place) : undefined
  try {
    // Fails if the name is taken.
    if (replace) linkSync(place, aside)
    replaceWithSidecars(place, aside, () => publish(partial, place, { replace }))
  } finally {
    lock?.close(true)
  }
}

/** Moves sidecar files aside, then calls `replace`; moves them back if that fails. */
function replaceWithSidecars(place: string, aside: string, replace: () => void): void {
  const existing = sidecars.filter((suffix) => existsSync(place + suffix))
  try {
    for (const suffix of existing) renameSync(place + suffix, aside + suffix)
    syncFile(dirname(place))
    replace()
  } catch (error) {
    for (const suffix of existing) {
      if (existsSync(aside + suffix)) renameSync(aside + suffix, place + suffix)
    }
    rmSync(aside, { force: true })
    throw error
  }
}

/**
 * Locks a database against all other processes, and removes its log; closing it releases the lock. Throws if
 * another process has it open. Returns undefined for a damaged database, which cannot be locked: a server may
 * still have it open.
 */
function lockExclusively(path: string): Sqlite | undefined {
  if (isDamaged(path)) return undefined
  const db = new Sqlite(path, { readwrite: true, create: false })
  try {
    // Leaving write-ahead mode takes a lock that fails beside any other connection; BEGIN then keeps others out.
    db.run('PRAGMA journal_mode = DELETE')
    db.run('BEGIN EXCLUSIVE')
    const mode = db.query<{ journal_mode: string }, []>('PRAGMA journal_mode').get()
    if (mode?.journal_mode !== 'delete') throw new Error(openElsewhere(path))
    return db
  } catch (error) {
    db.close(true)
    const code = error instanceof SQLiteError ? String(error.code) : ''
    if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) return undefined
    throw /^SQLITE_BUSY/.test(code) ? new Error(openElsewhere(path)) : error
  }
}

/** SQLite takes some damaged files for empty ones, and deletes their log. A file of no bytes is a valid database. */
function isDamaged(path: string): boolean {
  const file = openSync(path, 'r')
  const header = Buffer.alloc(16)
  const length = readSync(file, header)
  closeSync(file)
  return length > 0 && header.toString() !== 'SQLite format 3\0'
}

const openElsewhere = (path: string) => `another process has ${path} open: stop the server first`
