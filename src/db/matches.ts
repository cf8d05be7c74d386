import { ZaasError } from '../errors.ts'
import type { Database, Statement } from './database.ts'

export type MatchRequest = { namespace: string; requestor: string }
export type Match = { item: string; matchedAt: number; alreadyMatched: boolean }
/** `none`: the requestor holds no item and none is available. */
export type Outcome = Match | 'none'

const roundsMax = 10

/**
 * Answers a batch of requests, of one or many namespaces, in their order.
 *
 * A round reads who already holds what and whether anything is left; only those who hold nothing where
 * something is left go on to the write, which pairs them with the oldest available items. Repeats and
 * exhausted namespaces so never take the write lock. What was true at the read may have changed by the
 * write, since other processes write too: the write itself decides again, under the lock, who holds
 * nothing and what is available, and whoever got nothing in it goes to the next round.
 *
 * Throws `unavailable` when the database is, or when others keep winning for `roundsMax` rounds.
 */
export async function matchBatch(
  db: Database,
  requests: readonly MatchRequest[],
  clock: () => Date,
): Promise<Outcome[]> {
  const outcomes: Outcomes = new Map()
  let waiting: Waiting = new Map(requests.map((request) => [keyOf(request), request]))
  for (let round = 0; waiting.size > 0; round++) {
    if (round === roundsMax) throw new ZaasError('unavailable', 'Other instances keep winning.')
    const eager = await settleKnown(db, waiting, outcomes)
    waiting = eager.size > 0 ? await matchOldest(db, eager, outcomes, clock().getTime()) : eager
  }
  return requests.map((request) => takeOutcome(outcomes, keyOf(request)))
}

type Waiting = ReadonlyMap<string, MatchRequest>
type Outcomes = Map<string, Outcome>

const keyOf = ({ namespace, requestor }: MatchRequest) => `${namespace} ${requestor}`

/** Settles repeats and exhausted namespaces, and returns those who may get an item. */
async function settleKnown(db: Database, waiting: Waiting, outcomes: Outcomes): Promise<Waiting> {
  const eager = new Map<string, MatchRequest>()
  const { rows } = await db.read(findHeld(waiting))
  for (const [n, [key, request]] of [...waiting].entries()) {
    const row = rows[n]
    if (!row) throw new Error('A batch was read short.')
    const [item, matchedAt] = [row['item'], row['matched_at']]
    if (typeof item === 'string') {
      outcomes.set(key, { item, matchedAt: Number(matchedAt), alreadyMatched: true })
    } else if (row['anyLeft']) eager.set(key, request)
    else outcomes.set(key, 'none')
  }
  return eager
}

/** Gives the oldest available items to those who still hold none, and returns who got nothing. */
async function matchOldest(
  db: Database,
  waiting: Waiting,
  outcomes: Outcomes,
  now: number,
): Promise<Waiting> {
  const [matched] = await db.write([giveOldest(waiting, now)])
  const rest = new Map(waiting)
  for (const { namespace, requestor, item } of matched?.rows ?? []) {
    const key = keyOf({ namespace: String(namespace), requestor: String(requestor) })
    outcomes.set(key, { item: String(item), matchedAt: now, alreadyMatched: false })
    rest.delete(key)
  }
  return rest
}

/** A requestor that stands twice in a batch got its item by the first of them. */
function takeOutcome(outcomes: Outcomes, key: string): Outcome {
  const outcome = outcomes.get(key)
  if (outcome === undefined) throw new Error('A round settled nothing for a request.')
  if (outcome !== 'none') outcomes.set(key, { ...outcome, alreadyMatched: true })
  return outcome
}

const asked = (waiting: Waiting) =>
  JSON.stringify(Array.from(waiting.values(), ({ namespace, requestor }) => [namespace, requestor]))

export const findHeld = (waiting: Waiting): Statement => ({
  sql: `WITH asked AS (
          SELECT key AS place, value ->> 0 AS namespace, value ->> 1 AS requestor FROM json_each(?1)
        )
        SELECT item, matched_at, EXISTS (
          SELECT 1 FROM items
          WHERE namespace = asked.namespace AND deleted_at IS NULL AND requestor IS NULL
        ) AS anyLeft
        FROM asked LEFT JOIN items ON items.namespace = asked.namespace
          AND items.requestor = asked.requestor AND items.deleted_at IS NULL
        ORDER BY place`,
  params: [asked(waiting)],
})

export const giveOldest = (waiting: Waiting, now: number): Statement => ({
  sql: `WITH RECURSIVE asked AS MATERIALIZED (
          SELECT value ->> 0 AS namespace, value ->> 1 AS requestor,
            row_number() OVER (PARTITION BY value ->> 0 ORDER BY key) AS turn
          FROM json_each(?1)
          WHERE NOT EXISTS (
            SELECT 1 FROM items
            WHERE namespace = value ->> 0 AND requestor = value ->> 1 AND deleted_at IS NULL
          )
        ), wanted AS MATERIALIZED (
          SELECT namespace, count(*) AS many FROM asked GROUP BY namespace
        ), oldest(namespace, many, turn, id) AS (
          SELECT namespace, many, 1, (
            SELECT min(id) FROM items
            WHERE namespace = wanted.namespace AND deleted_at IS NULL AND requestor IS NULL
          )
          FROM wanted
          UNION ALL
          SELECT namespace, many, turn + 1, (
            SELECT min(id) FROM items
            WHERE namespace = oldest.namespace AND deleted_at IS NULL AND requestor IS NULL
              AND id > oldest.id
          )
          FROM oldest WHERE turn < many AND id IS NOT NULL
        )
        UPDATE items SET requestor = pair.requestor, matched_at = ?2
        FROM (SELECT id, requestor FROM oldest JOIN asked USING (namespace, turn)) AS pair
        WHERE items.id = pair.id
        RETURNING namespace, requestor, item`,
  params: [asked(waiting), now],
})
