import { ZaasError } from '../errors.ts'
import { type Database, isUniqueViolation, type Statement, UnknownOutcome } from './database.ts'
import { availableIds } from './queue.ts'

export type MatchRequest = { namespace: string; requestor: string }
export type Match = { item: string; matchedAt: number; alreadyMatched: boolean }
/** `none`: the requestor holds no item and none is available. */
export type Outcome = Match | 'none'

const roundsMax = 10
/** When a batch begins no further write. */
const writesMaxMs = 4_000

/**
 * Answers a batch of requests, of one or many namespaces, in their order.
 *
 * A round reads who already holds what and whether anything is left; only those who hold nothing where
 * something is left go on to the write, which pairs them with the oldest available items. Repeats and
 * exhausted namespaces so take no write lock. What was true at the read may have changed by the
 * write, since other processes write too: the write itself decides, under the lock, what is available, and
 * the unique index of requestors refuses it when one of them holds an item by now. Whoever got nothing in
 * it goes to the next round, whose read tells who that was.
 *
 * So does everybody after a write whose outcome is unknown: the next read tells who got an item by it,
 * and those who did not can safely be in another write, even if the first is still to come, because each
 * looks for itself. Their first answer says that the match is new, as the lost one would have.
 *
 * With `likelyNew` the first round has no read, which is right in any case, and quicker where nobody in the
 * batch holds an item and all get one.
 *
 * Throws `unavailable` when the database is, or when others keep winning for `roundsMax` rounds.
 */
export async function matchBatch(
  db: Database,
  requests: readonly MatchRequest[],
  now: number,
  likelyNew = false,
): Promise<Outcome[]> {
  db.meters.batchSize.observe(requests.length)
  const outcomes: Outcomes = new Map()
  const writesUntil = performance.now() + writesMaxMs
  let waiting: Waiting = new Map(requests.map((request) => [keyOf(request), request]))
  let lostWrite: UnknownOutcome | undefined
  for (let round = 0; waiting.size > 0; round++) {
    if (round === roundsMax) throw new ZaasError('unavailable', 'Other instances keep winning.')
    const unread = likelyNew && round === 0
    const eager = unread ? waiting : await settleKnown(db, waiting, outcomes, lostWrite && now)
    if (eager.size > 0 && lostWrite && performance.now() >= writesUntil) throw lostWrite
    try {
      waiting = eager.size > 0 ? await matchOldest(db, eager, outcomes, now) : eager
    } catch (error) {
      if (!(error instanceof UnknownOutcome)) throw error
      lostWrite = error
      waiting = eager
    }
  }
  return requests.map((request) => takeOutcome(outcomes, keyOf(request)))
}

type Waiting = ReadonlyMap<string, MatchRequest>
type Outcomes = Map<string, Outcome>

const keyOf = ({ namespace, requestor }: MatchRequest) => `${namespace} ${requestor}`

/** Settles repeats and exhausted namespaces, and returns those who may get an item. */
async function settleKnown(
  db: Database,
  waiting: Waiting,
  outcomes: Outcomes,
  lostAt: number | undefined,
): Promise<Waiting> {
  const { rows } = await db.read(findKnown(waiting))
  const held: [string, string, string, number][] = JSON.parse(String(rows[0]?.['held']))
  for (const [namespace, requestor, item, matchedAt] of held) {
    const alreadyMatched = matchedAt !== lostAt
    outcomes.set(keyOf({ namespace, requestor }), { item, matchedAt, alreadyMatched })
  }
  const stocked = new Set<string>(JSON.parse(String(rows[0]?.['stocked'])))
  const eager = new Map<string, MatchRequest>()
  for (const [key, request] of waiting) {
    if (outcomes.has(key)) continue
    if (stocked.has(request.namespace)) eager.set(key, request)
    else outcomes.set(key, 'none')
  }
  return eager
}

/** Gives the oldest available items to those who held none, and returns who got nothing. */
async function matchOldest(
  db: Database,
  waiting: Waiting,
  outcomes: Outcomes,
  now: number,
): Promise<Waiting> {
  const [matched] = await db.write([giveOldest(waiting, now)]).catch(nothingWhereRaced)
  const rest = new Map(waiting)
  for (const { namespace, requestor, item } of matched?.rows ?? []) {
    const key = keyOf({ namespace: String(namespace), requestor: String(requestor) })
    outcomes.set(key, { item: String(item), matchedAt: now, alreadyMatched: false })
    rest.delete(key)
  }
  return rest
}

/** Another process has given one of them an item since the read. */
function nothingWhereRaced(error: unknown): [] {
  if (!isUniqueViolation(error)) throw error
  return []
}

/** A requestor that stands twice in a batch got its item by the first of them. */
function takeOutcome(outcomes: Outcomes, key: string): Outcome {
  const outcome = outcomes.get(key)
  if (outcome === undefined) throw new Error('A round settled nothing for a request.')
  if (outcome !== 'none') outcomes.set(key, { ...outcome, alreadyMatched: true })
  return outcome
}

/** As JSON, the requestors of each namespace, in their order. */
function grouped(waiting: Waiting): { json: string; largest: number } {
  const groups = Map.groupBy(waiting.values(), ({ namespace }) => namespace)
  const lists = Array.from(groups, ([namespace, group]) => [
    namespace,
    group.map(({ requestor }) => requestor),
  ])
  return {
    json: JSON.stringify(Object.fromEntries(lists)),
    largest: Math.max(...Array.from(groups.values(), ({ length }) => length)),
  }
}

// Here and below, CROSS JOIN has SQLite go through the requests and look up items, not the other way round.
/** One row with two lists, of who holds what and of the namespaces where something is available. */
const findKnown = (waiting: Waiting): Statement => ({
  sql: `SELECT (
          SELECT json_group_array(json_array(namespace, requestor, item, matched_at))
          FROM json_each(?1) AS asked CROSS JOIN json_each(asked.value) AS one CROSS JOIN items
            ON namespace = asked.key AND requestor = one.value AND deleted_at IS NULL
        ) AS held, (
          SELECT json_group_array(key) FROM json_each(?1)
          WHERE EXISTS (SELECT 1 FROM namespace_stats WHERE namespace = key AND total > matched)
        ) AS stocked`,
  params: [grouped(waiting).json],
})

// `oldest` has the first available items of each namespace, `taken` pairs them with the requestors by their
// place: at most as many steps in each of two indices as there are requestors, however large the pool is. The
// limit is that of the largest group, since SQLite takes none that differs by row. Whoever holds an item by
// now breaks `items_live_requestor_unique`, and nobody gets anything.
const giveOldest = (waiting: Waiting, now: number): Statement => {
  const { json, largest } = grouped(waiting)
  return {
    sql: `WITH oldest(requestors, ids) AS MATERIALIZED (
            SELECT value, (
              SELECT json_group_array(id) FROM (${availableIds('key')} ORDER BY id LIMIT ?3)
            )
            FROM json_each(?1)
          ), taken(id, requestor) AS MATERIALIZED (
            SELECT place.value, requestors ->> place.key
            FROM oldest CROSS JOIN json_each(ids) AS place
          )
          UPDATE items SET requestor = taken.requestor, matched_at = ?2
          FROM taken
          WHERE items.id = taken.id AND taken.requestor IS NOT NULL AND items.requestor IS NULL
          RETURNING namespace, requestor, item`,
    params: [json, now, largest],
  }
}
