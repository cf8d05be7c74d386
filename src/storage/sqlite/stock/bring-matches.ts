// How an import brings matches along. In all SQL here, ?1 is the namespace and ?2 the list, whose objects may have a
// `requestor` in the form in which it is compared.

import type { Statement } from '../database.ts'
import { changedBy, changedFor, lastChange } from '../records/changes.ts'
import { countRows } from '../records/counts.ts'
import { matchOrdinal } from '../records/ordinals.ts'
import { batchId, isLive, wasRemoved } from './add.ts'
import { listed } from './lists.ts'

type Import = { namespace: string; list: string; now: number; batch: string }

/**
 * Inserts what of a list was never there, bound where it names a requestor who has nothing in that slot. Of several
 * items for one slot the first in the list counts, which may be one to bind: see `bindListed`.
 */
export const insertMatched = ({ namespace, list, now, batch }: Import): Statement => ({
  sql: `WITH candidates AS MATERIALIZED (
          SELECT place, item, object, ${requestor} AS requestor, ${slot} AS slot, ${isLive} AS is_live,
            row_number() OVER (PARTITION BY ${requestor}, ${slot} ORDER BY place) AS turn
          FROM ${listed} AS listed WHERE ${isAvailable} OR NOT ${wasRemoved} AND NOT ${isLive}
        )
        INSERT INTO items (
          namespace, item, requestor, requestor_shown, slot, matched_at, held_until,
          created_at, data, expires_at, batch, added_change, matched_by, request_id, ordinal
        )
        SELECT ?1, item, requestor, object ->> 'shown', slot, iif(requestor IS NULL, NULL, ifnull(object ->> 'matchedAt', ?3)),
          iif(requestor IS NULL, NULL, object ->> 'heldUntil'), ifnull(object ->> 'createdAt', ?3),
          object ->> 'data', object ->> 'expiresAt',
          iif(json_type(object, '$.batch') = 'null', NULL, ${batchId("ifnull(object ->> 'batch', ?4)")}), ${lastChange},
          iif(requestor IS NULL, NULL, ${changedBy}), iif(requestor IS NULL, NULL, ${changedFor}),
          iif(requestor IS NULL, NULL, ${matchOrdinal})
        FROM candidates
        WHERE NOT is_live AND (requestor IS NULL OR turn = 1 AND NOT ${hasOther('candidates')})
        ORDER BY place
        RETURNING requestor IS NOT NULL AS bound`,
  params: [namespace, list, now, batch],
})

/** Counts what the statement before has inserted: for this hour as added, since it was not now that it was matched. */
export const countInsertedMatches = (namespace: string): Statement =>
  countRows(
    namespace,
    '+',
    'SELECT * FROM items WHERE id > last_insert_rowid() - changes() AND changes() > 0',
    [],
    'added',
  )

/** Binds what of a list is available to its requestor. The result `boundAt` has the items. */
export const bindListed = (namespace: string, list: string, now: number): Statement[] => [
  countRows(namespace, '-', `SELECT items.* FROM ${bindable}`, [list]),
  countRows(
    namespace,
    '+',
    `SELECT items.id, wanted.requestor, object ->> 'heldUntil' AS held_until, expires_at FROM ${bindable}`,
    [list],
  ),
  {
    sql: `WITH wanted AS MATERIALIZED (SELECT items.id AS bound, wanted.* FROM ${bindable})
          UPDATE items SET requestor = wanted.requestor, requestor_shown = object ->> 'shown', slot = wanted.slot,
            matched_at = ifnull(object ->> 'matchedAt', ?3), held_until = object ->> 'heldUntil',
            matched_by = ${changedBy}, request_id = ${changedFor}, ordinal = ${matchOrdinal}
          FROM wanted WHERE items.id = bound
          RETURNING items.item`,
    params: [namespace, list, now],
  },
]
export const boundAt = 2

/** Returns what of a list names a requestor who does not have it. */
export const findUnbound = (namespace: string, list: string): Statement => ({
  sql: `SELECT item FROM ${listed} AS listed
        WHERE ${requestor} IS NOT NULL AND NOT EXISTS (
          SELECT 1 FROM items INDEXED BY items_live_holder_unique
          WHERE namespace = ?1 AND requestor = ${requestor} AND slot = ${slot}
            AND deleted_at IS NULL AND items.item = listed.item
        )`,
  params: [namespace, list],
})

const requestor = "object ->> 'requestor'"
const slot = "ifnull(object ->> 'slot', '')"

const isAvailable = `EXISTS (
  SELECT 1 FROM items INDEXED BY items_live_item_unique
  WHERE namespace = ?1 AND items.item = listed.item AND deleted_at IS NULL AND +items.requestor IS NULL
)`

const hasOther = (asking: string) => `EXISTS (
  SELECT 1 FROM items AS other INDEXED BY items_live_holder_unique
  WHERE other.namespace = ?1 AND other.requestor = ${asking}.requestor AND other.slot = ${asking}.slot
    AND other.deleted_at IS NULL
)`

const bindable = `(
    SELECT place, item AS wanted_item, object, ${requestor} AS requestor, ${slot} AS slot,
      row_number() OVER (PARTITION BY ${requestor}, ${slot} ORDER BY place) AS turn
    FROM ${listed} AS listed WHERE ${requestor} IS NOT NULL AND ${isAvailable}
  ) AS wanted CROSS JOIN items INDEXED BY items_live_item_unique
    ON items.namespace = ?1 AND items.item = wanted_item AND items.deleted_at IS NULL
    AND turn = 1 AND NOT ${hasOther('wanted')}`
