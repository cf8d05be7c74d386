import type { Connection } from '../../engine/connection.ts'
import type { SqliteClient } from './client.ts'
import { openFile } from './file.ts'
import { openServer } from './server.ts'

/** Whether a URL is that of a file; if not, it is that of a libSQL server. */
export const isFile = (url: string) => url.startsWith('file:')

/** Opens a file, or connects to a libSQL server with a token. Throws for an invalid URL. */
export const openDriver = async (
  url: string,
  authToken?: string,
): Promise<Connection<SqliteClient>> => (isFile(url) ? openFile(url) : openServer(url, authToken))
