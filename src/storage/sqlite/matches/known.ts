// The read of a batch: who has what, and what the settings and the stock of the namespaces say.

import type { GivenItem } from '../../../domain/match.ts'
import type { Database, Statement } from '../database.ts'
import { stockIsWatched } from '../records/outbox.ts'
import { expiryThreshold, hourIsOver, lapsedRows } from '../records/time.ts'

/** What a requestor asks for, compared as the namespace compares requestors; no slot is the empty string. */
export type Asked = { namespace: string; requestor: string; slot: string }

/** What a requestor has in a slot, also if the hold has lapsed. `replaces` is the item that it was given for. */
export type Holding = GivenItem & { replaces: string | null }

/** What decides whether somebody new gets an item in a namespace. */
export type NamespaceNow = {
  paused: boolean
  opensAt: number | null
  closesAt: number | null
  itemsPerRequestor: number
  folded: boolean
  /** Whether requestors may have several items, so that the limit has to be checked. */
  slotsUsed: boolean
  /** Whether webhooks are told of stock, of any namespace. */
  watched: boolean
  hasStock: boolean
  /** Holds have lapsed, or the queue begins with expired items: see `tidy`. */
  untidy: boolean
  /** An hour has begun since the last change: see `rollHours`. */
  hourOver: boolean
}

export type Known = {
  holdings: ReadonlyMap<string, Holding>
  namespaces: ReadonlyMap<string, NamespaceNow>
  /** How many items a requestor has, by `requestorKey`; only where slots are asked for. */
  counts: ReadonlyMap<string, number>
}

export const keyOf = ({ namespace, requestor, slot }: Asked) => `${namespace} ${slot} ${requestor}`
export const requestorKey = ({ namespace, requestor }: Asked) => `${namespace} ${requestor}`

type Row = [
  string,
  string,
  string,
  string,
  string | null,
  number | null,
  number,
  number | null,
  string | null,
]
type NamespaceRow = [
  string,
  number | null,
  number | null,
  number | null,
  number | null,
  string | null,
  number,
  number,
  number,
  number,
  number,
]

/** Reads it all in one snapshot, at the time `now`. With `slots`, the requests may name slots. */
export async function readKnown(
  db: Database,
  requests: Iterable<Asked>,
  { now, slots }: { now: number; slots: boolean },
): Promise<Known> {
  const { rows } = await db.read(findKnown(groupByNamespace(requests, slots), { now, slots }))
  const [row] = rows
  const listOf = <Element>(column: string): Element[] => JSON.parse(String(row?.[column] ?? '[]'))
  const holdings = listOf<Row>('holdings').map(
    ([namespace, requestor, slot, item, data, expiresAt, matchedAt, heldUntil, replaces]) =>
      [
        keyOf({ namespace, requestor, slot }),
        { item, data, expiresAt, matchedAt, heldUntil, replaces },
      ] as const,
  )
  const counts = listOf<[string, string, number]>('counts').map(
    ([namespace, requestor, count]) => [`${namespace} ${requestor}`, count] as const,
  )
  return {
    holdings: new Map(holdings),
    namespaces: new Map(listOf<NamespaceRow>('namespaces').map(namespaceNow)),
    counts: new Map(counts),
  }
}

const namespaceNow = ([
  namespace,
  paused,
  opensAt,
  closesAt,
  itemsPerRequestor,
  requestors,
  slotsUsed,
  watched,
  hasStock,
  untidy,
  hourOver,
]: NamespaceRow) =>
  [
    namespace,
    {
      paused: paused === 1,
      opensAt,
      closesAt,
      itemsPerRequestor: itemsPerRequestor ?? 1,
      folded: requestors === 'folded',
      slotsUsed: slotsUsed === 1,
      watched: watched === 1,
      hasStock: hasStock === 1,
      untidy: untidy === 1,
      hourOver: hourOver === 1,
    },
  ] as const

/** The requests as a JSON object of lists: of requestors, or with `slots` of pairs. */
function groupByNamespace(requests: Iterable<Asked>, slots: boolean): string {
  const groups: Record<string, unknown[]> = Object.create(null)
  for (const { namespace, requestor, slot } of requests) {
    const entry = slots ? [requestor, slot] : requestor
    const group = groups[namespace]
    if (group) group.push(entry)
    else groups[namespace] = [entry]
  }
  return JSON.stringify(groups)
}

// One row of lists. CROSS JOIN makes SQLite go through the requests and look up items, not the other way round.
const findKnown = (asked: string, { now, slots }: { now: number; slots: boolean }): Statement => {
  const [requestor, slot] = slots ? ['one.value ->> 0', 'one.value ->> 1'] : ['one.value', "''"]
  const counts = `SELECT json_group_array(json_array(asked.key, ${requestor}, (${countStanding('asked.key', requestor)})))
          FROM json_each(?1) AS asked CROSS JOIN json_each(asked.value) AS one`
  return {
    sql: `SELECT (
          SELECT json_group_array(json_array(
            namespace, requestor, slot, item, data, expires_at, matched_at, held_until, replaces
          ))
          FROM json_each(?1) AS asked CROSS JOIN json_each(asked.value) AS one
          CROSS JOIN items INDEXED BY items_live_holder_unique
            ON namespace = asked.key AND requestor = ${requestor} AND slot = ${slot} AND deleted_at IS NULL
        ) AS holdings, (
          SELECT json_group_array(json_array(
            namespace, paused, opens_at, closes_at, items_per_requestor, requestors, slots_used, ${stockIsWatched},
            ${anyAvailable}, ${anyLapsed} OR ${headExpired}, ${hourIsOver}
          ))
          FROM json_each(?1) AS asked CROSS JOIN namespaces AS pool ON namespace = asked.key
        ) AS namespaces${slots ? `, (${counts}) AS counts` : ''}`,
    params: [asked, now],
  }
}

/** SQL for how many items a requestor has, holds that have not lapsed by ?2 included. */
export const countStanding = (namespace: string, requestor: string) => `
  SELECT count(*) FROM items INDEXED BY items_live_holder_unique
  WHERE namespace = ${namespace} AND requestor = ${requestor} AND deleted_at IS NULL
    AND (held_until IS NULL OR held_until > ?2)`

// Below, `pool` is the row of `namespaces`, and ?2 the time.
const inQueue = 'namespace = pool.namespace AND deleted_at IS NULL AND requestor IS NULL'

export const anyAvailable = `(
  EXISTS (
    SELECT 1 FROM items INDEXED BY items_queue WHERE ${inQueue} AND expires_at IS NULL
  ) OR EXISTS (
    SELECT 1 FROM items INDEXED BY items_expiring
    WHERE ${inQueue} AND expires_at IS NOT NULL AND expires_at > ${expiryThreshold}
  )
)`

export const anyLapsed = `EXISTS (SELECT 1 ${lapsedRows})`

/** SQL for the id of the first item of a lapsed hold, or one past all. Reads all of them, from the index alone. */
export const firstLapsed = `ifnull((SELECT min(id) ${lapsedRows}), ${Number.MAX_SAFE_INTEGER})`

export const headExpired = `ifnull((
  SELECT expires_at FROM items INDEXED BY items_expiring_queue
  WHERE ${inQueue} AND expires_at IS NOT NULL AND id >= pool.expiring_head ORDER BY id LIMIT 1
) <= ${expiryThreshold}, 0)`
