// How a list of items is added: what was removed is restored, and what was never there is inserted.
// In all SQL here, ?1 is the namespace, ?2 the list and ?3 the time.

import type { Statement } from '../database.ts'
import { noted, withoutHolder } from '../matches/tidy.ts'
import { lastChange } from '../records/changes.ts'
import { countInserted, countRows } from '../records/counts.ts'
import { endOf, eventColumns, eventOfChange, holdOf, lapseOf } from '../records/events.ts'
import { listed } from './lists.ts'

/**
 * Restores what of a list was removed. The result `restoredAt` of these statements counts the restored rows, or has
 * what is `returned` of them.
 */
export const restoreListed = (
  namespace: string,
  list: string,
  now: number,
  returned = '',
): Statement[] => {
  const params = [namespace, list, now]
  return [
    { sql: noteLapsed, params },
    { sql: dropLapsed, params },
    { sql: noteRestored, params },
    {
      sql: `UPDATE items SET deleted_at = NULL, removed_change = NULL, end_kind = NULL WHERE id IN (${noted}) ${returned}`,
      params: [],
    },
    countRows(namespace, '+', `SELECT * FROM items WHERE id IN (${noted})`, [], 'added'),
  ]
}
export const restoredAt = 3

type Insertion = { namespace: string; list: string; now: number; batch: string | undefined }

/** Inserts what of a list was never there. The first result counts the inserted rows. */
export const insertListed = ({ namespace, list, now, batch }: Insertion): Statement[] => [
  {
    sql: `INSERT INTO items (namespace, item, created_at, data, expires_at, batch, added_change)
          SELECT ?1, item, ?3, object ->> 'data', object ->> 'expiresAt', ${batchId('?4')}, ${lastChange}
          FROM ${listed} AS listed WHERE NOT ${wasRemoved}
          ORDER BY place
          ON CONFLICT (namespace, item) WHERE deleted_at IS NULL AND deleted_at IS NULL DO NOTHING`,
    params: [namespace, list, now, batch ?? null],
  },
  countInserted(namespace, 'added'),
]

/** SQL for the number of a batch, or null. */
export const batchId = (batch: string) =>
  `(SELECT id FROM batches WHERE namespace = ?1 AND batch = ${batch})`

/** Returns, as `expired`, how many of the rows that the statement before has inserted have expired by ?2 with nobody. */
export const countExpired = (namespace: string, now: number): Statement => ({
  sql: `SELECT count(*) AS expired FROM items INDEXED BY items_expiring_queue
        WHERE namespace = ?1 AND deleted_at IS NULL AND requestor IS NULL AND expires_at IS NOT NULL
          AND id > last_insert_rowid() - changes() AND changes() > 0 AND expires_at <= ?2`,
  params: [namespace, now],
})

/** Returns the items of the list that are not live, as `items` and `count`: after the statements above they conflict. */
export const findRemoved = (namespace: string, list: string): Statement => ({
  // sqld does not parse ORDER BY inside an aggregate. SQLite reads the subquery in its order.
  sql: `SELECT json_group_array(item) AS items, count(*) AS count FROM (
          SELECT item FROM ${oneRowIfAnyRemoved} CROSS JOIN ${listed} AS listed
          WHERE ${wasRemoved} AND NOT ${isLive}
          ORDER BY place
        )`,
  params: [namespace, list],
})

/** SQL for the rows of these items. */
export const conflictingIds = () => `SELECT (
    SELECT max(id) FROM items INDEXED BY items_removed_item
    WHERE namespace = ?1 AND item = listed.item AND deleted_at IS NOT NULL
  ) AS id FROM ${oneRowIfAnyRemoved} CROSS JOIN ${listed} AS listed
  WHERE ${wasRemoved} AND NOT ${isLive} ORDER BY place`

export const isLive =
  'EXISTS (SELECT 1 FROM items INDEXED BY items_live_item_unique WHERE namespace = ?1 AND item = listed.item AND deleted_at IS NULL)'
export const wasRemoved =
  'EXISTS (SELECT 1 FROM items INDEXED BY items_removed_item WHERE namespace = ?1 AND item = listed.item AND deleted_at IS NOT NULL)'

