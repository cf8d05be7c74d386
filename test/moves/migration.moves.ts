import { Database as Sqlite } from 'bun:sqlite'
import { afterAll, expect, test } from 'bun:test'
import { copyFileSync, existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { checkIntegrity } from '../../src/maintenance/integrity-check.ts'
import { masterKey, tempFolder } from '../support/app.ts'
import { report } from '../support/figures.ts'
import { at } from '../support/instances.ts'
import { makeOldDatabase } from '../support/old-database.ts'
import { launch, startVariables } from '../support/process.ts'
import { type Server, startServer } from '../support/server.ts'

/** Ten million with `bun run test:migration`. */
const items = Number(process.env['MIGRATION_ITEMS'] ?? 500_000)
/** The contract is 10 s a million, on a machine that does nothing else. */
const secondsMax = 5 + (items / 1_000_000) * 10
const residentMaxMiB = 256
const pollMs = 20
const folder = tempFolder()
const path = join(folder.path, 'zaas.db')
const old = join(folder.path, 'old.db')
const url = `file:${path}`
const startMaxMs = 60_000 + items / 10
const settings = {
  PORT: '0',
  HOST: '127.0.0.1',
  DATABASE_URL: url,
  MASTER_API_KEYS: masterKey,
  ...startVariables,
}

afterAll(folder.remove)

test(
  'a migration that is killed leaves the old database; of two that start then one migrates it, and both serve',
  async () => {
    makeOldDatabase(path, items)
    copyFileSync(path, old)
    const before = inspect(path)
    expect(before.state).toBe('old')

    const killedAtLogBytes = await killInMigration()
    expect(inspect(path)).toEqual(before)

    const log = watchLog()
    const servers = await Promise.all([
      startServer(url, { startMaxMs }),
      startServer(url, { startMaxMs }),
    ])
    try {
      const [seconds, waiting] = secondsTold(servers)
      const residentMiB = servers.map(({ pid }) => peakMiB(pid))
      report(`migration of ${items} items`, {
        seconds,
        residentMiB,
        logMB: megabytes(log.stop()),
        killedAtLogMB: megabytes(killedAtLogBytes),
        databaseMB: [old, path].map((file) => megabytes(statSync(file).size)),
      })
      expect(waiting).toContain('another process has migrated the database')
      expect(seconds).toBeLessThan(secondsMax)
      expect(Math.max(...residentMiB)).toBeLessThan(residentMaxMiB)
      await expectToServe(servers)
    } finally {
      log.stop()
      await Promise.all(servers.map(({ stop }) => stop()))
    }
    expect(changedRows()).toBe(servers.length)
    expect(inspect(path).state).toBe('new')
  },
  100_000 + items / 10,
)

/** Kills a server once a part of the new tables is in the log. Returns how much. */
async function killInMigration(): Promise<number> {
  const { child, stdout } = launch(settings)
  await stdout.until(/to be migrated/)
  while (logBytes() < statSync(old).size / 10) await Bun.sleep(pollMs)
  child.kill('SIGKILL')
  await child.exited
  expect(stdout.text).not.toMatch(/migrated in/)
  return logBytes()
}

function inspect(file: string) {
  const db = new Sqlite(file)
  db.run('PRAGMA cache_size = -500000')
  try {
    const contents = checkIntegrity(db)
    const counted = db.query(`SELECT 1 FROM sqlite_schema WHERE name = 'namespace_stats'`).get()
    return { contents, state: counted ? 'old' : 'new' }
  } finally {
    db.close(true)
  }
}

/** What the server says that has migrated the database, and the other's lines. */
function secondsTold(servers: readonly Server[]): [seconds: number, others: string[]] {
  const told = servers.map(({ lines }) => lines.map(({ msg }) => String(msg)))
  const seconds = told.map((lines) =>
    lines.flatMap((line) => /^migrated in (\d+) s/.exec(line)?.[1] ?? []),
  )
  const winner = seconds.findIndex(({ length }) => length > 0)
  return [Number(seconds[winner]?.[0]), told[1 - winner] ?? []]
}

/** Each namespace gives what stands first, be it before the head of its old queue. */
async function expectToServe(servers: readonly Server[]): Promise<void> {
  const db = new Sqlite(old, { readonly: true })
  const first = db
    .query<{ item: string }, []>(
      `SELECT item FROM items WHERE namespace = 'pool-1' AND deleted_at IS NULL AND requestor IS NULL ORDER BY id LIMIT 2`,
    )
    .all()
  db.close(true)
  const { apiKey } = await at(servers, 0).keyFor('pool-1')
  const given: unknown[] = []
  for (const [n, server] of servers.entries()) {
    given.push((await server.as('pool-1', apiKey).match(`new-${n}`)).body.item)
  }
  expect(given).toEqual(first.map(({ item }) => item))
}

/** The rows that are not as they were. */
function changedRows(): number {
  const db = new Sqlite(path)
  db.run('ATTACH ? AS old', [old])
  const same = ['namespace', 'item', 'requestor', 'matched_at', 'created_at', 'deleted_at']
    .map((column) => `was.${column} IS now.${column}`)
    .join(' AND ')
  const changed = db
    .query<{ count: number }, []>(
      `SELECT (SELECT count(*) FROM old.items) - count(*) AS count
       FROM old.items AS was CROSS JOIN main.items AS now USING (id) WHERE ${same}`,
    )
    .get()
  db.close(true)
  return Number(changed?.count)
}

const logBytes = () => (existsSync(`${path}-wal`) ? statSync(`${path}-wal`).size : 0)
const megabytes = (bytes: number) => Math.round(bytes / 1e6)
const peakMiB = (pid: number) =>
  Math.round(
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024,
  )

/** The longest that the log of the database gets until `stop`. */
function watchLog() {
  let peak = 0
  const timer = setInterval(() => {
    peak = Math.max(peak, logBytes())
  }, pollMs)
  return {
    stop: () => {
      clearInterval(timer)
      return peak
    },
  }
}
