import { Database as Sqlite } from 'bun:sqlite'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { makeBackup } from '../../src/maintenance/backup.ts'
import { restoreBackup } from '../../src/maintenance/restore.ts'
import { createApiKey } from '../../src/storage/sqlite/api-keys.ts'
import { Database } from '../../src/storage/sqlite/database.ts'
import { matchBatch } from '../../src/storage/sqlite/matches/match-batch.ts'
import { migrate } from '../../src/storage/sqlite/migrations.ts'
import { changeItems } from '../../src/storage/sqlite/stock/change-items.ts'
import { tempFolder } from '../support/app.ts'
import { contextAt, requestsAt } from '../support/context.ts'
import { forEachOf, withServers } from '../support/instances.ts'
import { openLate } from '../support/late-connection.ts'
import { root, runCommand } from '../support/process.ts'
import { startServer } from '../support/server.ts'

const templates = tempFolder()
const template = join(templates.path, 'zaas.db')
let folder: ReturnType<typeof tempFolder>
const at = (name: string) => join(folder.path, name)
const quiet = { force: false, tell: () => {} }
const restore = (file: string, place: string, force = false) =>
  restoreBackup(file, place, { ...quiet, force, now: new Date(0) })

beforeAll(() => makeDatabase(template))
afterAll(templates.remove)
beforeEach(() => {
  folder = tempFolder()
  copyFileSync(template, at('zaas.db'))
})
afterEach(() => folder.remove())

test('a backup under load has every match told before it, and restored it answers the same', async () => {
  await withServers(1, async ([server], path) => {
    if (!server) throw new Error('There is no server.')
    const shop = await server.keyFor('shop')
    await shop.patch({ add: Array.from({ length: 4_000 }, (_, n) => `ITEM-${n}`) })
    const told = new Map<string, string | undefined>()
    const match = async (requestor: string) => {
      const { status, body } = await shop.match(requestor)
      expect([status, body.success]).toEqual([200, true])
      told.set(requestor, body.item)
    }
    await forEachOf([...Array(200).keys()], 8, (n) => match(`before-${n}`))
    const before = new Map(told)
    let done = false
    const backup = runCommand('backup', [at('copy')], `file:${path}`).finally(() => {
      done = true
    })
    await forEachOf([...Array(1_000).keys()], 8, async (n) => {
      if (!done) await match(`during-${n}`)
    })
    expect(await backup).toMatchObject({ exitCode: 0, stderr: '' })
    expect(told.size).toBeGreaterThan(before.size)

    const live = await runCommand('restore', [at('copy'), '--force'], `file:${path}`)
    expect(live).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('stop the server') })
    expect((await shop.match('before-0')).body.item).toBe(before.get('before-0'))

    const place = `file:${at('restored.db')}`
    expect(await runCommand('restore', [at('copy')], place)).toMatchObject({ exitCode: 0 })
    const restored = await startServer(place)
    try {
      const there = restored.as('shop', shop.apiKey)
      const { matched } = (await there.stats()).body
      await forEachOf([...before], 8, async ([requestor, item]) => {
        expect((await there.match(requestor)).body).toMatchObject({ item, alreadyMatched: true })
      })
      expect((await there.match('new')).body.item).toBe(`ITEM-${matched}`)
    } finally {
      await restored.stop()
    }
  })
}, 60_000)

test('a copy has the same rows under the same row ids, indices, triggers and migrations', async () => {
  // Rows are never deleted, so this makes gaps that a copy could close.
  edit(
    at('zaas.db'),
    'UPDATE items SET id = id + 10 WHERE id > 2',
    'DELETE FROM api_keys WHERE rowid = 1',
  )
  const before = rowsOf(at('zaas.db'))
  const contents = makeBackup(at('zaas.db'), at('copy'), quiet)
  restore(at('copy'), at('restored.db'))

  expect(contents).toEqual({ namespaces: 1, items: 3, matched: 1, removed: 1, apiKeys: 2 })
  expect(before['items']?.map(({ row }) => row)).toEqual([1, 2, 13, 14])
  expect(before['api_keys']?.map(({ row }) => row)).toEqual([2, 3])
  expect(rowsOf(at('copy'))).toEqual(before)
  expect(rowsOf(at('restored.db'))).toEqual(before)
  expect(readdirSync(folder.path).toSorted()).toEqual(
    expect.arrayContaining(['copy', 'restored.db', 'zaas.db']),
  )
})

