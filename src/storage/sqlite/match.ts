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
 * Returns a function that answers batches of requests for a match. When a drop opens, nearly every requestor is
 * new. So after `skipReadAfterBatches` batches of new requestors only, a batch skips its read and goes straight
 * to the write, unless it is small: a lone repeat should not wait for the write lock. A large batch of repeats
 * pays for the wrong guess, once. With 64 connections this saves about 2 % of the CPU of a match, and adds 3 to 5 %
 * to the rate (`bun run bench --against` a variant that always reads).
 */
export function matcher(db: Database) {
  let batchesOfNew = 0
  return async (batch: readonly BatchedMatch[]): Promise<MatchOutcome[]> => {
    const batchesBefore = batchesOfNew
    batchesOfNew = 0
    const skipRead =
      batchesBefore >= bounds.skipReadAfterBatches && batch.length >= bounds.skipReadFromRequests
    const outcomes = await matchBatch(db, batch, { skipRead })
    if (outcomes.every(isNew)) batchesOfNew = batchesBefore + 1
    return outcomes
  }
}

const isNew = (outcome: MatchOutcome) => outcome.kind === 'matched' && !outcome.alreadyMatched

/**
 * Answers a batch of requests, for any namespaces, in their order. All its matches get the time of the latest
 * request. It works in rounds:
 *
 * 1. One read: which requestors hold an item already, and which namespaces have stock? This answers repeats
 *    and exhausted namespaces, which so take no write lock.
 * 2. One write, which pairs the other requestors (the candidates) with the oldest available items.
 * 3. Candidates that got nothing go to the next round, whose read finds out why.
 *
 * Why races are safe: other processes may write between the read and the write. The write itself selects, under
 * the lock, what is available, and fails on the unique index of requestors if a candidate has got an item meanwhile.
 *
 * Why a lost answer is safe: after a write whose outcome is unknown, the next read finds who got an item by it.
 * The others can be in another write even if the lost one is still to be executed, since each write checks for
 * itself. A match of the lost write is answered as new, as it would have been.
 *
 * With `skipRead` the first round has no read. That is always correct, and faster if no requestor in the batch
 * holds an item and all of them get one.
 *
 * Throws `unavailable` when the database does, or when other processes win `limits.batch.roundsMax` races.
 */
export async function matchBatch(
  db: Database,
  requests: readonly BatchedMatch[],
  { skipRead = false } = {},
): Promise<MatchOutcome[]> {
  db.metrics.batchSize.observe(requests.length)
  const now = Math.max(...requests.map((request) => request.now))
  const outcomes: OutcomesByKey = new Map()
  const writesUntilMs = performance.now() + bounds.writesMs
  let unanswered: RequestsByKey = new Map(requests.map((request) => [keyOf(request), request]))
  let lostWrite: UnknownOutcome | undefined
  for (let round = 0; unanswered.size > 0; round++) {
    if (round === bounds.roundsMax) {
      throw new ZaasError('unavailable', 'Other instances keep winning.')
    }
    const candidates =
      skipRead && round === 0
        ? unanswered
        : await resolveKnown(db, unanswered, outcomes, lostWrite ? now : undefined)
    if (candidates.size === 0) break
    if (lostWrite && performance.now() >= writesUntilMs) throw lostWrite
    try {
      unanswered = await matchOldest(db, candidates, outcomes, now)
    } catch (error) {
      if (!(error instanceof UnknownOutcome)) throw error
      lostWrite = error
      unanswered = candidates
    }
  }
  return requests.map((request) => takeOutcome(outcomes, keyOf(request)))
}

/** One request for each requestor of a namespace, by `keyOf`. */
type RequestsByKey = ReadonlyMap<string, BatchedMatch>
type OutcomesByKey = Map<string, MatchOutcome>

const keyOf = ({ namespace, requestor }: MatchRequest) => `${namespace} ${requestor}`

/**
 * Answers repeats and exhausted namespaces, and returns the candidates. An item that was matched at `lostWriteAt`
 * came from the lost write, and counts as new.
 */
async function resolveKnown(
  db: Database,
  requests: RequestsByKey,
  outcomes: OutcomesByKey,
  lostWriteAt: number | undefined,
): Promise<RequestsByKey> {
  const { rows } = await db.read(findKnown(requests))
  const held: [string, string, string, number][] = JSON.parse(String(rows[0]?.['held']))
  for (const [namespace, requestor, item, matchedAt] of held) {
    const alreadyMatched = matchedAt !== lostWriteAt
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

/** Matches candidates with the oldest available items, and returns those that got none. */
async function matchOldest(
  db: Database,
  candidates: RequestsByKey,
  outcomes: OutcomesByKey,
  now: number,
): Promise<RequestsByKey> {
  const [matched] = await db.write([giveOldest(candidates, now)]).catch(noneIfRaceLost)
  const unmatched = new Map(candidates)
  for (const { namespace, requestor, item } of matched?.rows ?? []) {
    const key = keyOf({ namespace: String(namespace), requestor: String(requestor) })
    const match = { item: String(item), matchedAt: now, alreadyMatched: false }
    outcomes.set(key, { kind: 'matched', ...match })
    unmatched.delete(key)
  }
  return unmatched
}

/** A candidate has got an item from another process since the read, so nobody got one from this write. */
function noneIfRaceLost(error: unknown): [] {
  if (!isUniqueViolation(error)) throw error
  return []
}

/** Of several requests of a requestor in a batch, the first is answered as new and the others as repeats. */
function takeOutcome(outcomes: OutcomesByKey, key: string): MatchOutcome {
  const outcome = outcomes.get(key)
  if (outcome === undefined) throw new Error('A round left a request without an outcome.')
  if (outcome.kind === 'matched') outcomes.set(key, { ...outcome, alreadyMatched: true })
  return outcome
}

/** The requestors of each namespace, in their order, as a JSON object; and the size of the largest group. */
function groupByNamespace(requests: RequestsByKey): { json: string; largest: number } {
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

// One row of two lists: who holds which item, and which namespaces have stock. Here and below, CROSS JOIN makes
// SQLite go through the requests and look up items, not the other way round.
const findKnown = (requests: RequestsByKey): Statement => ({
  sql: `SELECT (
          SELECT json_group_array(json_array(namespace, requestor, item, matched_at))
          FROM json_each(?1) AS asked CROSS JOIN json_each(asked.value) AS one CROSS JOIN items
            ON namespace = asked.key AND requestor = one.value AND deleted_at IS NULL
        ) AS held, (
          SELECT json_group_array(key) FROM json_each(?1)
          WHERE EXISTS (SELECT 1 FROM namespace_stats WHERE namespace = key AND total > matched)
        ) AS namespaces_with_stock`,
  params: [groupByNamespace(requests).json],
})

// `oldest` has the first available items of each namespace, and `taken` pairs them with the requestors by their
// position: for n requestors at most n steps in each of two indices, however many items there are. The limit is
// the size of the largest group, because in SQLite it cannot vary by row. If a candidate has got an item,
// `items_live_requestor_unique` fails the whole write.
const giveOldest = (candidates: RequestsByKey, now: number): Statement => {
  const { json, largest } = groupByNamespace(candidates)
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
