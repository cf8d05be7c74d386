import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from '../../../test/support/app.ts'
import { contextAt, requestsAt } from '../../../test/support/context.ts'
import { addBrokenMigration, keepFirstMigrations } from '../../../test/support/migrations.ts'
import { checkIntegrity } from '../../maintenance/integrity-check.ts'
import { Database } from './database.ts'
import { changeItems } from './item-changes.ts'
import { matchBatch } from './match.ts'
import { migrate, pendingMigrations } from './migrations.ts'

const drizzle = join(import.meta.dir, '../../../drizzle')

test('a migration that fails changes nothing, in an empty database and in one in use', async () => {
  const folder = tempFolder()
  const broken = join(folder.path, 'drizzle')
  cpSync(drizzle, broken, { recursive: true })
  await addBrokenMigration(broken)
  const db = await Database.open(`file:${join(folder.path, 'zaas.db')}`)
  try {
    await expect(migrate(db, broken)).rejects.toThrow('nowhere')
    expect(await contentsOf(db)).toEqual([])

    await migrate(db)
    const before = await contentsOf(db)
    await expect(migrate(db, broken)).rejects.toThrow('nowhere')
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
      await migrate(db, withoutQueues)
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