test.each([
  ['is no database', (path: string) => writeFileSync(path, 'no database')],
  ['is empty', (path: string) => writeFileSync(path, '')],
  [
    'is a database of something else',
    (path: string) => edit(path, 'DROP TABLE __drizzle_migrations'),
  ],
  [
    'is of a newer version',
    (path: string) => edit(path, 'UPDATE __drizzle_migrations SET hash = id'),
  ],
  ['has a damaged page', damage],
  ['lacks an index', (path: string) => edit(path, 'DROP INDEX items_live_item_unique')],
  ['lacks the index of a queue', (path: string) => edit(path, 'DROP INDEX items_queue')],
  [
    'lacks an available item in its queue',
    (path: string) =>
      edit(
        path,
        `UPDATE items SET expires_at = 1 + 1000 * unixepoch('now', '+1 day') WHERE requestor IS NULL;
         UPDATE namespaces SET expiring_head = 99`,
      ),
  ],
  ['has a hold of nobody', (path: string) => edit(path, 'UPDATE items SET held_until = 1')],
  ['counts wrongly', (path: string) => edit(path, 'UPDATE namespaces SET matched = 0')],
  [
    'has a match without a time',
    (path: string) => edit(path, 'UPDATE items SET matched_at = NULL'),
  ],
])('a file that %s is not restored, and nothing changes', async (_, spoil) => {
  makeBackup(at('zaas.db'), at('copy'), quiet)
  spoil(at('copy'))
  const before = filesIn(folder.path)

  expect(() => restore(at('copy'), at('zaas.db'), true)).toThrow(at('copy'))
  expect(() => restore(at('copy'), at('new.db'))).toThrow(at('copy'))
  expect(filesIn(folder.path)).toEqual(before)
})

test('an existing file is replaced only by force, and never the database by its own copy', async () => {
  makeBackup(at('zaas.db'), at('copy'), quiet)
  const before = filesIn(folder.path)
  expect(() => makeBackup(at('zaas.db'), at('copy'), quiet)).toThrow('exists already')
  expect(() => makeBackup(at('zaas.db'), at('zaas.db'), { ...quiet, force: true })).toThrow(
    'itself',
  )
  expect(() => restore(at('copy'), at('zaas.db'))).toThrow('exists already')
  expect(() => restore(at('zaas.db'), at('zaas.db'), true)).toThrow('itself')
  expect(filesIn(folder.path)).toEqual(before)

  makeBackup(at('zaas.db'), at('copy'), { ...quiet, force: true })
  const { aside } = restore(at('copy'), at('zaas.db'), true)
  expect(aside).toBe(at('zaas.db.replaced-19700101T000000Z'))
  expect(rowsOf(String(aside))).toEqual(rowsOf(at('zaas.db')))
})

test('what was kept aside before is not lost to a restore in the same second', () => {
  makeBackup(at('zaas.db'), at('copy'), quiet)
  edit(at('zaas.db'), "UPDATE items SET item = 'FIRST' WHERE id = 1")
  restore(at('copy'), at('zaas.db'), true)

  expect(() => restore(at('copy'), at('zaas.db'), true)).toThrow('EEXIST')
  expect(itemsIn(at('zaas.db.replaced-19700101T000000Z'))[0]).toBe('FIRST')
  expect(rowsOf(at('zaas.db'))).toEqual(rowsOf(at('copy')))
})

test('what a killed server has left in its log is kept aside too, and is not applied to the new one', async () => {
  renameSync(at('zaas.db'), at('old.db'))
  makeBackup(at('old.db'), at('copy'), quiet)
  const db = await Database.open(`file:${at('old.db')}`)
  await changeItems(db, { namespace: 'shop', add: ['LATE'], remove: [], release: [] }, contextAt(5))
  // As a killed server leaves them: without the last of its checkpoints.
  for (const end of ['', '-wal']) copyFileSync(at(`old.db${end}`), at(`zaas.db${end}`))
  await db.close()

  const { aside } = restore(at('copy'), at('zaas.db'), true)

  expect(existsSync(at('zaas.db-wal'))).toBe(false)
  expect(itemsIn(String(aside))).toEqual(['A', 'B', 'C', 'B', 'LATE'])
  expect(itemsIn(at('zaas.db'))).toEqual(['A', 'B', 'C', 'B'])
})

test('a log without its database goes aside, and is not applied to the new one', () => {
  makeBackup(at('zaas.db'), at('copy'), quiet)
  writeFileSync(at('lost.db-wal'), 'a log')
  expect(() => restore(at('copy'), at('lost.db'))).toThrow('exists already')

  const aside = String(restore(at('copy'), at('lost.db'), true).aside)

  expect(existsSync(at('lost.db-wal'))).toBe(false)
  expect(readFileSync(`${aside}-wal`, 'utf8')).toBe('a log')
  expect(rowsOf(at('lost.db'))).toEqual(rowsOf(at('copy')))
})

test('a damaged database is replaced, and goes aside together with its log', async () => {
  makeBackup(at('zaas.db'), at('copy'), quiet)
  writeFileSync(at('zaas.db'), 'no database')
  writeFileSync(at('zaas.db-wal'), 'no log')

  const aside = String(restore(at('copy'), at('zaas.db'), true).aside)

  expect(readFileSync(aside, 'utf8')).toBe('no database')
  expect(readFileSync(`${aside}-wal`, 'utf8')).toBe('no log')
  expect(rowsOf(at('zaas.db'))).toEqual(rowsOf(at('copy')))
})

test('who has opened the database just before a restore cannot write to what is put aside', async () => {
  makeBackup(at('zaas.db'), at('copy'), quiet)
  const late = await openLate(at('zaas.db'))
  try {
    const aside = String(restore(at('copy'), at('zaas.db'), true).aside)
    const before = [rowsOf(aside), rowsOf(at('zaas.db'))]

    expect(await late.write()).toBe('SQLITE_READONLY_DBMOVED SQLITE_READONLY_DBMOVED')
    expect([rowsOf(aside), rowsOf(at('zaas.db'))]).toEqual(before)
  } finally {
    await late.stop()
  }
})

