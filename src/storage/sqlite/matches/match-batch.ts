import type { WriteContext } from '../../../domain/actor.ts'
import type { MatchOutcome, MatchRequest } from '../../../domain/match.ts'
import { limits } from '../../../limits.ts'
import { UnknownOutcome } from '../../engine/retry.ts'
import type { Database } from '../database.ts'
import { isUniqueViolation } from '../drivers/client.ts'
import { actorIds } from '../records/actors.ts'
import { rollHours } from '../records/hours.ts'
import { Assumptions } from './assumptions.ts'
import { type Asked, keyOf, readKnown } from './known.ts'
import { resolve, undecided } from './resolve.ts'
import { planGifts, type Steps, takeResults } from './steps.ts'
import { tidyForGift } from './tidy.ts'

export type BatchedMatch = MatchRequest & WriteContext

/** Requests of one batch for the same thing, by their places in it; the first one decides. */
export type Pending = Asked & { key: string; request: BatchedMatch; places: number[] }

export type Outcomes = (MatchOutcome | undefined)[]

const { batch: bounds } = limits

/**
 * Returns a function that answers batches of requests for a match. When a drop opens, nearly every requestor is
 * new. So after `skipReadAfterBatches` batches of new requestors only, a batch skips its read and goes straight
 * to the write, unless it is small: a lone repeat should not wait for the write lock. A large batch of repeats
 * pays for the wrong guess, once. With 64 connections this saves about 2 % of the CPU of a match, and adds 3 to 5 %
 * to the rate (`bun run bench --against` a variant that always reads).
 */
export function matcher(db: Database, assumptions = new Assumptions()) {
  let batchesOfNew = 0
  return async (batch: readonly BatchedMatch[]): Promise<MatchOutcome[]> => {
    const batchesBefore = batchesOfNew
    batchesOfNew = 0
    const skipRead =
      batchesBefore >= bounds.skipReadAfterBatches &&
      batch.length >= bounds.skipReadFromRequests &&
      batch.every(({ namespace, slot }) => !slot && assumptions.has(namespace))
    const outcomes = await matchBatch(db, batch, { assumptions, skipRead })
    if (outcomes.every(isNew)) batchesOfNew = batchesBefore + 1
    return outcomes
  }
}

const isNew = (outcome: MatchOutcome) => outcome.kind === 'matched' && !outcome.alreadyMatched

/**
 * Answers a batch of requests, for any namespaces, in their order. All its matches get the time of the latest
 * request. It works in rounds:
 *
 * 1. One read: which requestors have an item already, and what do the settings and the stock of the namespaces
 *    say? This answers repeats and refusals, which so take no write lock.
 * 2. One write, which pairs the other requestors with the oldest available items, and confirms holds. Where time
 *    has left a namespace untidy (`tidy.ts`), the write first tidies up as much as it needs, at most a step.
 * 3. Requestors that got nothing go to the next round, whose read finds out why.
 *
 * Why races are safe: other processes may write between the read and the write. The write itself checks, under the
 * lock, the settings and what is available, and fails on the unique index if a requestor has got an item
 * meanwhile. What is assumed, how requestors are compared and whether slots are in use, it compares.
 *
 * Why a lost answer is safe: after a write whose outcome is unknown, the next read finds who got an item by it.
 * The others can be in another write even if the lost one is still to be executed, since each write checks for
 * itself. A match of the lost write is answered as new, as it would have been.
 *
 * With `skipRead` the first round has no read. That is always correct, and faster if no requestor in the batch
 * has an item and all of them get one.
 *
 * Throws `unavailable` when the database does, and `undecided` after `limits.batch.roundsMax` rounds.
 */
export async function matchBatch(
  db: Database,
  requests: readonly BatchedMatch[],
  { assumptions = new Assumptions(), skipRead = false } = {},
): Promise<MatchOutcome[]> {
  db.metrics.batchSize.observe(requests.length)
  const now = Math.max(...requests.map((request) => request.now))
  const outcomes: Outcomes = new Array(requests.length).fill(undefined)
  const writesUntilMs = performance.now() + bounds.writesMs
  let lostWrite: UnknownOutcome | undefined
  for (let round = 0; outcomes.includes(undefined); ) {
    if (round === bounds.roundsMax) {
      throw undecided()
    }
    const pending = pendingOf(requests, outcomes, assumptions)
    const skipped = skipRead && round === 0
    const steps = skipped
      ? { gifts: pending, confirmations: [], untidy: [], hoursOver: [] }
      : await readSteps(db, pending, { outcomes, assumptions, now, lostWrite: !!lostWrite })
    round++
    if (!steps) continue
    if (lostWrite && performance.now() >= writesUntilMs) throw lostWrite
    try {
      await write(db, steps, { outcomes, assumptions, now })
      // Tidying up is no race that was lost, and takes as many steps as it takes.
      if (steps.untidy.length > 0 && performance.now() < writesUntilMs) round--
    } catch (error) {
      if (error instanceof UnknownOutcome) lostWrite = error
      // A requestor has got an item from another process since the read, so nobody got one from this write.
      else if (!isUniqueViolation(error)) throw error
    }
  }
  return outcomes.filter((outcome) => outcome !== undefined)
}

/**
 * The requests without an outcome. Those of one requestor and slot share theirs, unless a request that confirms
 * follows one that holds: it waits for the next round.
 */
function pendingOf(
  requests: readonly BatchedMatch[],
  outcomes: Outcomes,
  assumptions: Assumptions,
): Pending[] {
  const pending = new Map<string, Pending>()
  for (const [place, request] of requests.entries()) {
    if (outcomes[place] !== undefined) continue
    const { namespace, slot = '' } = request
    const requestor = assumptions.compared(namespace, request.requestor)
    const key = keyOf({ namespace, slot, requestor })
    const first = pending.get(key)
    if (!first) pending.set(key, { namespace, slot, requestor, key, request, places: [place] })
    else if (!first.request.holdSeconds || request.holdSeconds) first.places.push(place)
  }
  return [...pending.values()]
}

type Round = { outcomes: Outcomes; assumptions: Assumptions; now: number }

/** Answers what a read can answer, and returns what is left to write; undefined if an assumption was wrong. */
async function readSteps(
  db: Database,
  pending: readonly Pending[],
  { outcomes, assumptions, now, lostWrite }: Round & { lostWrite: boolean },
): Promise<Steps | undefined> {
  const slots = pending.some(({ namespace, slot }) => slot || assumptions.of(namespace).slotsUsed)
  const known = await readKnown(db, pending, { now, slots })
  if (assumptions.correct(known.namespaces)) return undefined
  return resolve(pending, known, { outcomes, now, newAt: lostWrite ? now : undefined })
}

async function write(db: Database, steps: Steps, { outcomes, assumptions, now }: Round) {
  const tidying = steps.untidy.flatMap((untidy) => {
    const asking = steps.gifts.filter(({ namespace }) => namespace === untidy)
    const requestors = asking.map(({ requestor }) => requestor)
    return tidyForGift(untidy, now, requestors)
  })
  const rolling = steps.hoursOver.length === 0 ? [] : rollHours(steps.hoursOver, now)
  const first = [...rolling, ...tidying]
  if (first.length + steps.gifts.length + steps.confirmations.length === 0) return
  const ids = await actorIds(
    db,
    [...steps.gifts, ...steps.confirmations].map(({ request }) => request.actor),
  )
  const plan = planGifts(steps, { ids, assumptions, now })
  const results = await db.write([...first, ...plan.flatMap(({ statements }) => statements)])
  takeResults(plan, results.slice(first.length), outcomes)
}
