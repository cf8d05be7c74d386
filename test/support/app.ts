import pino from 'pino'
import { createApp } from '../../src/app.ts'
import { MasterKeys } from '../../src/domain/master-keys.ts'
import type { Store } from '../../src/domain/store.ts'
import { createJobs } from '../../src/jobs/jobs.ts'
import { requestLog } from '../../src/log.ts'
import { Database } from '../../src/storage/sqlite/database.ts'
import { migrate } from '../../src/storage/sqlite/migrations.ts'
import { sqliteStore } from '../../src/storage/sqlite/store/store.ts'
import { freshDatabase } from './backend.ts'
import { type Caller, callerOf, makeKey } from './caller.ts'

export const masterKey = 'master-key-of-the-tests'
export const firstMoment = Date.parse('2030-01-01T00:00:00.000Z')
export const origin = 'http://localhost'

/**
 * A fresh database with its tables; `path` is that of its file, if it is one. A file is in memory: tests of
 * one process show nothing of what a sync does, and wait for thousands. Tests with servers have theirs on
 * the disk.
 */
export async function tempDatabase() {
  const { url, path, remove } = await freshDatabase({ inMemory: true })
  const db = await Database.open(url)
  await migrate(db)
  const close = async () => {
    await db.close()
    await remove()
  }
  return { db, path, close }
}

/** The real app on a fresh database, without a socket. Its clock stands still until `advance`. */
export async function testApp({
  bodyLimitBytes = 16 * 2 ** 20,
  importLimitBytes = 2 ** 30,
  corsOrigins = [] as readonly string[],
  webhooksAllowPrivate = false,
  wrapStore = (store: Store) => store,
} = {}) {
  const { db, path, close } = await tempDatabase()
  let now = firstMoment
  let ids = 0
  let stopping = false
  const lines: Record<string, unknown>[] = []
  const store = wrapStore(sqliteStore(db))
  const stream = { write: (line: string) => lines.push(JSON.parse(line)) }
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream)
  const clock = () => new Date(now)
  const jobs = createJobs({ store, log, clock, webhooksAllowPrivate })
  jobs.start()
  const app = createApp({
    store,
    log,
    logRequest: requestLog(log, stream),
    clock,
    noteUse: (id) => jobs.keyUses.note(id),
    checkReceiver: jobs.checkReceiver,
    sendSoon: jobs.sendSoon,
    newId: () => String(++ids).padStart(8, '0'),
    masterKeys: new MasterKeys([masterKey]),
    corsOrigins,
    bodyLimitBytes,
    importLimitBytes,
    peerOf: () => ({}),
    keepOpen: () => () => {},
    stopping: () => stopping,
    droppedLogLines: () => 0,
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
    sendSoon: jobs.sendSoon,
    now: () => now,
    /** Does at once what is done every few seconds by real time. */
    sweep: async () => {
      while (await store.sweep({ now, actor: 'process' }));
    },
    announceStop: () => {
      stopping = true
    },
    master: callerOf(send, origin, { 'x-master-api-key': masterKey }),
    nobody: callerOf(send, origin, {}),
    /** A caller with a new key for a namespace. */
    keyFor: (namespace: string, options?: { scopes?: string[]; expiresAt?: string }) =>
      makeKey(send, origin, masterKey, namespace, options),
    close: async () => {
      await jobs.stop()
      await close()
    },
  }
}

export type TestApp = Awaited<ReturnType<typeof testApp>>
export { tempFolder } from './folder.ts'
export type { Caller }
