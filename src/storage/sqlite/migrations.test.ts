import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from '../../../test/support/app.ts'
import { contextAt, requestsAt } from '../../../test/support/context.ts'
import { addBrokenMigration, keepFirstMigrations } from '../../../test/support/migrations.ts'
import { makeOldDatabase, oldMigrations } from '../../../test/support/old-database.ts'
import { checkIntegrity } from '../../maintenance/integrity-check.ts'
import { Database } from './database.ts'
import { matchBatch } from './matches/match-batch.ts'
import { applyInSteps, needsSteps } from './migration-steps.ts'
import { migrate, pendingMigrations, readKnownMigrations } from './migrations.ts'
import { namespaceStats } from './records/stats.ts'
import { changeItems } from './stock/change-items.ts'
import { listItems } from './stock/items.ts'

const drizzle = join(import.meta.dir, '../../../drizzle')

test('a migration that fails changes nothing, in an empty database and in one in use', async () => {
  const folder = tempFolder()
  const broken = join(folder.path, 'drizzle')
  cpSync(drizzle, broken, { recursive: true })
  await addBrokenMigration(broken)
  const db = await Database.open(`file:${join(folder.path, 'zaas.db')}`)
  try {
    await expect(migrate(db, { migrationsFolder: broken })).rejects.toThrow('nowhere')
    expect(await contentsOf(db)).toEqual([])

    await migrate(db)
    const before = await contentsOf(db)
    await expect(migrate(db, { migrationsFolder: broken })).rejects.toThrow('nowhere')
    expect(await contentsOf(db)).toEqual(before)
    expect(await pendingMigrations(db, broken)).toHaveLength(1)
    expect(await pendingMigrations(db)).toEqual([])
  } finally {
    await db.close()
    folder.remove()
  }
})

test('applies nothing twice', async () => {
  const folder = tempFolder()
  const db = await Database.open(`file:${join(folder.path, 'zaas.db')}`)
  try {
    await migrate(db)
    const once = await contentsOf(db)
    await migrate(db)
    expect(await contentsOf(db)).toEqual(once)
  } finally {
    await db.close()
    folder.remove()
  }
})

test('a database without queues gets them, and hands out what stands first', async () => {
  const folder = tempFolder()
  const path = join(folder.path, 'zaas.db')
  const copy = join(folder.path, 'copy.db')
  const inDatabase = async <Result>(use: (db: Database) => Promise<Result>) => {
    const db = await Database.open(`file:${path}`)
    return use(db).finally(() => db.close())
  }
  const inspected = () => {
    // Of a copy: two libraries must not open a file in one process.
    for (const end of ['', '-wal']) if (existsSync(path + end)) cpSync(path + end, copy + end)
    const db = new Sqlite(copy)
    try {
      return checkIntegrity(db)
    } finally {
      db.close(true)
    }
  }
  try {
    const withoutQueues = join(folder.path, 'drizzle')
    cpSync(drizzle, withoutQueues, { recursive: true })
    await keepFirstMigrations(withoutQueues, 2)
    await inDatabase(async (db) => {
      await migrate(db, { migrationsFolder: withoutQueues })
      await db.write([rowsOfEveryKind])
    })
    const before = inspected()
    await inDatabase((db) => migrate(db))
    expect(inspected()).toEqual(before)

    const given = await inDatabase(async (db) => {
      await changeItems(
        db,
        { namespace: 'ns', add: ['removed'], remove: [], release: [] },
        contextAt(2),
      )
      return matchBatch(db, requestsAt(3, 'ns', 'r1', 'r2', 'r3', 'r4'))
    })
    expect(given.map((outcome) => outcome.kind === 'matched' && outcome.item)).toEqual([
      'first',
      'removed',
      'last',
      false,
    ])
    inspected()
  } finally {
    folder.remove()
  }
})

test('a database of version 0.1.0 becomes what a new one is, row by row, and is told of', async () => {
  for (const inSteps of [false, true]) {
    await withOldDatabase(async ({ url, path, before }) => {
      const lines: string[] = []
      const db = await Database.open(url)
      if (inSteps) await beginSteps(db)
      await migrate(db, { tell: (line) => lines.push(line) })
      const schema = await contentsOf(db)
      await db.close()

      expect(lines).toEqual([
        `the tables are to be migrated (0004_pools): ${before.live} items, which may take up to 1 s`,
        expect.stringMatching(/^migrated in \d s$/),
      ])
      inspect(path)
      expect(rowsIn(path)).toEqual(before.rows)
      expect(countsIn(path, 'namespaces')).toEqual(before.counts)
      expect(schema.map(normalized).toSorted()).toEqual(
        (await schemaOfNewDatabase()).map(normalized).toSorted(),
      )
    })
  }
})

