import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { LibsqlError } from '@libsql/client'

const { R_OK, W_OK, X_OK } = constants
const ownerOnly = 0o600

/** The database is no longer the file at its path, or its log is not. */
export class ReplacedFile extends LibsqlError {
  constructor() {
    super(
      'the file at the path of the database is not the one that was opened',
      'SQLITE_READONLY_DBMOVED',
    )
  }
}

/**
 * Creates the file if there is none, readable by its owner alone, as will be what SQLite puts beside it. Returns
 * its path without symbolic links. Throws an Error that says what to do if the file or its folder is missing or
 * cannot be written.
 */
export function ensureFile(given: string): string {
  const path = target(given)
  const folder = resolve(dirname(path))
  const found = existsSync(folder) ? statSync(folder) : undefined
  if (!found) throw new Error(`the folder ${folder} does not exist: make it, or name another file.`)
  if (!found.isDirectory()) throw new Error(`${folder} is not a folder: name another file.`)
  assertAccess(folder, 'the folder ', W_OK | X_OK)
  if (!existsSync(path)) {
    if (existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0) {
      throw new Error(
        `${path} does not exist, but its log ${path}-wal does: put the file back, or move the log away.`,
      )
    }
    createFile(path)
  }
  if (statSync(path).isDirectory()) throw new Error(`${path} is a folder: name a file in it.`)
  assertAccess(path, '', R_OK | W_OK)
  return path
}

/** Whether the file and its folder can be written now: permissions may have changed since it was opened. */
export function isWritable(path: string): boolean {
  try {
    accessSync(path, R_OK | W_OK)
    accessSync(dirname(path), W_OK | X_OK)
    return true
  } catch {
    return false
  }
}

/** Identifies the file at a path; undefined if there is none that can be reached. Opens nothing, so drops no locks. */
export function fileAt(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path)
    return `${dev} ${ino}`
  } catch {
    return undefined
  }
}

function createFile(path: string): void {
  try {
    const made = openSync(path, 'wx', ownerOnly)
    // Whatever the umask is.
    fchmodSync(made, ownerOnly)
    closeSync(made)
  } catch (error) {
    // Another process has just created it.
    if (codeOf(error) === 'EEXIST') return
    throw new Error(`${path} cannot be made (${codeOf(error)}).`)
  }
}

/** Where a symbolic link leads, also if there is no file yet: SQLite keeps the log there. */
function target(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    const link = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()
    return link ? resolve(dirname(path), readlinkSync(path)) : resolve(path)
  }
}

function assertAccess(path: string, kind: string, mode: number): void {
  try {
    accessSync(path, mode)
  } catch (error) {
    const readOnly = codeOf(error) === 'EROFS'
    throw new Error(
      readOnly
        ? `${kind}${path} is on a read-only file system: name a file on one that can be written.`
        : `${kind}${path} cannot be written by this user (${codeOf(error)}): give it the rights, or name another file.`,
    )
  }
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)
