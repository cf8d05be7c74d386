// What time has brought about and no row says yet: it is written before anything is given.

import { limits } from '../../../limits.ts'
import type { Database, Statement } from '../database.ts'
import { eventColumns, holdOf, lapseOf } from '../records/events.ts'
import { tellStock } from '../records/tell-stock.ts'
import { expiryThreshold, wasCounted } from '../records/time.ts'
import { headExpired } from './known.ts'

/** How far one step goes: lapsed holds that are taken back, and expired items that are passed. */
type TidyStep = { lapsedMax: number; expiredMax: number }
/** Whose lapsed holds are taken back, and of which items. */
type Those = { requestors?: readonly string[]; items?: readonly string[] }

/**
 * What precedes a gift: takes back the lapsed holds of the requestors, and those of the items that come first in the
 * queue, since no item is given that comes after one of a lapsed hold; and moves the head of the queue past expired
 * items. Each as far as one step goes.
 */
export const tidyForGift = (
  namespace: string,
  now: number,
  requestors: readonly string[],
): Statement[] => [
  ...takeBackThose(namespace, now, { requestors }),
  ...takeBack(
    `SELECT id FROM (SELECT id FROM ${heldRows} WHERE ${isLapsed} ORDER BY id LIMIT ?3)`,
    [namespace, now, limits.tidy.lapsedMax],
  ),
  moveHead(namespace, now, limits.tidy.expiredMax),
]

/** Takes back the lapsed holds of these requestors, and those of these items. */
export const takeBackThose = (
  namespace: string,
  now: number,
  { requestors = [], items = [] }: Those,
): Statement[] =>
  takeBack(
    `SELECT items.id FROM json_each(?3) CROSS JOIN items INDEXED BY items_live_holder_unique
       ON namespace = ?1 AND requestor = value AND deleted_at IS NULL
     WHERE held_until <= ?2
     UNION
     SELECT items.id FROM json_each(?4) CROSS JOIN items INDEXED BY items_live_item_unique
       ON namespace = ?1 AND item = value AND deleted_at IS NULL
     WHERE held_until <= ?2`,
    [namespace, now, JSON.stringify(requestors), JSON.stringify(items)],
  )

/** Takes lapsed holds back, the first ones first, and moves the head of the queue; each as far as one step goes. */
export const tidy = (
  namespace: string,
  now: number,
  { lapsedMax, expiredMax }: TidyStep,
): Statement[] => [
  ...takeBackLapsed(namespace, now, lapsedMax),
  moveHead(namespace, now, expiredMax),
]

/**
 * Takes back what has lapsed in a namespace, in as many steps as it takes, between which matches get their turn. For a
 * change that is then one transaction; what lapses meanwhile, that takes back itself.
 */
export async function takeBackAll(db: Database, namespace: string, now: number): Promise<void> {
  const more = {
    sql: `SELECT 1 FROM ${heldRows} WHERE ${isLapsed} LIMIT 1`,
    params: [namespace, now],
  }
  while ((await db.read(more)).rows.length > 0) {
    await db.bulkWrite([...takeBackLapsed(namespace, now), ...tellStock(namespace, now)])
  }
}

/** Gives the first lapsed holds back to their places in the queue, as many as one step does. */
export const takeBackLapsed = (
  namespace: string,
  now: number,
  max: number = limits.tidy.lapsedMax,
): Statement[] =>
  takeBack(`SELECT id FROM ${heldRows} WHERE ${isLapsed} ORDER BY held_until, id LIMIT ?3`, [
    namespace,
    now,
    max,
  ])

const heldRows = 'items INDEXED BY items_held'
const isLapsed =
  'namespace = ?1 AND deleted_at IS NULL AND held_until IS NOT NULL AND held_until <= ?2'

/** Takes lapsed holds back. `ids` is SQL for the rows, with `params`, the first of which is the namespace. */
const takeBack = (ids: string, params: readonly unknown[]): Statement[] => [
  {
    // The events that the statements below count come last.
    sql: `WITH lapsing AS MATERIALIZED (SELECT * FROM items WHERE id IN (${ids}))
          INSERT INTO events (${eventColumns})
          ${holdOf('SELECT * FROM lapsing')} UNION ALL ${lapseOf('SELECT * FROM lapsing')}`,
    params,
  },
  { sql: `UPDATE items SET ${withoutHolder} WHERE id IN (${noted})`, params: [] },
  {
    sql: `UPDATE namespaces SET (held, expired, expiring_head) = (
            SELECT held - count(*), expired + count(iif(${wasCounted}, 1, NULL)),
              min(expiring_head, ifnull(min(iif(expires_at IS NULL, NULL, id)), expiring_head))
            FROM items WHERE id IN (${noted})
          )
          WHERE namespace = ?1 AND changes() > 0`,
    params: params.slice(0, 1),
  },
]

/** SQL for what the events of the statement before are about, also after a statement that changed as many rows. */
export const noted =
  'SELECT item_id FROM events WHERE id > last_insert_rowid() - changes() AND changes() > 0'

/** SQL that makes a row one that nobody has. */
export const withoutHolder = `requestor = NULL, requestor_shown = NULL, slot = '', matched_at = NULL,
  held_until = NULL, replaces = NULL, matched_by = NULL, request_id = NULL, ordinal = NULL`

// Where all have expired, an index tells that at once. Else the queue is walked up to the first that has not.
const moveHead = (namespace: string, now: number, expiredMax: number): Statement => ({
  sql: `UPDATE namespaces AS pool SET expiring_head = coalesce(
          iif(${anyUnexpired}, (SELECT id FROM (${fromHead} LIMIT ?3) WHERE expires_at > ${expiryThreshold} LIMIT 1), NULL),
          iif(${anyUnexpired}, (SELECT max(id) + 1 FROM (${fromHead} LIMIT ?3)), (
            SELECT id + 1 FROM items INDEXED BY items_expiring_queue
            WHERE ${isExpiring} ORDER BY id DESC LIMIT 1
          )),
          expiring_head
        ), decided_until = ${expiryThreshold}
        WHERE namespace = ?1 AND ${headExpired}`,
  params: [namespace, now, expiredMax],
})

const isExpiring =
  'namespace = ?1 AND deleted_at IS NULL AND requestor IS NULL AND expires_at IS NOT NULL'

const anyUnexpired = `EXISTS (
  SELECT 1 FROM items INDEXED BY items_expiring WHERE ${isExpiring} AND expires_at > ${expiryThreshold}
)`

const fromHead = `SELECT id, expires_at FROM items INDEXED BY items_expiring_queue
  WHERE ${isExpiring} AND id >= pool.expiring_head ORDER BY id`
