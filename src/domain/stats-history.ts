export const hourMs = 3_600_000
export const dayMs = 24 * hourMs

export const historySteps = { hour: hourMs, day: dayMs } as const
export type HistoryStep = keyof typeof historySteps

/** What steps have brought that begin at `from` or later and before `to` (Unix ms, both where a step begins). */
export type StatsHistoryQuery = {
  namespace: string
  from: number
  to: number
  step: HistoryStep
  now: number
}

/**
 * What a step that begins at `at` has brought. A restored item counts as added, a replacement as one removed and one
 * matched, a hold as matched when it is confirmed. A match that an import brings along was made at another time:
 * it is not counted, and its item as added.
 */
export type StatsPoint = {
  at: number
  added: number
  matched: number
  released: number
  removed: number
  /** As recorded with the first change or sweep after the step; until then, as it is now. */
  available: number
}

/**
 * What is kept. `steps` are what the steps that are over have brought, as far as anything is recorded of them, with
 * what was available after the last hour of which that is known; `before` is what was available before them, and
 * `current` the hour that is not over yet. Nothing is known of the time before `since`.
 */
export type KeptHistory = {
  steps: readonly StatsPoint[]
  before: number | null
  current: StatsPoint
  since: number
}

/** The points of a history: one for each step from when something is known until now. */
export function pointsOf(
  { from, to, step, now }: StatsHistoryQuery,
  { steps, before, current, since }: KeptHistory,
): StatsPoint[] {
  const length = historySteps[step]
  const beginOf = (at: number) => at - (at % length)
  const kept = new Map(steps.map((point) => [point.at, point]))
  const end = Math.min(to, beginOf(Math.max(now, current.at)) + length)
  const points: StatsPoint[] = []
  let available = before ?? current.available
  for (let at = Math.max(from, beginOf(since)); at < end; at += length) {
    const brought = kept.get(at) ?? { ...nothing, available }
    const goesOn = beginOf(current.at) === at
    available = current.at < at + length ? current.available : brought.available
    points.push({ at, ...(goesOn ? sum(brought, current) : countersOf(brought)), available })
  }
  return points
}

type Counters = Omit<StatsPoint, 'at' | 'available'>

const nothing: Counters = { added: 0, matched: 0, released: 0, removed: 0 }

const countersOf = ({ added, matched, released, removed }: Counters): Counters => ({
  ...{ added, matched, released, removed },
})

const sum = (one: Counters, other: Counters): Counters => ({
  added: one.added + other.added,
  matched: one.matched + other.matched,
  released: one.released + other.released,
  removed: one.removed + other.removed,
})
