import { join } from 'node:path'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { UnknownOutcome } from '../engine/retry.ts'
import type { Database, Statement } from './database.ts'
import { isUniqueViolation } from './drivers/client.ts'

const folder = join(import.meta.dir, '../../../drizzle')
const table = '__drizzle_migrations'

/** Which of all migrations `migrate` has applied. */
export type Migrated = 'all' | 'some' | 'nothing'

/**
 * Applies the pending migrations in one transaction. Safe when several processes start at once: each records
 * the hashes of the migrations that it applies, a unique index lets one process through, and the others find
 * the work done. The table is drizzle-kit's own, so `db:migrate` sees the same state.
 */
export async function migrate(database: Database, migrationsFolder = folder): Promise<Migrated> {
  const pending = await pendingMigrations(database, migrationsFolder)
  if (pending.length === 0) return 'nothing'
  try {
    await database.write(statementsFor(pending))
    return pending.length === readKnownMigrations(migrationsFolder).length ? 'all' : 'some'
  } catch (error) {
    if (!isUniqueViolation(error) && !(error instanceof UnknownOutcome)) throw error
    if ((await pendingMigrations(database, migrationsFolder)).length > 0) throw error
    return 'nothing'
  }
}

/** The migrations that have not been applied to this database, in order. */
export async function pendingMigrations(database: Database, migrationsFolder = folder) {
  const all = readKnownMigrations(migrationsFolder)
  const existing = await database.read({
    sql: `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '${table}'`,
    params: [],
  })
  if (existing.rows.length === 0) return all
  const { rows } = await database.read({ sql: `SELECT hash FROM ${table}`, params: [] })
  const applied = new Set(rows.map((row) => row['hash']))
  return all.filter(({ hash }) => !applied.has(hash))
}

/** The statements that apply the pending migrations: none when there are none. */
export async function migrationStatements(
  database: Database,
  migrationsFolder = folder,
): Promise<Statement[]> {
  return statementsFor(await pendingMigrations(database, migrationsFolder))
}

/** A write that changes nothing, to find out whether the database can be written. */
export const probe: Statement = {
  sql: `UPDATE ${table} SET hash = hash WHERE id = (SELECT max(id) FROM ${table})`,
  params: [],
}

/** All migrations of this version of zaas, in order. */
export const readKnownMigrations = (migrationsFolder = folder) =>
  readMigrationFiles({ migrationsFolder })

const createMigrationsTable: Statement[] = [
  {
    sql: `CREATE TABLE IF NOT EXISTS ${table} (id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric)`,
    params: [],
  },
  {
    sql: `CREATE UNIQUE INDEX IF NOT EXISTS ${table}_hash_unique ON ${table} (hash)`,
    params: [],
  },
]

type Migration = { sql: string[]; hash: string; folderMillis: number }

const statementsFor = (pending: readonly Migration[]): Statement[] =>
  pending.length === 0 ? [] : [...createMigrationsTable, ...pending.flatMap(statementsOf)]

function statementsOf(migration: Migration): Statement[] {
  return [
    {
      sql: `INSERT INTO ${table} (hash, created_at) VALUES (?, ?)`,
      params: [migration.hash, migration.folderMillis],
    },
    ...migration.sql.map((text) => ({ sql: text, params: [] })),
  ]
}
