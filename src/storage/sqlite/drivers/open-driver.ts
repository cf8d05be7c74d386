import type { Connection } from '../../engine/connection.ts'
import type { SqliteClient } from './client.ts'
import { openFile } from './file.ts'
import { openServer } from './server.ts'

/** Whether an address is that of a file, or else of a libSQL server. */
export const isFile = (url: string) => url.startsWith('file:')

/** Opens a file, or a libSQL server with a token. Throws for an address that makes no sense. */
export const openDriver = async (
  url: string,
  authToken?: string,
): Promise<Connection<SqliteClient>> => (isFile(url) ? openFile(url) : openServer(url, authToken))