test('after it, lists, stats, matches, restores and releases are those of the same rows', async () => {
  for (const inSteps of [false, true]) {
    await withOldDatabase(async ({ url, before }) => {
      const db = await Database.open(url)
      if (inSteps) await beginSteps(db)
      await migrate(db)
      const namespace = 'pool-1'
      const rows = before.rows.filter((row) => row.namespace === namespace)
      const live = rows.filter((row) => row.deleted_at === null)
      const available = live.filter((row) => row.requestor === null)
      const matched = live.filter((row) => row.requestor !== null)
      const listed = async (status?: 'available' | 'matched') => {
        const query = { namespace, status, limit: 1_000, order: 'asc', now: 3 } as const
        return (await listItems(db, query)).items.map(({ item }) => item)
      }
      expect(await listed()).toEqual(live.map(({ item }) => item))
      expect(await listed('available')).toEqual(available.map(({ item }) => item))
      expect(await listed('matched')).toEqual(matched.map(({ item }) => item))
      expect(await namespaceStats(db, namespace, 3)).toEqual({
        ...{ total: live.length, matched: matched.length, available: available.length },
        ...{ held: 0, expired: 0, perDay: 0, runsOutAt: null },
      })

      // Whoever has an item gets it again, and others get the oldest, be it behind the head of the old queue.
      const [holder, first, second] = [matched[0], available[0], available[1]]
      const asked = requestsAt(4, namespace, String(holder?.requestor), 'new', 'newer')
      const given = await matchBatch(db, asked)
      expect(given).toMatchObject([
        { item: holder?.item, alreadyMatched: true, matchedAt: holder?.matched_at },
        { item: first?.item, alreadyMatched: false },
        { item: second?.item, alreadyMatched: false },
      ])

      // What was removed comes back to whom it belonged, and a release puts it at the end.
      const isLive = (item: unknown) => live.some((row) => row.item === item)
      const removed = rows.filter((row) => row.deleted_at !== null && !isLive(row.item))
      const [lost, spare] = [
        removed.find((row) => row.requestor !== null),
        removed.find((row) => row.requestor === null),
      ]
      const nothing = { namespace, add: [], remove: [], release: [] }
      const add = [String(lost?.item), String(spare?.item)]
      expect(await changeItems(db, { ...nothing, add }, contextAt(5))).toMatchObject({
        restored: 2,
      })
      const again = requestsAt(6, namespace, String(lost?.requestor), 'newest')
      expect(await matchBatch(db, again)).toMatchObject([
        { item: lost?.item, alreadyMatched: true },
        { item: spare?.item, alreadyMatched: false },
      ])
      await changeItems(db, { ...nothing, release: [String(holder?.item)] }, contextAt(7))
      expect((await listed('available')).at(-1)).toBe(String(holder?.item))
      await db.close()
    })
  }
})

test('what version 0.1.0 does to items fails after the migration, and in the middle of its steps', async () => {
  await withOldDatabase(async ({ url, path, before }) => {
    const db = await Database.open(url)
    await beginSteps(db)
    for (const { sql } of statementsOfOldVersion)
      await expect(db.write([{ sql, params: [] }])).rejects.toThrow('no such table')
    expect(() => inspect(path)).toThrow('is missing in it')
    await migrate(db)
    for (const { sql, fails } of statementsOfOldVersion)
      await expect(db.write([{ sql, params: [] }])).rejects.toThrow(fails)
    await db.close()
    expect(rowsIn(path)).toEqual(before.rows)
  })
})

test('a migration that keeps the old triggers is found by the schema it leaves', async () => {
  const folder = tempFolder()
  const mutant = join(folder.path, 'drizzle')
  cpSync(drizzle, mutant, { recursive: true })
  const file = join(mutant, '0004_pools.sql')
  const sql = await Bun.file(file).text()
  const kept = sql
    .replaceAll(/DROP TRIGGER items_count_\w+;--> statement-breakpoint\n/g, '')
    .replace('DROP TABLE `namespace_stats`;--> statement-breakpoint\n', '')
  expect(kept.length).toBeLessThan(sql.length)
  await Bun.write(file, kept)
  await withOldDatabase(async ({ url }) => {
    const db = await Database.open(url)
    await migrate(db, { migrationsFolder: mutant })
    const schema = (await contentsOf(db)).map(normalized)
    await db.close()
    const wanted = (await schemaOfNewDatabase()).map(normalized)
    expect(schema.filter((each) => !wanted.includes(each)).join()).toContain('items_count_update')
  })
  folder.remove()
})

