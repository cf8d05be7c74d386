import { expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { generateSQLiteDrizzleJson, generateSQLiteMigration } from 'drizzle-kit/api'
import * as schema from './schema.ts'

const folder = join(import.meta.dir, '../../../drizzle/meta')

test('the migrations in drizzle/ lead to this schema', async () => {
  const latest = readdirSync(folder)
    .filter((name) => name.endsWith('_snapshot.json'))
    .sort()
    .at(-1)
  const migrated = await Bun.file(join(folder, String(latest))).json()
  const wanted = await generateSQLiteDrizzleJson(schema, migrated.id)

  expect(await generateSQLiteMigration(migrated, wanted)).toEqual([])
})
