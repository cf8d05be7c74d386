import { expect, test } from 'bun:test'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from '../../test/support/app.ts'
import { addBrokenMigration } from '../../test/support/migrations.ts'
import { Database } from './database.ts'
import { migrate, pendingMigrations } from './migrations.ts'

const drizzle = join(import.meta.dir, '../../drizzle')

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
