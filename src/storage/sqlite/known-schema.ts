import type { ReadRows } from './database.ts'
import { readKnownMigrations } from './migrations.ts'

export type SchemaRow = { name: string; sql: string | null }

const recorded = '__drizzle_migrations'
const legacyTables = ['items', 'api_keys']
const leftAlone = 'which was left as it is'

/**
 * Throws an Error that says what to do for a database that has tables, but not those that this version
 * of zaas knows: nothing in it may be changed.
 */
export async function assertNotForeign(read: ReadRows): Promise<void> {
  const rows = await read(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'`,
  )
  const tables = rows.map(({ name }) => String(name))
  if (tables.length === 0) return
  if (await isLegacy(read, tables)) {
    throw new Error(
      `it is a database of the legacy zaas, ${leftAlone}: name a new file, and bring its items over with bun run import-legacy.`,
    )
  }
  const hashes = tables.includes(recorded) ? await hashesIn(read) : []
  const known = readKnownMigrations()
  if (!known.some(({ hash }) => hashes.includes(hash)))
    throw new Error(`it is a database of another program, ${leftAlone}: name another.`)
  recordedStatements(hashes)
}

/** Throws an Error that says what to do when an index, a trigger or a column that zaas relies on is not there. */
export async function assertKnownSchema(read: ReadRows, model: ReadRows): Promise<void> {
  const rows = await read(
    `SELECT 'schema' AS kind, name, sql FROM sqlite_schema
     UNION ALL SELECT 'migration', hash, NULL FROM ${recorded}`,
  )
  const of = (wanted: string) => rows.filter(({ kind }) => kind === wanted).map(schemaRow)
  for (const sql of recordedStatements(of('migration').map(({ name }) => name))) await model(sql)
  const expected = await model('SELECT name, sql FROM sqlite_schema')
  assertSameSchema(expected.map(schemaRow), of('schema'))
}

/** The statements of the migrations with these hashes. Throws for one that this version does not know. */
export function recordedStatements(hashes: readonly string[]): string[] {
  const known = readKnownMigrations()
  if (hashes.some((hash) => !known.some((migration) => migration.hash === hash)))
    throw new Error('it was made by a newer version of zaas: start that one, or restore a backup.')
  return known.filter(({ hash }) => hashes.includes(hash)).flatMap(({ sql }) => sql)
}

/** Throws for the first thing that a schema lacks, or has otherwise. It may have more. */
export function assertSameSchema(
  expected: readonly SchemaRow[],
  actual: readonly SchemaRow[],
): void {
  for (const { name, sql } of expected) {
    if (!actual.some((each) => each.name === name && quoted(each.sql) === quoted(sql)))
      throw new Error(`${name} is missing in it, or is not as it should be: restore a backup.`)
  }
}

/** SQLite writes double quotes when a table gets another name. */
const quoted = (sql: string | null) => sql?.replaceAll('`', '"')

async function isLegacy(read: ReadRows, tables: readonly string[]): Promise<boolean> {
  if (!legacyTables.every((table) => tables.includes(table))) return false
  const columns = await read(`SELECT name FROM pragma_table_info('api_keys')`)
  return columns.some(({ name }) => name === 'api_key')
}

const hashesIn = async (read: ReadRows) =>
  (await read(`SELECT hash FROM ${recorded}`)).map(({ hash }) => String(hash))

const schemaRow = ({ name, sql }: Readonly<Record<string, unknown>>): SchemaRow => ({
  name: String(name),
  sql: sql === null ? null : String(sql),
})
