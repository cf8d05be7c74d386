import { closeSync, fsyncSync, openSync } from 'node:fs'
import { LibsqlError } from '@libsql/client'
import { expandConfig } from '@libsql/core/config'
import { limits } from '../../../limits.ts'
import type { Connection, Failure } from '../../engine/connection.ts'
import { busyCodes, type SqliteClient, unavailableCodes } from './client.ts'
import { FileClient } from './file-client.ts'

/**
 * Opens a database file, through the one client of this process. Throws for a URL that names another host.
 *
 * - A call blocks its thread until it returns, so that no time limit could end it earlier. A busy timeout would
 *   block the thread too, so there is none: `withRetries` retries SQLITE_BUSY.
 * - A statement that fails with SQLITE_BUSY is not reset by libSQL, hence a new connection after each failure.
 * - EXPLAIN in a write batch fails at COMMIT.
 * - Nothing else in the process may open the file: POSIX locks belong to the process, and closing any
 *   descriptor of the file drops them.
 */
export async function openFile(url: string): Promise<Connection<SqliteClient>> {
  const { path, authority } = expandConfig({ url }, true)
  const { host = '', port, userinfo } = authority ?? {}
  if (!['', 'localhost'].includes(host) || port !== undefined || userinfo !== undefined)
    throw new Error('A file: address names no other host.')
  // For speed only: FileClient ignores a setting that fails.
  const client = new FileClient(path, [
    `PRAGMA cache_size = -${limits.file.cacheBytes / 1_024}`,
    `PRAGMA wal_autocheckpoint = ${limits.file.checkpointPages}`,
  ])
  let checkpointed = false
  return {
    async run(work) {
      if (!checkpointed) await checkpointOnOpen(client, path)
      checkpointed = true
      return work(client)
    },
    failureOf: (error) => (error instanceof LibsqlError ? failureOf(error) : 'invalid'),
    async reconnect(error) {
      // If this was the last connection to the file, the next one recovers the log from disk.
      if (error instanceof LibsqlError && error.code === 'SQLITE_IOERR') checkpointed = false
      client.reconnect()
    },
    close: () => client.close(),
    lingerMaxMs: 0,
  }
}

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
  const { rows } = await client.execute({ sql: 'PRAGMA wal_checkpoint(TRUNCATE)', args: [] })
  if (rows[0]?.['busy'] === 1 && rows[0]['log'] === -1)
    throw new LibsqlError('others do the same', 'SQLITE_BUSY')
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
