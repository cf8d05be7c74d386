import type { WriteContext } from '../../domain/actor.ts'
import { ZaasError } from '../../domain/errors.ts'
import type { MatchOutcome, MatchRequest } from '../../domain/match.ts'
import { limits } from '../../limits.ts'
import { UnknownOutcome } from '../engine/retry.ts'
import type { Database, Statement } from './database.ts'
import { isUniqueViolation } from './drivers/client.ts'
import { availableIds } from './queue.ts'

type BatchedMatch = MatchRequest & WriteContext

const { batch: bounds } = limits

/**
 * What answers batches of requests on a database. When a drop opens, nearly everybody is new: once all were in
 * some batches on end, the next of several requests goes straight to its write. A few requests do not, so that
 * a lone repeat waits for no write lock; a crowd of repeats right after one of new requestors does, once.
 */
export function matcher(db: Database) {
  let newBatches = 0
  return async (batch: readonly BatchedMatch[]): Promise<MatchOutcome[]> => {
    const before = newBatches
    newBatches = 0
    const skipRead =
      before >= bounds.skipReadAfterBatches && batch.length >= bounds.skipReadFromRequests
    const outcomes = await matchBatch(db, batch, { skipRead })
    if (outcomes.every(isNew)) newBatches = before + 1
    return outcomes
  }
}

const isNew = (outcome: MatchOutcome) => outcome.kind === 'matched' && !outcome.alreadyMatched

/**
 * Answers a batch of requests, of one or many namespaces, in their order; all of its matches are at the time of
 * the latest request.
 *
 * A round reads who already holds what and whether anything is left; only those who hold nothing where
 * something is left, the candidates, go on to the write, which pairs them with the oldest available items.
 * Repeats and exhausted namespaces so take no write lock. What was true at the read may have changed by the
 * write, since other processes write too: the write itself decides, under the lock, what is available, and
 * the unique index of requestors refuses it when one of them holds an item by now. Whoever got nothing in
 * it goes to the next round, whose read tells who that was.
 *
 * So does everybody after a write whose outcome is unknown: the next read tells who got an item by it,
 * and those who did not can safely be in another write, even if the first is still to come, because each
 * looks for itself. Their first answer says that the match is new, as the lost one would have.
 *
 * With `skipRead` the first round has no read, which is right in any case, and quicker where nobody in the
 * batch holds an item and all get one.
 *
 * Throws `unavailable` when the database is, or when others keep winning for `limits.batch.roundsMax` rounds.
 */
export async function matchBatch(
  db: Database,
  requests: readonly BatchedMatch[],
  { skipRead = false } = {},
): Promise<MatchOutcome[]> {
  db.metrics.batchSize.observe(requests.length)
  const now = Math.max(...requests.map((request) => request.now))
  const outcomes: Outcomes = new Map()
  const writesUntilMs = performance.now() + bounds.writesMs
  let open: Requests = new Map(requests.map((request) => [keyOf(request), request]))
  let lostWrite: UnknownOutcome | undefined
  for (let round = 0; open.size > 0; round++) {
    if (round === bounds.roundsMax) {
      throw new ZaasError('unavailable', 'Other instances keep winning.')
    }
    const candidates =
      skipRead && round === 0 ? open : await resolveKnown(db, open, outcomes, lostWrite && now)
    if (candidates.size > 0 && lostWrite && performance.now() >= writesUntilMs) throw lostWrite
    try {
      open = candidates.size > 0 ? await matchOldest(db, candidates, outcomes, now) : candidates
    } catch (error) {
      if (!(error instanceof UnknownOutcome)) throw error
      lostWrite = error
      open = candidates
    }
  }
  return requests.map((request) => takeOutcome(outcomes, keyOf(request)))
}

/** One request for each requestor of a namespace. */
type Requests = ReadonlyMap<string, BatchedMatch>
type Outcomes = Map<string, MatchOutcome>

const keyOf = ({ namespace, requestor }: MatchRequest) => `${namespace} ${requestor}`

/** Answers repeats and exhausted namespaces, and returns those who may get an item. */
async function resolveKnown(
  db: Database,
  requests: Requests,
  outcomes: Outcomes,
  lostAt: number | undefined,
): Promise<Requests> {
  const { rows } = await db.read(findKnown(requests))
  const held: [string, string, string, number][] = JSON.parse(String(rows[0]?.['held']))
  for (const [namespace, requestor, item, matchedAt] of held) {
    const alreadyMatched = matchedAt !== lostAt
    const outcome: MatchOutcome = { kind: 'matched', item, matchedAt, alreadyMatched }
    outcomes.set(keyOf({ namespace, requestor }), outcome)
  }
  const namespacesWithStock = new Set<string>(
    JSON.parse(String(rows[0]?.['namespaces_with_stock'])),
  )
  const candidates = new Map<string, BatchedMatch>()
  for (const [key, request] of requests) {
    if (outcomes.has(key)) continue
    if (namespacesWithStock.has(request.namespace)) candidates.set(key, request)
    else outcomes.set(key, { kind: 'refused', reason: 'none_left' })
  }
  return candidates
}

/** Gives the oldest available items to those who held none, and returns who got nothing. */
async function matchOldest(
  db: Database,
  candidates: Requests,
  outcomes: Outcomes,
  now: number,
): Promise<Requests> {
  const [matched] = await db.write([giveOldest(candidates, now)]).catch(nothingWhereRaced)
  const rest = new Map(candidates)
  for (const { namespace, requestor, item } of matched?.rows ?? []) {
    const key = keyOf({ namespace: String(namespace), requestor: String(requestor) })
    const match = { item: String(item), matchedAt: now, alreadyMatched: false }
    outcomes.set(key, { kind: 'matched', ...match })
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
function takeOutcome(outcomes: Outcomes, key: string): MatchOutcome {
  const outcome = outcomes.get(key)
  if (outcome === undefined) throw new Error('A round left a request without an outcome.')
  if (outcome.kind === 'matched') outcomes.set(key, { ...outcome, alreadyMatched: true })
  return outcome
}

/** As JSON, the requestors of each namespace, in their order. */
function grouped(requests: Requests): { json: string; largest: number } {
  const groups = Map.groupBy(requests.values(), ({ namespace }) => namespace)
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
const findKnown = (requests: Requests): Statement => ({
  sql: `SELECT (
          SELECT json_group_array(json_array(namespace, requestor, item, matched_at))
          FROM json_each(?1) AS asked CROSS JOIN json_each(asked.value) AS one CROSS JOIN items
            ON namespace = asked.key AND requestor = one.value AND deleted_at IS NULL
        ) AS held, (
          SELECT json_group_array(key) FROM json_each(?1)
          WHERE EXISTS (SELECT 1 FROM namespace_stats WHERE namespace = key AND total > matched)
        ) AS namespaces_with_stock`,
  params: [grouped(requests).json],
})

// `oldest` has the first available items of each namespace, `taken` pairs them with the requestors by their
// place: at most as many steps in each of two indices as there are requestors, however large the pool is. The
// limit is that of the largest group, since SQLite takes none that differs by row. Whoever holds an item by
// now breaks `items_live_requestor_unique`, and nobody gets anything.
const giveOldest = (candidates: Requests, now: number): Statement => {
  const { json, largest } = grouped(candidates)
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
