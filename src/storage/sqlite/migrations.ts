import { join } from 'node:path'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import journal from '../../../drizzle/meta/_journal.json'
import { limits } from '../../limits.ts'
import { UnknownOutcome } from '../engine/retry.ts'
import type { Database, Statement } from './database.ts'
import { isUniqueViolation } from './drivers/client.ts'
import { applyInSteps, isBusy, isHalfMigrated, needsSteps } from './migration-steps.ts'

const folder = join(import.meta.dir, '../../../drizzle')
const table = '__drizzle_migrations'

/** Which of all migrations `migrate` has applied. */
export type Migrated = 'all' | 'some' | 'nothing'

/** Says in the log what happens. */
export type Tell = (line: string) => void

type MigrateOptions = { tell?: Tell; migrationsFolder?: string }

/**
 * Applies the pending migrations: on a file in one transaction, however long it takes; on a libSQL server also, unless
 * one of them `needsSteps`. Safe when several processes start at once: each records the hashes of the migrations that
 * it applies, a unique index lets one process through, and the others wait for it and find the work done. The table
 * is drizzle-kit's own, so `db:migrate` sees the same state.
 */
export async function migrate(
  database: Database,
  { tell = () => {}, migrationsFolder = folder }: MigrateOptions = {},
): Promise<Migrated> {
  const pending = await pendingMigrations(database, migrationsFolder)
  if (pending.length === 0) return 'nothing'
  const isNew = pending.length === readKnownMigrations(migrationsFolder).length
  const startedAt = performance.now()
  const announced = !isNew && (await announce(database, pending, tell))
  const applied = await whileBusy(tell, () => applyPending(database, migrationsFolder))
  if (announced) {
    const seconds = Math.ceil((performance.now() - startedAt) / 1_000)
    tell(applied ? `migrated in ${seconds} s` : 'another process has migrated the database')
  }
  if (!applied) return 'nothing'
  return isNew ? 'all' : 'some'
}

/** Repeats what fails because others hold the lock, as one that migrates the database does for minutes. */
export async function whileBusy<Outcome>(tell: Tell, attempt: () => Promise<Outcome>) {
  for (let told = false; ; told = true) {
    try {
      return await attempt()
    } catch (error) {
      if (!isBusy(error)) throw error
      if (!told) tell('another process has the database locked: waiting for it')
    }
  }
}

/** The migrations that have not been applied to this database, in order. */
export async function pendingMigrations(database: Database, migrationsFolder = folder) {
  const applied = await appliedHashes(database)
  return readKnownMigrations(migrationsFolder).filter(({ hash }) => !applied.has(hash))
}

async function appliedHashes(database: Database): Promise<Set<unknown>> {
  const existing = await database.read({
    sql: `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '${table}'`,
    params: [],
  })
  if (existing.rows.length === 0) return new Set()
  const { rows } = await database.read({ sql: `SELECT hash FROM ${table}`, params: [] })
  return new Set(rows.map(({ hash }) => hash))
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
export const readKnownMigrations = (migrationsFolder = folder): Migration[] =>
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

/** What drizzle-orm reads of a migration. */
export type Migration = { sql: string[]; hash: string; folderMillis: number }

const nameOf = ({ folderMillis }: Migration) =>
  journal.entries.find(({ when }) => when === folderMillis)?.tag

/** Returns whether this process has applied them, and not another one meanwhile. */
async function applyPending(database: Database, migrationsFolder: string): Promise<boolean> {
  const pending = await pendingMigrations(database, migrationsFolder)
  if (pending.length === 0) return false
  try {
    await apply(database, pending, readKnownMigrations(migrationsFolder))
    return true
  } catch (error) {
    if (!isUniqueViolation(error) && !(error instanceof UnknownOutcome)) throw error
    if ((await pendingMigrations(database, migrationsFolder)).length > 0) throw error
    return false
  }
}

async function apply(
  database: Database,
  pending: readonly Migration[],
  known: readonly Migration[],
): Promise<void> {
  const isNew = pending.length === known.length
  const inSteps = !isNew && (!database.isFile || (await isHalfMigrated(database)))
  const long = inSteps ? pending.find(needsSteps) : undefined
  const isBefore = ({ folderMillis }: Migration) => !long || folderMillis < long.folderMillis
  const atOnce = async (migrations: readonly Migration[]) => {
    if (migrations.length === 0) return
    const statements = statementsFor(migrations)
    await (database.isFile && !isNew ? database.longWrite(statements) : database.write(statements))
  }
  await atOnce(pending.filter(isBefore))
  if (!long) return
  await applyInSteps(database, long, {
    record: recordOf(long),
    before: known.filter(isBefore).flatMap(({ sql }) => sql),
    isApplied: async () => (await appliedHashes(database)).has(long.hash),
  })
  await atOnce(pending.filter((each) => each !== long && !isBefore(each)))
}

/** Tells what will be done, unless that takes no time. Returns whether there are items. */
async function announce(
  database: Database,
  pending: readonly Migration[],
  tell: Tell,
): Promise<boolean> {
  const read = async (sql: string) => (await database.read({ sql, params: [] })).rows
  const tables = (await read('SELECT name FROM sqlite_schema')).map(({ name }) => name)
  const [items, counts] = [
    ['items', 'items_old'].find((name) => tables.includes(name)),
    ['namespace_stats', 'namespaces'].find((name) => tables.includes(name)),
  ]
  if (!items || !counts) return false
  const [found] = await read(
    `SELECT (SELECT sum(total) FROM ${counts}) AS live, (SELECT max(id) FROM ${items}) AS rows`,
  )
  const [live, rows] = [Number(found?.['live'] ?? 0), Number(found?.['rows'] ?? 0)]
  if (rows === 0) return false
  const names = pending.map(nameOf).join(', ')
  const { file, server } = limits.migration.secondsPerMillionRows
  const seconds = Math.ceil((rows / 1_000_000) * (database.isFile ? file : server))
  tell(`the tables are to be migrated (${names}): ${live} items, which may take up to ${seconds} s`)
  return true
}

const statementsFor = (pending: readonly Migration[]): Statement[] =>
  pending.length === 0 ? [] : [...createMigrationsTable, ...pending.flatMap(statementsOf)]

const recordOf = ({ hash, folderMillis }: Migration): Statement => ({
  sql: `INSERT INTO ${table} (hash, created_at) VALUES (?, ?)`,
  params: [hash, folderMillis],
})

const statementsOf = (migration: Migration): Statement[] => [
  recordOf(migration),
  ...migration.sql.map((text) => ({ sql: text, params: [] })),
]
