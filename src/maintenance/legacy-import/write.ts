import { defaultScopes as scopes } from '../../domain/api-key.ts'
import { limits } from '../../limits.ts'
import { apiKeyRow } from '../../storage/sqlite/api-keys.ts'
import type { Statement } from '../../storage/sqlite/database.ts'
import type { LegacyKey } from './read.ts'
import type { ReconciledItem } from './reconcile.ts'

/**
 * What becomes of a row, depending on what the database has of its item:
 *
 * - `new`: nothing; the row is inserted.
 * - `removed`: nothing, but the requestor holds another item; the row is inserted as removed.
 * - `known`: the item, and its match if the row has one, from an earlier run or a call of the API.
 * - `given`: an available item, which is matched as the row says.
 * - `given removed`: an available item, but the requestor holds another one; it is matched and removed.
 * - `differs`: the item with another history, which is left as it is; or a requestor, where the namespace folds
 *   requestors, which a row does not tell.
 */
export type Fate = 'new' | 'removed' | 'known' | 'given' | 'given removed' | 'differs'
export type Written = {
  counts: { fate: Fate; state: 'available' | 'matched' | 'removed'; n: number }[]
  remarks: { row: number; fate: Fate }[]
  keysAdded: number
}

const rowsMax = limits.imports.legacyRowsPerStatement

/**
 * The statements of a legacy import, for one write. The fate of a row depends on the database as it was before. A
 * key that was ever bound to its namespace there is left as it is, so a key that was deleted since stays deleted.
 */
export function legacyWrite(
  items: readonly ReconciledItem[],
  keys: readonly LegacyKey[],
  { now, newId }: { now: number; newId: () => string },
): { statements: Statement[]; readResults: (results: Results) => Written } {
  const statements = [
    createTable,
    ...chunksOf(items).map(fillTable),
    setFates,
    matchAvailable(now),
    insertNew(now),
    addNamespaces,
    recount,
    countFates,
    listRemarks,
    dropTable,
    bindKeys(keys, newId),
  ]
  return { statements, readResults: (results) => readWritten(results.slice(-statements.length)) }
}

type Results = readonly { rows: readonly object[]; rowsAffected: number }[]

function readWritten(results: Results): Written {
  const [counts, remarks, , keys] = results.slice(-4)
  return {
    counts: (counts?.rows ?? []).map((row) => ({ ...row })) as Written['counts'],
    remarks: (remarks?.rows ?? []).map((row) => ({ ...row })) as Written['remarks'],
    keysAdded: keys?.rowsAffected ?? 0,
  }
}

function chunksOf(items: readonly ReconciledItem[]): ReconciledItem[][] {
  const chunks = Math.ceil(items.length / rowsMax)
  return Array.from({ length: chunks }, (_, n) => items.slice(n * rowsMax, (n + 1) * rowsMax))
}

// A temporary table is not in the database file, and disappears with the connection.
const createTable: Statement = {
  sql: `CREATE TEMP TABLE legacy (
          row INTEGER PRIMARY KEY, namespace TEXT, item TEXT, requestor TEXT,
          matched_at INTEGER, created_at INTEGER, deleted_at INTEGER, holds_other INTEGER, fate TEXT
        )`,
  params: [],
}
const dropTable: Statement = { sql: 'DROP TABLE temp.legacy', params: [] }

const fillTable = (items: readonly ReconciledItem[]): Statement => ({
  sql: `INSERT INTO temp.legacy
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
          value ->> 7, NULL
        FROM json_each(?1)`,
  params: [
    JSON.stringify(
      items.map(({ row, namespace, item, requestor, matchedAt, createdAt, deletedAt, heldRow }) => [
        ...[row, namespace, item, requestor, matchedAt, createdAt, deletedAt],
        heldRow === undefined ? 0 : 1,
      ]),
    ),
  ],
})

const ofItem = 'items.namespace = legacy.namespace AND items.item = legacy.item'
const isLive = `EXISTS (SELECT 1 FROM items WHERE ${ofItem} AND deleted_at IS NULL)`
const wasRemoved = `EXISTS (SELECT 1 FROM items WHERE ${ofItem} AND deleted_at IS NOT NULL)`
const isAvailable = `EXISTS (
  SELECT 1 FROM items WHERE ${ofItem} AND deleted_at IS NULL AND +requestor IS NULL)`
