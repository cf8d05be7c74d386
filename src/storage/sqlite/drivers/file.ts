import { closeSync, fsyncSync, openSync } from 'node:fs'
import { LibsqlError } from '@libsql/client'
import { expandConfig } from '@libsql/core/config'
import { limits } from '../../../limits.ts'
import type { Connection, Failure } from '../../engine/connection.ts'
import { busyCodes, type SqliteClient, unavailableCodes } from './client.ts'
import { FileClient } from './file-client.ts'
import { ensureFile, fileAt, isWritable, ReplacedFile } from './file-identity.ts'

/** Reads a database before anything in it is changed, and throws to refuse it. */
export type Examine = (client: SqliteClient) => Promise<void>

/**
 * Opens a database file, through the one client of this process, and creates it if there is none. Throws an Error
 * that says what to do if the file cannot be used, and what `examine` throws, as does the first call of the connection.
 *
 * - A call blocks its thread until it returns, so that no time limit could end it earlier. A busy timeout would
 *   block the thread too, so there is none: `withRetries` retries SQLITE_BUSY.
 * - A statement that fails with SQLITE_BUSY is not reset by libSQL, hence a new connection after each failure.
 * - EXPLAIN in a write batch fails at COMMIT.
 * - Nothing else in the process may open the file: POSIX locks belong to the process, and closing any
 *   descriptor of the file drops them.
 */
export async function openFile(url: string, examine: Examine): Promise<Connection<SqliteClient>> {
  const { path: given, authority } = expandConfig({ url }, true)
  const { host = '', port, userinfo } = authority ?? {}
  if (!['', 'localhost'].includes(host) || port !== undefined || userinfo !== undefined)
    throw new Error('A file: address names no other host.')
  const path = ensureFile(given)
  await examineUntouched(path, examine)
  // For speed only: FileClient ignores a setting that fails.
  const client = new FileClient(path, [
    `PRAGMA cache_size = -${limits.file.cacheBytes / 1_024}`,
    `PRAGMA wal_autocheckpoint = ${limits.file.checkpointPages}`,
  ])
  return new FileConnection(given, path, client, examine)
}

class FileConnection implements Connection<SqliteClient> {
  readonly lingerMaxMs = 0
  /** As configured, and without symbolic links: SQLite keeps the log beside the latter. */
  readonly #given: string
  readonly #path: string
  readonly #client: FileClient
  readonly #file: string | undefined
  /** The write-ahead log of this connection. SQLite keeps it while any connection to the database is open. */
  #log: string | undefined
  #checkpointed = false
  #connected = true
  #examine: Examine | undefined

  constructor(given: string, path: string, client: FileClient, examine: Examine) {
    this.#given = given
    this.#path = path
    this.#client = client
    this.#file = fileAt(given)
    this.#examine = examine
  }

  async run<Answer>(work: (client: SqliteClient) => Promise<Answer>): Promise<Answer> {
    // Otherwise a new connection would open another file, or create one.
    if (!this.#connected && this.#replaced()) throw new ReplacedFile()
    // Again, for what is only in the log, and before anything in it is changed.
    await this.#examine?.(this.#client)
    this.#examine = undefined
    if (!this.#checkpointed) await checkpointOnOpen(this.#client, this.#path)
    this.#checkpointed = true
    this.#connected = true
    const answer = await work(this.#client)
    // What was committed to a file or log that is no longer at its path must not be acknowledged.
    this.#log ??= fileAt(`${this.#path}-wal`)
    if (this.#replaced()) throw new ReplacedFile()
    return answer
  }

  failureOf(error: unknown): Failure {
    if (error instanceof ReplacedFile) return 'unavailable'
    return error instanceof LibsqlError ? failureOf(error) : 'invalid'
  }

  async reconnect(error: unknown): Promise<void> {
    // Closing the last connection would delete the log at the path, which may be that of another database.
    if (this.#replaced()) return
    // If this was the last connection to the file, the next one recovers the log from disk.
    if (error instanceof LibsqlError && error.code === 'SQLITE_IOERR') this.#checkpointed = false
    this.#client.reconnect()
    this.#connected = false
    this.#log = undefined
  }

  trouble(): string | undefined {
    if (this.#replaced()) return 'The database is no longer the file at its path.'
    return isWritable(this.#path) ? undefined : 'The database cannot be written.'
  }

  /** Moves the log into the file first, so that the file alone is the whole database, unless others still use it. */
  async close(): Promise<void> {
    if (fileAt(this.#given) !== this.#file) return
    const untilMs = performance.now() + limits.file.checkpointOnCloseMs
    while (!(await this.#emptyLog()) && performance.now() < untilMs)
      await Bun.sleep(limits.file.checkpointPauseMs)
    this.#client.close()
  }

  async #emptyLog(): Promise<boolean> {
    try {
      const { rows } = await this.#client.execute(checkpoint)
      return rows[0]?.['busy'] === 0
    } catch {
      return false
    }
  }

  #replaced(): boolean {
    if (fileAt(this.#given) !== this.#file) return true
    return this.#log !== undefined && fileAt(`${this.#path}-wal`) !== this.#log
  }
}

/**
 * With `immutable`, SQLite only reads the file: it takes no locks and creates no log. What it reads may be
 * inconsistent while others write, so an error of SQLite is ignored here.
 */
async function examineUntouched(path: string, examine: Examine): Promise<void> {
  const uri = `file:${encodeURI(path).replaceAll('?', '%3F').replaceAll('#', '%23')}?immutable=1`
  let client: FileClient | undefined
  try {
    client = new FileClient(uri, [])
    await examine(client)
  } catch (error) {
    if (!(error instanceof LibsqlError)) throw error
    if (error.code === 'SQLITE_NOTADB')
      throw new Error(`${path} is no database: name another file. It was left as it is.`)
  } finally {
    client?.close()
  }
}

const checkpoint = { sql: 'PRAGMA wal_checkpoint(TRUNCATE)', args: [] }

function failureOf({ code }: LibsqlError): Failure {
  if (unavailableCodes.includes(code)) return 'unavailable'
  return busyCodes.includes(code) ? 'retryable' : 'invalid'
}

/**
 * Makes the write-ahead log that an earlier process left behind durable, before anything is answered from it.
 *
 * A process that ends between writing its log and syncing it, or after a failed fsync, leaves commits that the
 * next process sees although they may not be on disk. A match among them must not be answered as made, and
 * nothing may be appended after them. So a checkpoint first syncs the log, copies it into the database and
 * truncates it. While other processes have the file open it only syncs the log, which is enough: they hide
 * commits whose sync failed.
 *
 * SQLite leaves the sync of the truncated log to the next commit. Until then a power failure could bring back
 * an older state of the log, and what is in the log overrides the database: hence the fsync here.
 */
async function checkpointOnOpen(client: FileClient, path: string): Promise<void> {
  const { rows } = await client.execute(checkpoint)
  if (rows[0]?.['busy'] === 1 && rows[0]['log'] === -1)
    throw new LibsqlError('another process is checkpointing the log', 'SQLITE_BUSY')
  if (rows[0]?.['log'] === 0) syncLog(`${path}-wal`)
}

/** SQLite holds no locks on the log, unlike on the database, so closing it here drops none. */
function syncLog(path: string): void {
  try {
    const log = openSync(path, 'r')
    try {
      fsyncSync(log)
    } finally {
      closeSync(log)
    }
  } catch (cause) {
    throw new LibsqlError(
      'the log cannot be synced',
      'SQLITE_IOERR',
      undefined,
      undefined,
      cause instanceof Error ? cause : undefined,
    )
  }
}
