// How items are removed. In all SQL here, ?1 is the namespace, ?2 the list and ?3 the time.

import type { Statement } from '../database.ts'
import { lastChange } from '../records/changes.ts'
import { countRows } from '../records/counts.ts'
import { listedItems } from './lists.ts'

/** Removes what of a list is live. The result `removedAt` counts the removed rows. */
export const removeListed = (namespace: string, list: string, now: number): Statement[] =>
  removeRows(
    namespace,
    `namespace = ?1 AND deleted_at IS NULL AND item IN (${listedItems})`,
    list,
    now,
  )

type Unlisted = { removeMatched: boolean; now: number }

/** Removes what is not in a list and nobody has, or whoever has it. The result `removedAt` counts them. */
export const removeUnlisted = (
  namespace: string,
  list: string,
  { removeMatched, now }: Unlisted,
): Statement[] => removeRows(namespace, unlisted(removeMatched), list, now)

/** SQL for the rows that `removeUnlisted` removes. */
const unlisted = (removeMatched: boolean) =>
  `id IN (${removeMatched ? liveIds : withNobodyIds}) AND item NOT IN (${listedItems})`

const ofNamespace = 'namespace = ?1 AND deleted_at IS NULL'
const withNobodyIds = `
  SELECT id FROM items INDEXED BY items_queue
  WHERE ${ofNamespace} AND requestor IS NULL AND expires_at IS NULL
  UNION ALL
  SELECT id FROM items INDEXED BY items_expiring_queue
  WHERE ${ofNamespace} AND requestor IS NULL AND expires_at IS NOT NULL`
const liveIds = `SELECT id FROM items INDEXED BY items_live WHERE ${ofNamespace}`

const removeRows = (namespace: string, rows: string, list: string, now: number): Statement[] => [
  countRows(namespace, '-', `SELECT * FROM items WHERE ${rows}`, [list], 'removed'),
  {
    sql: `UPDATE items SET deleted_at = ?3, removed_change = ${lastChange} WHERE ${rows}`,
    params: [namespace, list, now],
  },
]

/** Counts, as `kept`, what is not in a list and somebody has. */
export const countKept = (namespace: string, list: string): Statement => ({
  sql: keptCount,
  params: [namespace, list],
})

/** SQL for their number, of the list ?2. */
export const keptCount = `SELECT count(*) AS kept FROM items INDEXED BY items_live
  WHERE ${ofNamespace} AND requestor IS NOT NULL AND item NOT IN (${listedItems})`

export const removedAt = 1