const wasMatched = `(EXISTS (
    SELECT 1 FROM items WHERE ${ofItem} AND deleted_at IS NULL AND +requestor = legacy.requestor
  ) OR EXISTS (
    SELECT 1 FROM items WHERE ${ofItem} AND deleted_at IS NOT NULL AND requestor = legacy.requestor
  ))`
const holdsOther = `(holds_other OR EXISTS (
  SELECT 1 FROM items
  WHERE items.namespace = legacy.namespace AND items.requestor = legacy.requestor
    AND items.deleted_at IS NULL
))`

const folds = `EXISTS (
  SELECT 1 FROM namespaces WHERE namespaces.namespace = legacy.namespace AND requestors = 'folded'
)`

const setFates: Statement = {
  sql: `UPDATE temp.legacy SET fate = CASE
          WHEN requestor IS NOT NULL AND ${folds} THEN 'differs'
          WHEN NOT ${isLive} AND NOT ${wasRemoved} THEN
            iif(deleted_at IS NULL AND requestor IS NOT NULL AND ${holdsOther}, 'removed', 'new')
          WHEN requestor IS NULL OR ${wasMatched} THEN 'known'
          WHEN deleted_at IS NULL AND ${isAvailable} THEN iif(${holdsOther}, 'given removed', 'given')
          ELSE 'differs'
        END`,
  params: [],
}

const matchAvailable = (now: number): Statement => ({
  sql: `UPDATE items SET requestor = legacy.requestor, matched_at = legacy.matched_at,
          deleted_at = iif(fate = 'given removed', ?1, NULL)
        FROM temp.legacy
        WHERE fate IN ('given', 'given removed') AND ${ofItem} AND items.deleted_at IS NULL`,
  params: [now],
})

const insertNew = (now: number): Statement => ({
  sql: `INSERT INTO items (namespace, item, requestor, matched_at, created_at, deleted_at)
        SELECT namespace, item, requestor, matched_at, created_at, iif(fate = 'removed', ?1, deleted_at)
        FROM temp.legacy WHERE fate IN ('new', 'removed') ORDER BY row`,
  params: [now],
})

const addNamespaces: Statement = {
  sql: `INSERT INTO namespaces (namespace) SELECT DISTINCT namespace FROM temp.legacy WHERE true
        ON CONFLICT DO NOTHING`,
  params: [],
}

// Any row may have changed, so all are counted. What has expired is counted anew when it is next asked for.
const recount: Statement = {
  sql: `UPDATE namespaces SET expired = 0, expired_until = 0, expired_id = 0, expiring_head = 0, decided_until = 0, (total, matched, held) = (
          SELECT count(*), count(iif(held_until IS NULL, requestor, NULL)), count(held_until)
          FROM items INDEXED BY items_live
          WHERE items.namespace = namespaces.namespace AND deleted_at IS NULL
        )
        WHERE namespace IN (SELECT namespace FROM temp.legacy)`,
  params: [],
}

const countFates: Statement = {
  sql: `SELECT fate, iif(deleted_at IS NOT NULL, 'removed', iif(requestor IS NULL, 'available', 'matched'))
          AS state, count(*) AS n
        FROM temp.legacy GROUP BY 1, 2`,
  params: [],
}

const listRemarks: Statement = {
  sql: `SELECT row, fate FROM temp.legacy
        WHERE fate IN ('removed', 'given removed', 'differs') ORDER BY row`,
  params: [],
}

const bindKeys = (keys: readonly LegacyKey[], newId: () => string): Statement => ({
  sql: `INSERT INTO api_keys (id, digest, masked, namespace, scopes, created_at)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
        FROM json_each(?1)
        WHERE NOT EXISTS (
          SELECT 1 FROM api_keys WHERE digest = value ->> 1 AND namespace = value ->> 3
        )
        ORDER BY key`,
  params: [
    JSON.stringify(
      keys.map((key) => {
        const id = `key_${newId()}` as const
        const row = apiKeyRow({ ...key, id, name: null, scopes, expiresAt: null }, key.createdAt)
        return [row.id, row.digest, row.masked, row.namespace, row.scopes, row.createdAt]
      }),
    ),
  ],
})
