// The write that gives items: nothing that it relies on was read before the transaction.

import type { Statement } from '../database.ts'
import { countChanged } from '../records/counts.ts'
import { matchOrdinal } from '../records/ordinals.ts'
import { stockIsWatched } from '../records/outbox.ts'
import { expiryThreshold, hourIsOver } from '../records/time.ts'
import { countStanding, firstLapsed, headExpired } from './known.ts'

/** Who gets an item. `shown` is the requestor as it was sent, where that differs from the form that is compared. */
type Recipient = {
  requestor: string
  slot: string
  shown: string | null
  requestId: string | null
}

/** Recipients of one namespace, for whom `actor` asks, and who hold their items until `heldUntil`, or for good. */
type Gift = {
  namespace: string
  recipients: readonly Recipient[]
  actor: number | null
  heldUntil: number | null
  /** How requestors were compared, and whether slots are in use: if that has changed, nobody gets anything. */
  folded: boolean
  slots: boolean
  /** Whether webhooks are told of stock, where nothing is given if that has changed: `tellStock` has to follow. */
  watched?: boolean
  /** For what the statement before has removed: only if it did, and whatever the limit says. */
  inExchange?: boolean
}

/** Two statements. The first returns who got what; those who are missing in it got nothing. */
export const giveOldest = (gift: Gift, now: number): Statement[] => [
  giveItems(gift, now),
  countChanged(gift.namespace, gift.heldUntil === null ? { matched: '+' } : { held: '+' }),
]

/** The statement for a namespace in which slots come into use. */
export const useSlots = (namespace: string): Statement => ({
  sql: 'UPDATE namespaces SET slots_used = 1 WHERE namespace = ?1 AND slots_used = 0',
  params: [namespace],
})

// `open` has a row if the namespace gives anything now; while the queue begins with expired items, it does not. `oldest`
// has the first available items, up to the first one of a lapsed hold that was not taken back, so that the order is
// kept; and `taken` pairs them with the recipients by their position: for n recipients at most n steps in each of the two
// queues, however many items there are. If a recipient has got an item meanwhile, `items_live_holder_unique` fails the
// whole write. What the recipients have comes in a list each: SQLite parses a list once, and an object each time.
const giveItems = (
  { namespace, recipients, actor, heldUntil, folded, slots, watched, inExchange = false }: Gift,
  now: number,
): Statement => {
  const listOf = (name: keyof Recipient) => JSON.stringify(recipients.map((each) => each[name]))
  const special = slots || folded
  const limited = slots && !inExchange
  return {
    sql: `WITH open AS MATERIALIZED (
            SELECT ${expiryThreshold} AS threshold, expiring_head, ${firstLapsed} AS before, ${limited ? withinLimit : 'NULL'} AS turns
            FROM namespaces AS pool
            WHERE namespace = ?1 AND ${givesNow}${inExchange ? ' AND changes() > 0' : ''}
              AND (ifnull(requestors, 'exact') = 'folded') = ?7
              ${inExchange ? '' : `AND ${slots ? '' : 'NOT'} slots_used`}
              ${watched === undefined ? '' : `AND ${watched ? '' : 'NOT'} ${stockIsWatched}`}
          ), oldest AS MATERIALIZED (
            SELECT turns, (
              SELECT json_group_array(id) FROM (${availableIds('?1')} ORDER BY id LIMIT ?5)
            ) AS ids
            FROM open
          ), taken(id, turn) AS MATERIALIZED (
            SELECT place.value, ${limited ? 'turns ->> place.key' : 'place.key'}
            FROM oldest CROSS JOIN json_each(ids) AS place
          )
          UPDATE items SET requestor = ?3 ->> turn, request_id = ?4 ->> turn,
            ${special ? 'slot = ?9 ->> turn, requestor_shown = ?10 ->> turn,' : ''}
            matched_at = ?2, held_until = ?6, matched_by = ?8, ordinal = ${matchOrdinal}
          FROM taken
          WHERE items.id = taken.id AND turn IS NOT NULL AND items.requestor IS NULL
          RETURNING requestor, item, ${extra}${special ? ', slot' : ''}`,
    params: [
      namespace,
      now,
      listOf('requestor'),
      listOf('requestId'),
      recipients.length,
      heldUntil,
      folded ? 1 : 0,
      actor,
      ...(special ? [listOf('slot'), listOf('shown')] : []),
    ],
  }
}

/** SQL for whether the namespace gives items to anybody new at the time ?2. */
const isOpen = `NOT ifnull(paused, 0) AND ifnull(opens_at, ?2) <= ?2 AND ifnull(closes_at, ?2 + 1) > ?2`

/**
 * SQL for whether something can be given at the time ?2, if there is stock: also that what is given counts for its
 * hour.
 */
export const givesNow = `${isOpen} AND NOT ${hourIsOver} AND NOT ${headExpired}`

// A column costs a match half a microsecond, and most items have neither.
const extra =
  'iif(data IS NULL AND expires_at IS NULL, NULL, json_array(data, expires_at)) AS extra'

/** SQL for the positions of the recipients who may have another item, as a JSON array. */
const withinLimit = `(
  SELECT json_group_array(turn) FROM (
    SELECT key AS turn, value AS asking, row_number() OVER (PARTITION BY value ORDER BY key) AS nth
    FROM json_each(?3) ORDER BY key
  )
  WHERE nth + (${countStanding('?1', 'asking')}) <= ifnull(pool.items_per_requestor, 1)
)`

/**
 * SQL for the ids of the available items of a namespace. Each half is in the order of an index, so with
 * `ORDER BY id LIMIT n` at most n rows of each are read, and those that have expired behind the head.
 */
const availableIds = (namespace: string) =>
  `SELECT id FROM items INDEXED BY items_queue
   WHERE namespace = ${namespace} AND deleted_at IS NULL AND requestor IS NULL AND expires_at IS NULL
     AND id < before
   UNION ALL
   SELECT id FROM items INDEXED BY items_expiring_queue
   WHERE namespace = ${namespace} AND deleted_at IS NULL AND requestor IS NULL AND expires_at IS NOT NULL
     AND id >= expiring_head AND id < before AND expires_at > threshold`
