// What time has brought about and no row says yet: it is written before anything is given.

import { limits } from '../../../limits.ts'
import { countRows } from '../counts.ts'
import type { Database, Statement } from '../database.ts'
import { expiryThreshold, headExpired } from './known.ts'
import { tellStock } from './tell-stock.ts'

/** How far one step goes: lapsed holds that are taken back, and expired items that are passed. */
type TidyStep = { lapsedMax: number; expiredMax: number }

/**
 * Takes lapsed holds of a namespace back, the first ones first, and moves the head of its queue past expired items;
 * each as far as one step goes.
 */
export const tidy = (
  namespace: string,
  now: number,
  { lapsedMax, expiredMax }: TidyStep = limits.tidy,
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
    sql: `SELECT 1 FROM items INDEXED BY items_held WHERE ${lapsed} LIMIT 1`,
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
): Statement[] => {
  const params = [now, max]
  return [
    {
      sql: `INSERT INTO events (namespace, at, event, item_id, item, requestor, requestor_shown, slot)
            SELECT ?1, held_until, 'lapsed', id, item, requestor, requestor_shown, slot
            FROM items INDEXED BY items_held WHERE ${lapsed} LIMIT ?3`,
      params: [namespace, ...params],
    },
    countRows(
      namespace,
      '-',
      `SELECT * FROM items INDEXED BY items_held WHERE ${lapsed} LIMIT ?3`,
      params,
    ),
    countRows(
      namespace,
      '+',
      `SELECT id, NULL AS requestor, NULL AS held_until, expires_at
       FROM items INDEXED BY items_held WHERE ${lapsed} LIMIT ?3`,
      params,
    ),
    {
      sql: `UPDATE items SET ${withoutHolder}
            WHERE id IN (SELECT id FROM items INDEXED BY items_held WHERE ${lapsed} LIMIT ?3)`,
      params: [namespace, ...params],
    },
  ]
}

const lapsed =
  'namespace = ?1 AND deleted_at IS NULL AND held_until IS NOT NULL AND held_until <= ?2 ORDER BY held_until, id'

/** SQL that makes a row one that nobody has. */
export const withoutHolder = `requestor = NULL, requestor_shown = NULL, slot = '', matched_at = NULL,
  held_until = NULL, replaces = NULL, matched_by = NULL, request_id = NULL`

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