/** A database of version 0.1.0 with rows of every kind, and what is in it. */
async function withOldDatabase(
  use: (old: { url: string; path: string; before: Before }) => Promise<void>,
): Promise<void> {
  const folder = tempFolder()
  const path = join(folder.path, 'zaas.db')
  makeOldDatabase(path, 1_000)
  const counts = countsIn(path, 'namespace_stats')
  const live = counts.reduce((sum, { total }) => sum + total, 0)
  try {
    await use({ url: `file:${path}`, path, before: { rows: rowsIn(path), counts, live } })
  } finally {
    folder.remove()
  }
}

type Before = { rows: OldRow[]; counts: Counts[]; live: number }
type Counts = { namespace: string; total: number; matched: number }
type OldRow = {
  namespace: string
  item: string
  requestor: string | null
  matched_at: number | null
  deleted_at: number | null
}

/** As an instance leaves it that is killed after the first steps on a libSQL server. */
async function beginSteps(db: Database): Promise<void> {
  const migration = readKnownMigrations().find(needsSteps)
  if (!migration) throw new Error('There is no such migration.')
  let steps = 0
  const isApplied = async () => ++steps > 3
  await applyInSteps(db, migration, {
    record: { sql: 'not reached', params: [] },
    before: readKnownMigrations()
      .slice(0, oldMigrations)
      .flatMap(({ sql }) => sql),
    isApplied,
  })
}

/** What only writes, so that it needs no version 0.1.0 to be tried; `test/moves/` tries a whole one. */
const statementsOfOldVersion = [
  {
    sql: `INSERT INTO items (namespace, item, created_at) SELECT 'pool-1', 'NEW', 1 WHERE true
          ON CONFLICT (namespace, item) WHERE deleted_at IS NULL DO NOTHING`,
    fails: 'ON CONFLICT',
  },
  {
    sql: `UPDATE items SET requestor = 'r', matched_at = 1 WHERE id IN (SELECT id FROM items
          WHERE namespace = 'pool-1' AND deleted_at IS NULL AND passed_over IS NOT NULL ORDER BY id LIMIT 1)`,
    fails: 'passed_over',
  },
  {
    sql: `UPDATE items SET deleted_at = 1 WHERE namespace = 'pool-1' AND id >= (
          SELECT queue_start FROM namespace_stats WHERE namespace = 'pool-1')`,
    fails: 'namespace_stats',
  },
]

/** Of a copy: two libraries must not open a file in one process. */
function inCopy<Outcome>(path: string, use: (db: Sqlite) => Outcome): Outcome {
  const copy = `${path}.copy`
  for (const end of ['', '-wal']) if (existsSync(path + end)) cpSync(path + end, copy + end)
  const db = new Sqlite(copy)
  try {
    return use(db)
  } finally {
    db.close(true)
    for (const end of ['', '-wal', '-shm']) rmSync(copy + end, { force: true })
  }
}

const inspect = (path: string) => inCopy(path, checkIntegrity)
const inFile = <Value>(path: string, sql: string) =>
  inCopy(path, (db) => db.query<Value, []>(sql).all())

const rowsIn = (path: string) =>
  inFile<OldRow>(
    path,
    'SELECT id, namespace, item, requestor, matched_at, created_at, deleted_at FROM items ORDER BY id',
  )
const countsIn = (path: string, table: string) =>
  inFile<Counts>(path, `SELECT namespace, total, matched FROM ${table} ORDER BY namespace`)

/** SQLite quotes the name of a table otherwise once it was changed. */
const normalized = (row: unknown) => JSON.stringify(row).replaceAll('`', '\\"')

async function schemaOfNewDatabase(): Promise<unknown[]> {
  const folder = tempFolder()
  const db = await Database.open(`file:${join(folder.path, 'zaas.db')}`)
  await migrate(db)
  const contents = await contentsOf(db)
  await db.close()
  folder.remove()
  return contents
}

const rowsOfEveryKind = {
  sql: `INSERT INTO items (namespace, item, requestor, matched_at, created_at, deleted_at) VALUES
          ('ns', 'matched', 'a', 1, 0, NULL), ('ns', 'first', NULL, NULL, 0, NULL),
          ('ns', 'removed', NULL, NULL, 0, 1), ('ns', 'matched later', 'b', 1, 0, NULL),
          ('ns', 'last', NULL, NULL, 0, NULL), ('gone', 'was matched', 'c', 1, 0, 1)`,
  params: [],
}

/** The schema, and which migrations are recorded. */
async function contentsOf(db: Database): Promise<unknown[]> {
  const { rows: schema } = await db.read({ sql: 'SELECT name, sql FROM sqlite_schema', params: [] })
  if (schema.length === 0) return []
  const { rows: applied } = await db.read({
    sql: 'SELECT * FROM __drizzle_migrations',
    params: [],
  })
  return [...schema, ...applied].map((row) => ({ ...row }))
}
