import { Database as Sqlite } from 'bun:sqlite'
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from '@libsql/client'
import { type Contents, checkIntegrity } from '../../src/maintenance/integrity-check.ts'
import { masterKey, tempFolder } from '../support/app.ts'
import { makeOldDatabase } from '../support/old-database.ts'
import { launch, startVariables } from '../support/process.ts'
import { type Server, startServer } from '../support/server.ts'
import { type Sqld, sqldIsHere, startSqld } from '../support/sqld.ts'

const items = 60_000
const folder = tempFolder()
const old = join(folder.path, 'old.db')
const columns = 'id, namespace, item, requestor, matched_at, created_at, deleted_at'

beforeAll(() => makeOldDatabase(old, items))
afterAll(folder.remove)

test('a start waits for as long as another process has an old database locked, then migrates it', async () => {
  const path = copyOfOld()
  const other = new Sqlite(path)
  other.run('BEGIN IMMEDIATE')
  const { child, stdout } = launch(settingsFor(`file:${path}`))
  try {
    await stdout.until(/another process has the database locked: waiting for it/)
    other.run('COMMIT')
    other.close(true)
    await stdout.until(/listening/)
    expect(messages(stdout.text)).toEqual([
      expect.stringMatching(/^the tables are to be migrated \(0004_pools\): \d+ items/),
      'another process has the database locked: waiting for it',
      expect.stringMatching(/^migrated in \d+ s$/),
      'listening',
    ])
  } finally {
    child.kill()
    await child.exited
  }
  expectUnchanged(path)
})

test('of four that start at once on an old database one migrates it, and all serve', async () => {
  const path = copyOfOld()
  const servers = await startAll(4, `file:${path}`)
  try {
    const told = servers.map(({ lines }) => lines.map(({ msg }) => String(msg)))
    const by = (form: RegExp) => told.filter((lines) => lines.some((line) => form.test(line)))
    expect(by(/^migrated in/)).toHaveLength(1)
    await expectOldestGiven(servers)
  } finally {
    await Promise.all(servers.map(({ stop }) => stop()))
  }
})

test.if(sqldIsHere)(
  'on a libSQL server several migrate together, beside others who write, and finish what a killed one has begun',
  async () => {
    const sqld = await startSqld()
    try {
      const url = await sqld.createFrom('zaas', old)
      await killInSteps(url)
      const writer = writeMeanwhile(url)
      const servers = await startAll(3, url)
      try {
        expect(await writer.stop()).toEqual([])
        await expectOldestGiven(servers)
      } finally {
        await Promise.all(servers.map(({ stop }) => stop()))
      }
      await expectIntact(sqld)
    } finally {
      await sqld.stop()
    }
  },
)

/** Kills the first instance once it has moved some of the rows. */
async function killInSteps(url: string): Promise<void> {
  const { child } = launch(settingsFor(url))
  const client = createClient({ url })
  const moved = async () => {
    const { rows } = await client
      .execute('SELECT count(*) AS moved FROM items_new')
      .catch(() => ({ rows: [] }))
    return Number(rows[0]?.['moved'] ?? 0)
  }
  while ((await moved()) === 0) expect(child.exitCode).toBe(null)
  child.kill('SIGKILL')
  await child.exited
  client.close()
  const left = createClient({ url })
  const { rows } = await left.execute('SELECT count(*) AS left FROM items_old')
  expect(Number(rows[0]?.['left'])).toBeGreaterThan(0)
  left.close()
}

/** As an instance of an earlier version does that notes the use of its keys. Returns what went wrong. */
/** One more writer, to whom a busy database is nothing new: what else goes wrong is told. */
function writeMeanwhile(url: string) {
  const client = createClient({ url })
  const failures: unknown[] = []
  let stopped = false
  const written = (async () => {
    while (!stopped) {
      await client.batch(['UPDATE api_keys SET last_used_at = 1'], 'write').catch((error) => {
        if (!/SQLITE_BUSY|TIMEOUT/.test(String(error))) failures.push(error)
      })
    }
  })()
  return {
    stop: async () => {
      stopped = true
      await written
      client.close()
      return failures
    },
  }
}

async function startAll(count: number, url: string): Promise<Server[]> {
  const starts = await Promise.allSettled(Array.from({ length: count }, () => startServer(url)))
  const servers = starts.flatMap((start) => (start.status === 'fulfilled' ? start.value : []))
  if (servers.length < count) for (const { child } of servers) child.kill('SIGKILL')
  for (const start of starts) if (start.status === 'rejected') throw start.reason
  return servers
}

/** The first available items of a pool are behind the head of its old queue. */
async function expectOldestGiven(servers: readonly Server[]): Promise<void> {
  const oldest = rowsIn(old).filter(
    (row) => row.namespace === 'pool-1' && row.deleted_at === null && row.requestor === null,
  )
  const apiKey = (await servers[0]?.keyFor('pool-1'))?.apiKey ?? ''
  const given: unknown[] = []
  for (const [n, server] of servers.entries()) {
    given.push((await server.as('pool-1', apiKey).match(`new-${n}`)).body.item)
  }
  expect(given).toEqual(oldest.slice(0, servers.length).map(({ item }) => item))
}

/** By what restore checks too. */
async function expectIntact(sqld: Sqld): Promise<void> {
  sqld.signal('SIGKILL')
  const copy = join(folder.path, 'from-sqld.db')
  for (const end of ['', '-wal']) {
    copyFileSync(join(sqld.folder, 'sqld/dbs/zaas', `data${end}`), copy + end)
  }
  expectUnchanged(copy, { matched: 3 })
}

/** But for this number of new matches. */
function expectUnchanged(path: string, { matched = 0 } = {}): void {
  const [before, after] = [contentsOf(old), contentsOf(path)]
  const apiKeys = Math.sign(matched)
  expect(after).toEqual({ ...before, matched: before.matched + matched, apiKeys })
  const [was, is] = [rowsIn(old), rowsIn(path)]
  expect(is.filter((row, n) => !Bun.deepEquals(row, was[n]))).toHaveLength(matched)
}

function contentsOf(path: string): Contents {
  const db = new Sqlite(path)
  try {
    return checkIntegrity(db)
  } finally {
    db.close(true)
  }
}

type OldRow = {
  namespace: string
  item: string
  requestor: string | null
  deleted_at: number | null
}

function rowsIn(path: string): OldRow[] {
  const db = new Sqlite(path)
  const rows = db.query<OldRow, []>(`SELECT ${columns} FROM items ORDER BY id`).all()
  db.close(true)
  return rows
}

function copyOfOld(): string {
  const path = join(folder.path, `${crypto.randomUUID()}.db`)
  copyFileSync(old, path)
  return path
}

const settingsFor = (url: string) => ({
  ...{ PORT: '0', HOST: '127.0.0.1', DATABASE_URL: url, MASTER_API_KEYS: masterKey },
  ...startVariables,
})

const messages = (log: string) =>
  log
    .split('\n')
    .slice(0, -1)
    .map((line) => String(JSON.parse(line).msg))
