import { closeSync, fsyncSync, openSync } from 'node:fs'
import { LibsqlError } from '@libsql/client'
import { expandConfig } from '@libsql/core/config'
import { limits } from '../../../limits.ts'
import type { Connection, Failure } from '../../engine/connection.ts'
import { busyCodes, type SqliteClient, unavailableCodes } from './client.ts'
import { FileClient } from './file-client.ts'

/**
 * A database file, through the one client of this process. Its calls block the thread and end by
 * themselves. A statement that fails with SQLITE_BUSY is not reset, hence a new connection after it.
 */
export async function openFile(url: string): Promise<Connection<SqliteClient>> {
  const { path, authority } = expandConfig({ url }, true)
  const { host = '', port, userinfo } = authority ?? {}
  if (!['', 'localhost'].includes(host) || port !== undefined || userinfo !== undefined)
    throw new Error('A file: address names no other host.')
  // A connection without these is only slower.
  const client = new FileClient(path, [
    `PRAGMA cache_size = -${limits.file.cacheBytes / 1_024}`,
    `PRAGMA wal_autocheckpoint = ${limits.file.checkpointPages}`,
  ])
  let checkpointed = false
  return {
    async run(call) {
      if (!checkpointed) await checkpointOnOpen(client, path)
      checkpointed = true
      return call(client)
    },
    failureOf: (error) => (error instanceof LibsqlError ? failureOf(error) : 'invalid'),
    async reconnect(error) {
      // With the last connection the log can be closed, and is then read anew by the next.
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
 * A process that ends between writing its log and syncing it, or after a failed sync, leaves commits that
 * whoever opens the file next sees, though they may not be on disk: a repeat of theirs must not be
 * answered, and nothing must be appended behind them. So the log is synced, copied into the database and
 * emptied first. Where others hold it open it is synced, which is enough: they keep failed commits hidden.
 *
 * SQLite leaves it to the next commit to sync that the log is empty. Until then a power cut could bring back
 * the log as it was before those commits, and what it has goes before the database: so it is synced here.
 */
async function checkpointOnOpen(client: FileClient, path: string): Promise<void> {
  const { rows } = await client.execute({ sql: 'PRAGMA wal_checkpoint(TRUNCATE)', args: [] })
  if (rows[0]?.['busy'] === 1 && rows[0]['log'] === -1)
    throw new LibsqlError('others do the same', 'SQLITE_BUSY')
  if (rows[0]?.['log'] === 0) syncLog(`${path}-wal`)
}

/** SQLite holds no locks on its log, unlike on the database, so that closing it here drops none. */
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
