import { existsSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tempFolder } from './folder.ts'
import { createDatabase, dropDatabase } from './sqld.ts'

/** The ports of the sqld that test/sqld.ts started: the same tests run on it as on files otherwise. */
const [http, admin] = process.env['SQLD_PORTS']?.split(',').map(Number) ?? []

/** Whether databases are on a sqld. Tests about files alone are skipped there. */
export const onSqld = http !== undefined

const memory = '/dev/shm'
const memoryMinBytes = 2 ** 30

/**
 * The address of a new database, empty, and the path of its file, if it is one. `inMemory` keeps the file
 * in memory where there is room.
 */
export async function freshDatabase({ inMemory }: { inMemory: boolean }): Promise<{
  url: string
  path: string
  remove: () => Promise<void>
}> {
  if (http === undefined || admin === undefined) {
    const folder = tempFolder(inMemory && hasRoom(memory) ? memory : tmpdir())
    const path = join(folder.path, 'zaas.db')
    return { url: `file:${path}`, path, remove: async () => folder.remove() }
  }
  const name = `test-${crypto.randomUUID()}`
  const url = await createDatabase({ http, admin }, name, 'strong')
  return { url, path: '', remove: () => dropDatabase(admin, name) }
}

function hasRoom(path: string): boolean {
  if (!existsSync(path)) return false
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize >= memoryMinBytes
}
