import { existsSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { createApp } from '../../src/app.ts'
import { Database } from '../../src/db/database.ts'
import { migrate } from '../../src/db/migrations.ts'
import { runOperation, storeOf } from '../../src/db/store.ts'
import { type Caller, callerOf, makeKey } from './caller.ts'

export const masterKey = 'test-master-key'
export const firstMoment = Date.parse('2030-01-01T00:00:00.000Z')
export const origin = 'http://localhost'

const memory = '/dev/shm'
const memoryMinBytes = 2 ** 30

/** A fresh folder for the files of one test; `remove` takes it away. */
export function tempFolder(parent = tmpdir()): { path: string; remove: () => void } {
  const path = mkdtempSync(join(parent, 'zaas-test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/**
 * A fresh database file with its tables, in memory where there is room: tests of one process show nothing
 * of what a sync does, and wait for thousands. Tests with servers have theirs on the disk.
 */
export async function tempDatabase() {
  const folder = tempFolder(hasRoom(memory) ? memory : tmpdir())
  const path = join(folder.path, 'zaas.db')
  const db = await Database.open(`file:${path}`)
  await migrate(db)
  const close = async () => {
    await db.close()
    folder.remove()
  }
  return { db, path, close }
}

function hasRoom(path: string): boolean {
  if (!existsSync(path)) return false
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize >= memoryMinBytes
}

/** The real app on a fresh database, without a socket. Its clock stands still until `advance`. */
export async function testApp({ bodyLimitBytes = 16 * 2 ** 20, importLimitBytes = 2 ** 30 } = {}) {
  const { db, path, close } = await tempDatabase()
  let now = firstMoment
  let ids = 0
  let stopping = false
  const lines: Record<string, unknown>[] = []
  const app = createApp({
    store: storeOf((name, args) => runOperation(db, name, args)),
    log: pino({ base: null }, { write: (line: string) => lines.push(JSON.parse(line)) }),
    clock: () => new Date(now),
    newId: () => String(++ids).padStart(8, '0'),
    masterApiKeys: [masterKey],
    bodyLimitBytes,
    importLimitBytes,
    stopping: () => stopping,
  })
  const send = async (request: Request) => app.handle(request)
  return {
    app,
    db,
    path,
    send,
    /** The log so far, a parsed line each. Access lines are written just after the answer. */
    lines,
    advance: (ms: number) => {
      now += ms
    },
    announceStop: () => {
      stopping = true
    },
    master: callerOf(send, origin, { 'x-master-api-key': masterKey }),
    nobody: callerOf(send, origin, {}),
    /** A caller with a new key for a namespace. */
    keyFor: (namespace: string, options?: { scopes?: string[]; expiresAt?: string }) =>
      makeKey(send, origin, masterKey, namespace, options),
    close,
  }
}

export type TestApp = Awaited<ReturnType<typeof testApp>>
export type { Caller }
