import type { Database as Sqlite } from 'bun:sqlite'
import * as rules from '../../domain/rules.ts'
import { assertUndamaged } from '../integrity-check.ts'
import { withReadOnly } from '../sqlite-files.ts'
import { parseTime } from './times.ts'

/** A valid row of the legacy zaas; `row` is SQLite's rowid, which is the order of the queue. */
export type LegacyItem = {
  row: number
  namespace: string
  item: string
  requestor: string | null
  matchedAt: number | null
  createdAt: number
  deletedAt: number | null
}
export type LegacyKey = { row: number; apiKey: string; namespace: string; createdAt: number }

/** A row that is not imported, or not as it is; the reason never contains a value of the row. */
export type Remark = { table: 'items' | 'api_keys'; row: number; reason: string }

/** The valid rows and keys, the refused ones, and the counts of all that were read. */
export type Legacy = {
  items: LegacyItem[]
  keys: LegacyKey[]
  refused: Remark[]
  itemRows: number
  keyRows: number
  deletedKeys: number
}

const requiredColumns = {
  items: ['namespace', 'item', 'requestor', 'matched_at', 'created_at', 'deleted_at'],
  api_keys: ['api_key', 'namespace', 'created_at', 'deleted_at'],
}

/**
 * Reads a database of the legacy zaas in one snapshot, and applies the rules of the API to each row. Throws if it is
 * damaged, or is not such a database. A time that cannot be parsed is replaced: that of the creation by the
 * earliest other time of the row, that of a match by that of the creation, or else by `now`.
 */
export function readLegacy(
  path: string,
  { now, masterApiKeys }: { now: number; masterApiKeys: readonly string[] },
): Legacy {
  return withReadOnly(path, (db) =>
    db.transaction(() => {
      assertUndamaged(db)
      assertLegacyTables(db)
      const counts = { itemRows: 0, keyRows: 0, deletedKeys: 0 }
      const legacy: Legacy = { items: [], keys: [], refused: [], ...counts }
      readItems(db, legacy, now)
      readKeys(db, legacy, now, masterApiKeys)
      return legacy
    })(),
  )
}

function assertLegacyTables(db: Sqlite): void {
  for (const [table, columns] of Object.entries(requiredColumns)) {
    const existing = db
      .query<{ name: string }, []>(`SELECT name FROM pragma_table_info('${table}')`)
      .all()
    const missing = columns.find((column) => !existing.some(({ name }) => name === column))
    if (missing !== undefined) {
      throw new Error(
        `it is not a database of the legacy zaas: it has no column ${table}.${missing}`,
      )
    }
  }
}

type LegacyTime = string | number | null
type LegacyItemRow = {
  row: number
  namespace: string
  item: string
  requestor: string | null
  matchedAt: LegacyTime
  createdAt: LegacyTime
  deletedAt: LegacyTime
}

/** Reads an integer as its digits. Anything else that is not text becomes empty, which breaks every rule. */
const textOf = (column: string) =>
  `CASE typeof(${column}) WHEN 'text' THEN ${column} WHEN 'integer' THEN CAST(${column} AS TEXT) ELSE '' END`

function readItems(db: Sqlite, legacy: Legacy, now: number): void {
  const rows = db.query<LegacyItemRow, []>(
    `SELECT rowid AS row, ${textOf('namespace')} AS namespace, ${textOf('item')} AS item,
       iif(requestor IS NULL, NULL, ${textOf('requestor')}) AS requestor,
       matched_at AS matchedAt, created_at AS createdAt, deleted_at AS deletedAt
     FROM items ORDER BY rowid`,
  )
  for (const { row, namespace, item, requestor, ...times } of rows.iterate()) {
    legacy.itemRows++
    const reason = brokenRule({ namespace, item, ...(requestor !== null && { requestor }) })
    if (reason) legacy.refused.push({ table: 'items', row, reason })
    else legacy.items.push({ row, namespace, item, requestor, ...readTimes(times, requestor, now) })
  }
}

/** Without a requestor there is no match, whatever `matched_at` says, as in the legacy zaas. */
function readTimes(
  row: Pick<LegacyItemRow, 'matchedAt' | 'createdAt' | 'deletedAt'>,
  requestor: string | null,
  now: number,
): Pick<LegacyItem, 'matchedAt' | 'createdAt' | 'deletedAt'> {
  const matched = requestor === null ? undefined : parseTime(row.matchedAt)
  const deleted = parseTime(row.deletedAt)
  const created = parseTime(row.createdAt) ?? Math.min(matched ?? now, deleted ?? now)
  return {
    createdAt: created,
    matchedAt: requestor === null ? null : (matched ?? created),
    // Any value but null means removed, as in the legacy zaas.
    deletedAt: row.deletedAt === null ? null : (deleted ?? now),
  }
}

type LegacyKeyRow = {
  row: number
  apiKey: string
  namespace: string
  createdAt: LegacyTime
  deletedAt: LegacyTime
}

function readKeys(db: Sqlite, legacy: Legacy, now: number, masterApiKeys: readonly string[]): void {
  const rows = db.query<LegacyKeyRow, []>(
    `SELECT rowid AS row, ${textOf('api_key')} AS apiKey, ${textOf('namespace')} AS namespace,
       created_at AS createdAt, deleted_at AS deletedAt
     FROM api_keys ORDER BY rowid`,
  )
  const seen = new Map<string, number>()
  for (const { row, apiKey, namespace, createdAt, deletedAt } of rows.iterate()) {
    legacy.keyRows++
    if (deletedAt !== null) {
      legacy.deletedKeys++
      continue
    }
    const binding = `${namespace} ${apiKey}`
    const reason =
      brokenRule({ namespace, apiKey }) ??
      (masterApiKeys.includes(apiKey) ? 'it is a master key' : undefined) ??
      (seen.has(binding) ? `it repeats row ${seen.get(binding)}` : undefined)
    seen.set(binding, seen.get(binding) ?? row)
    if (reason) legacy.refused.push({ table: 'api_keys', row, reason })
    else legacy.keys.push({ row, apiKey, namespace, createdAt: parseTime(createdAt) ?? now })
  }
}

const { item, requestor, namespace, apiKey } = rules
const patterns = Object.entries({ item, requestor, namespace, apiKey }).map(
  ([field, { pattern, description }]) => [field, new RegExp(pattern, 'u'), description] as const,
)

/** Returns the first rule that a value breaks. Bytes that are not UTF-8 have been decoded to U+FFFD. */
function brokenRule(values: Partial<Record<string, string>>): string | undefined {
  for (const [field, pattern, description] of patterns) {
    const value = values[field]
    if (value !== undefined && !pattern.test(value)) return `${field} is not ${description}`
  }
  return undefined
}
