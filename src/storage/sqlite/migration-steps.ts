import { ZaasError } from '../../domain/errors.ts'
import { limits } from '../../limits.ts'
import { UnknownOutcome } from '../engine/retry.ts'
import { type Database, inMemory, type Statement } from './database.ts'
import { isDatabaseError, isLocked } from './drivers/client.ts'
import type { Migration } from './migrations.ts'

const { stepRowsMin, stepRowsMax, stepMs, triesMax } = limits.migration

/** The rows that have not been moved, and those that have. Until the last step there is no table `items`. */
const from = 'items_old'
const to = 'items_new'

/**
 * Whether a migration has to be applied by `applyInSteps` on a libSQL server: it writes every item anew, and a
 * server ends a transaction after 5 s if somebody else wants to write.
 */
export const needsSteps = ({ sql }: Migration): boolean => sql.some(endsCounts)

/** Whether `applyInSteps` has begun and not ended. */
export async function isHalfMigrated(database: Database): Promise<boolean> {
  return (await tablesAndIndices(database)).has(from)
}

/**
 * Applies a migration that `needsSteps`: moves the items to a new table, a few thousand at a time, and gives that the
 * old one's name in the end. `record` notes that it was applied, and `before` are the statements of those before it.
 *
 * Why any number of instances can do this at once, and be killed anywhere: each step is one transaction, and whoever
 * comes next sees from the tables which one follows. A step that is carried out late, or twice, fails as a whole,
 * because a table that it names is not there or is there already; a move only moves the next rows.
 *
 * Why an instance of an earlier version does no harm meanwhile: the first step takes its tables away, so that all it
 * does with items fails.
 */
export async function applyInSteps(
  database: Database,
  migration: Migration,
  { record, before, isApplied }: Progress,
): Promise<void> {
  const newItems = await schemaOfItems([...before, ...migration.sql])
  let rows: number = stepRowsMin
  for (let failures = 0; !(await isApplied()); ) {
    try {
      const step = await nextStep(database, migration, { record, newItems })
      const startedAt = performance.now()
      await database.write(step === 'move' ? move(rows) : step)
      failures = 0
      if (step === 'move') rows = nextRows(rows, performance.now() - startedAt)
    } catch (error) {
      if (!mayFail(error) || ++failures === triesMax) throw error
      rows = stepRowsMin
      await Bun.sleep(Math.random() * limits.database.retryPauseMs)
    }
  }
}

/** Whether a read or write of `Database` failed because others held the lock for all of its time. */
export const isBusy = (error: unknown) => error instanceof ZaasError && isLocked(error.cause)

type Progress = {
  record: Statement
  before: readonly string[]
  isApplied: () => Promise<boolean>
}

async function nextStep(
  database: Database,
  migration: Migration,
  { record, newItems }: { record: Statement; newItems: readonly string[] },
): Promise<Statement[] | 'move'> {
  const schema = await tablesAndIndices(database)
  if (!schema.has(from)) return begin(migration)
  const oldIndex = [...schema].find(([name, table]) => table === from && name !== from)?.[0]
  if (oldIndex !== undefined) return dropOld(oldIndex)
  if (!schema.has(to)) return create(newItems)
  return (await isEmpty(database)) ? finish(record) : 'move'
}

/** The more rows a step has, the less often is each page written. */
function nextRows(rows: number, tookMs: number): number {
  const factor = Math.min(2, stepMs / tookMs)
  return Math.round(Math.max(stepRowsMin, Math.min(stepRowsMax, rows * factor)))
}

/** Another instance was quicker, or the server takes its time: what is in the database tells what to do. */
const mayFail = (error: unknown) =>
  isDatabaseError(error) || error instanceof UnknownOutcome || isBusy(error)

const endsCounts = (sql: string) => sql.includes('DROP TABLE `namespace_stats`')

/** What takes no time, whatever the number of items. */
const begin = ({ sql }: Migration): Statement[] =>
  statements(...sql.slice(0, sql.findIndex(endsCounts) + 1), `ALTER TABLE items RENAME TO ${from}`)

/** `to` is made for a moment, so that this fails once the new table is there, with an index of the same name. */
const dropOld = (index: string): Statement[] =>
  statements(`CREATE TABLE ${to} (id)`, ...ofOld, `DROP INDEX ${index}`, `DROP TABLE ${to}`)

const create = (newItems: readonly string[]): Statement[] => statements(...ofOld, ...newItems)

const columns = 'id, namespace, item, requestor, matched_at, created_at, deleted_at'
/** In the order of the index that is at random otherwise: the server's cache of 2 MB holds little of it. */
const move = (rows: number): Statement[] =>
  statements(
    `INSERT INTO ${to} (${columns})
   SELECT ${columns} FROM (SELECT * FROM ${from} ORDER BY id LIMIT ${rows}) ORDER BY namespace, item`,
    `DELETE FROM ${from} WHERE id <= (SELECT max(id) FROM ${to})`,
  )

const finish = (record: Statement): Statement[] => [
  record,
  ...statements(`DROP TABLE ${from}`, `ALTER TABLE ${to} RENAME TO items`),
]

/** Fails unless the old table is there. */
const ofOld = [`DELETE FROM ${from} WHERE false`]

const statements = (...texts: string[]): Statement[] => texts.map((sql) => ({ sql, params: [] }))

async function isEmpty(database: Database): Promise<boolean> {
  const { rows } = await database.read({ sql: `SELECT 1 FROM ${from} LIMIT 1`, params: [] })
  return rows.length === 0
}

/** By name, with the table that each belongs to. */
async function tablesAndIndices(database: Database): Promise<Map<string, string>> {
  const { rows } = await database.read({
    sql: `SELECT name, tbl_name AS belongs FROM sqlite_schema WHERE sql IS NOT NULL`,
    params: [],
  })
  return new Map(rows.map(({ name, belongs }) => [String(name), String(belongs)]))
}

/** The statements that make the table of items and its indices as these do, by the name `to`. */
async function schemaOfItems(applied: readonly string[]): Promise<string[]> {
  let made: string[] = []
  await inMemory(async (run) => {
    for (const sql of applied) await run(sql)
    const rows = await run(
      `SELECT sql FROM sqlite_schema WHERE tbl_name = 'items' AND sql IS NOT NULL ORDER BY type = 'index'`,
    )
    made = rows.map(({ sql }) => String(sql).replaceAll('`items`', `\`${to}\``))
  })
  return made
}
