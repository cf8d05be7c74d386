import type { Statement } from '../database.ts'
import { lastChange } from '../records/changes.ts'
import { countInserted, countRows } from '../records/counts.ts'
import { eventColumns, eventOfChange } from '../records/events.ts'
import { listed } from './lists.ts'

/**
 * Puts what of a list somebody has back at the end of the queue, and what somebody had when it was removed. The old
 * row stays, soft-deleted, as the history of the match. The result `releasedAt` counts the released items.
 */
export const releaseListed = (namespace: string, list: string, now: number): Statement[] => [
  countRows(namespace, '-', `SELECT items.* FROM ${taken}`, [list]),
  {
    sql: `UPDATE items SET deleted_at = ?3, removed_change = ${lastChange}, end_kind = 'released'
          WHERE id IN (SELECT items.id FROM ${taken})`,
    params: [namespace, list, now],
  },
  {
    sql: `INSERT INTO events (${eventColumns})
          ${eventOfChange('released', `SELECT items.* FROM ${ended} AND removed_change IS NOT ${lastChange}`)}`,
    params: [namespace, list, now],
  },
  {
    sql: `INSERT INTO items (namespace, item, created_at, data, expires_at, batch, added_change)
          SELECT ?1, item, ?3, data, expires_at, batch, ${lastChange} FROM ${ended}
          ORDER BY ended.nth`,
    params: [namespace, list, now],
  },
  countInserted(namespace, 'released'),
]
export const releasedAt = 3

/** What is released of the list: what was just taken from somebody, and what was removed while somebody had it. */
const ended = `(
    SELECT place AS nth, object, (
      SELECT max(id) FROM items INDEXED BY items_removed_item
      WHERE namespace = ?1 AND item = listed.item AND deleted_at IS NOT NULL
    ) AS id
    FROM ${listed} AS listed
    WHERE NOT EXISTS (
      SELECT 1 FROM items INDEXED BY items_live_item_unique
      WHERE namespace = ?1 AND item = listed.item AND deleted_at IS NULL
    )
  ) AS ended CROSS JOIN items USING (id)
  WHERE requestor IS NOT NULL AND ifnull(held_until > ?3, 1)
    AND (object IS NULL OR removed_change = ${lastChange} AND end_kind = 'released')`

// The + keeps the planner from going through all items that somebody has instead of the list.
const taken = `${listed} AS listed CROSS JOIN items INDEXED BY items_live_item_unique
  ON items.namespace = ?1 AND items.item = listed.item AND items.deleted_at IS NULL
  AND +items.requestor IS NOT NULL AND (object IS NULL OR items.requestor = object ->> 'requestor')`