test('a restored database can be written by who owned the one before, whatever its backup allowed', () => {
  makeBackup(at('zaas.db'), at('copy'), quiet)
  chmodSync(at('copy'), 0o400)
  chmodSync(at('zaas.db'), 0o640)
  restore(at('copy'), at('zaas.db'), true)
  restore(at('copy'), at('new.db'))

  expect(statSync(at('zaas.db')).mode & 0o777).toBe(0o640)
  expect(statSync(at('new.db')).mode & 0o777).toBe(0o600)
})

const runs: { args: string[]; url?: string; exitCode: number; stderr: RegExp }[] = [
  { args: [], exitCode: 2, stderr: /^Usage: bun run backup FILE/ },
  { args: ['a', 'b'], exitCode: 2, stderr: /^Usage/ },
  { args: ['/no/such/copy'], exitCode: 1, stderr: /^zaas backup failed: [^\n]*no\/such[^\n]*\n$/ },
  { args: ['a'], url: 'http://127.0.0.1:1', exitCode: 1, stderr: /^[^\n]*docs\/scaling.md\n$/ },
  { args: ['a'], url: 'file:/no/such.db', exitCode: 1, stderr: /^[^\n]*does not exist\n$/ },
]
test.each(runs)(
  'backup $args, $url, ends with $exitCode',
  async ({ args, url, exitCode, stderr }) => {
    const run = await runCommand(
      'backup',
      args.map((name) => join(folder.path, name)),
      url ?? `file:${at('zaas.db')}`,
    )

    expect(run).toMatchObject({ exitCode, stderr: expect.stringMatching(stderr) })
    expect(existsSync(at('a'))).toBe(false)
  },
)

test('a disk without room for the copy fails with one line, and nothing is left', async () => {
  const command = `ulimit -f 40; exec '${process.execPath}' --no-env-file src/index.ts backup '${at('copy')}'`
  const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: `file:${at('zaas.db')}` }
  const child = Bun.spawn(['bash', '-c', command], { cwd: root, env, stderr: 'pipe' })

  expect(await new Response(child.stderr).text()).toMatch(/^zaas backup failed: [^\n]*\n$/)
  expect(await child.exited).toBe(1)
  expect(readdirSync(folder.path).filter((name) => !name.startsWith('zaas.db'))).toEqual([])
})

/** A database with a match that was released and one that was not, and three keys. No process has it open. */
async function makeDatabase(path: string): Promise<void> {
  const db = await Database.open(`file:${path}`)
  await migrate(db)
  await changeItems(
    db,
    { namespace: 'shop', add: ['A', 'B', 'C'], remove: [], release: [] },
    contextAt(1),
  )
  await matchBatch(db, requestsAt(2, 'shop', 'u', 'v'))
  await changeItems(db, { namespace: 'shop', add: [], remove: [], release: ['B'] }, contextAt(3))
  for (const apiKey of ['one', 'two', 'three']) {
    const rest = { namespace: 'shop', name: null, scopes: [], expiresAt: null }
    await createApiKey(db, { id: `key_${apiKey}`, apiKey, ...rest }, contextAt(4))
  }
  await db.close()
  // The client closes the file when its objects are collected.
  Bun.gc(true)
}

function edit(path: string, ...statements: string[]): void {
  const db = new Sqlite(path)
  for (const statement of statements) db.run(statement)
  db.run('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close(true)
}

/** Spoils the page of an index, which reading the tables does not notice. */
function damage(path: string): void {
  const db = new Sqlite(path)
  const find = "SELECT rootpage FROM sqlite_schema WHERE name = 'items_queue'"
  const page = db.query<{ rootpage: number }, []>(find).get()?.rootpage ?? 0
  db.close(true)
  const bytes = readFileSync(path)
  bytes.fill(0x55, page * 4_096 - 512, page * 4_096)
  writeFileSync(path, bytes)
}

/** All rows of all tables with their row ids, the schema among them. */
function rowsOf(path: string): Record<string, { row: number }[]> {
  const db = new Sqlite(path, { readonly: true })
  const tables = db
    .query<{ name: string }, []>("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .all()
  const rows = Object.fromEntries(
    tables.map(({ name }) => [
      name,
      db.query<{ row: number }, []>(`SELECT rowid AS row, * FROM ${name} ORDER BY row`).all(),
    ]),
  )
  const schema = db.query<{ row: number }, []>('SELECT type, name, sql FROM sqlite_schema').all()
  db.close(true)
  return {
    ...rows,
    schema: schema.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  }
}

function itemsIn(path: string): string[] {
  return (rowsOf(path)['items'] as unknown as { item: string }[]).map(({ item }) => item)
}

/** The bytes of every file of a folder. */
function filesIn(path: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(path)
      .toSorted()
      .map((name) => [name, readFileSync(join(path, name), 'hex')]),
  )
}