/** One row if the namespace has removed items, else none: then the joins with it look nothing up. */
const oneRowIfAnyRemoved =
  '(SELECT 1 WHERE EXISTS (SELECT 1 FROM items INDEXED BY items_removed_item WHERE namespace = ?1 AND deleted_at IS NOT NULL))'

/** The latest row of each listed item that is not live. The index of removed items is small, so it comes first. */
const latestRemoved = `latest AS MATERIALIZED (
          SELECT place, object ->> 'requestor' AS asking, ifnull(object ->> 'slot', '') AS asking_slot, (
            SELECT max(id) FROM items INDEXED BY items_removed_item
            WHERE namespace = ?1 AND item = listed.item AND deleted_at IS NOT NULL
          ) AS id
          FROM ${oneRowIfAnyRemoved} CROSS JOIN ${listed} AS listed
          WHERE ${wasRemoved} AND NOT ${isLive}
        )`

const lapsedRemoved = `SELECT items.* FROM latest CROSS JOIN items USING (id) WHERE held_until <= ?3`

// A hold may have lapsed after its item was removed: then it comes back to nobody.
const noteLapsed = `WITH ${latestRemoved}
        INSERT INTO events (${eventColumns})
        ${holdOf(lapsedRemoved)} UNION ALL ${endOf(lapsedRemoved)} UNION ALL ${lapseOf(lapsedRemoved)}`
const dropLapsed = `WITH ${latestRemoved}
        UPDATE items SET ${withoutHolder}, removed_change = 0 WHERE id IN (SELECT id FROM (${lapsedRemoved}))`

const slotOf = (requestor: string, slot: string) => `
  SELECT 1 FROM items AS standing INDEXED BY items_live_holder_unique
  WHERE standing.namespace = ?1 AND standing.requestor = ${requestor} AND standing.slot = ${slot}
    AND standing.deleted_at IS NULL`

const standingOf = (requestor: string) => `
  SELECT count(*) FROM items AS standing INDEXED BY items_live_holder_unique
  WHERE standing.namespace = ?1 AND standing.requestor = ${requestor} AND standing.deleted_at IS NULL`

/**
 * SQL for the ids of the rows to restore. A row comes back as it was, unless its requestor has another item in that
 * slot by now, or as many as the namespace allows; of several items of one requestor, the first in the list come back.
 * Where the list names a requestor, as imports do, the row comes back for that one alone, whatever the limit says; one
 * that nobody had counts as this requestor's from then on.
 */
const restorable = `${latestRemoved}, free AS MATERIALIZED (
          SELECT id, place, asking, ifnull(requestor, asking) AS requestor, row_number() OVER (
            PARTITION BY ifnull(requestor, asking), iif(requestor IS NULL, asking_slot, slot)
            ORDER BY place
          ) AS turn
          FROM latest CROSS JOIN items USING (id)
          WHERE iif(requestor IS NULL,
            asking IS NULL OR NOT EXISTS (${slotOf('asking', 'asking_slot')}),
            NOT EXISTS (${slotOf('items.requestor', 'items.slot')})
              AND (asking IS NULL OR asking = requestor AND asking_slot = slot)
          )
        ), numbered AS MATERIALIZED (
          SELECT id, asking, requestor, row_number() OVER (PARTITION BY requestor ORDER BY place) AS nth
          FROM free WHERE requestor IS NULL OR turn = 1
        ), restorable AS MATERIALIZED (
          SELECT id FROM numbered
          WHERE requestor IS NULL OR asking IS NOT NULL OR nth + (${standingOf('numbered.requestor')}) <= ifnull(
            (SELECT items_per_requestor FROM namespaces WHERE namespace = ?1), 1
          )
        )`

const restoredRows = 'SELECT items.* FROM restorable CROSS JOIN items USING (id)'

// The events that the statements below count come last.
const noteRestored = `WITH ${restorable}
        INSERT INTO events (${eventColumns})
        ${endOf(restoredRows)} UNION ALL ${eventOfChange('restored', restoredRows)}`
