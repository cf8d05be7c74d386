import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  openSync,
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
 * Makes sure that there is a file that can be written, in a folder that can be, or throws an Error that says
 * what to do. A new one is empty, and nobody but its owner can read it, nor what SQLite will put beside it.
 */
export function ensureFile(path: string): void {
  const folder = resolve(dirname(path))
  const found = existsSync(folder) ? statSync(folder) : undefined
  if (!found) throw new Error(`the folder ${folder} does not exist: make it, or name another file.`)
  if (!found.isDirectory()) throw new Error(`${folder} is not a folder: name another file.`)
  refuseInaccessible(folder, 'the folder ', W_OK | X_OK, ', where the log is to be')
  if (!existsSync(path)) {
    if (existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0) {
      throw new Error(
        `${path} does not exist, but its log ${path}-wal does: put the file back, or move the log away.`,
      )
    }
    createFile(path)
  }
  if (statSync(path).isDirectory()) throw new Error(`${path} is a folder: name a file in it.`)
  refuseInaccessible(path, '', R_OK | W_OK, '')
}

/** Whether the file can be written now: it may have been opened while it could. */
export function isWritable(path: string): boolean {
  try {
    accessSync(path, R_OK | W_OK)
    accessSync(dirname(path), W_OK | X_OK)
    return true
  } catch {
    return false
  }
}

/** Which file is at a path, or undefined when there is none. Opens nothing, and so drops no locks. */
export function fileAt(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false })
  return found && `${found.dev} ${found.ino}`
}

function createFile(path: string): void {
  try {
    const made = openSync(path, 'wx', ownerOnly)
    // Whatever the umask takes away.
    fchmodSync(made, ownerOnly)
    closeSync(made)
  } catch (error) {
    // Another process may have made it just now.
    if (codeOf(error) === 'EEXIST') return
    throw new Error(`${path} cannot be made (${codeOf(error)}).`)
  }
}

function refuseInaccessible(path: string, kind: string, mode: number, why: string): void {
  try {
    accessSync(path, mode)
  } catch (error) {
    const readOnly = codeOf(error) === 'EROFS'
    throw new Error(
      readOnly
        ? `${kind}${path} is on a read-only file system: name a file on one that can be written.`
        : `${kind}${path} cannot be written by this user${why} (${codeOf(error)}): give it the rights, or name another file.`,
    )
  }
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)
