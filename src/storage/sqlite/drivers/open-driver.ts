import type { Connection } from '../../engine/connection.ts'
import type { SqliteClient } from './client.ts'
import { type Examine, openFile } from './file.ts'
import { FileClient } from './file-client.ts'
import { openServer } from './server.ts'

/** Whether a URL is that of a file; if not, it is that of a libSQL server. */
export const isFile = (url: string) => url.startsWith('file:')

/**
 * Opens a file, or connects to a libSQL server with a token. Throws for an invalid URL, for a file that cannot be
 * used, and what `examine` throws for a file.
 */
export const openDriver = async (
  url: string,
  authToken: string | undefined,
  examine: Examine,
): Promise<Connection<SqliteClient>> =>
  isFile(url) ? openFile(url, examine) : openServer(url, authToken)

/** A new database in memory, which is gone once it is closed. */
export const openMemory = () => new FileClient(':memory:', [])
