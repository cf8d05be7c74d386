import fc from 'fast-check'
import type { Status } from './model-pool.ts'

// Random calls on one namespace. There are few items, requestors and slots, and times are close to the clock, so that
// rare things happen often. Times are relative to the time of the call, in milliseconds.

export const items = ['A1', 'A2', 'B1', 'B2', 'C', 'D']
export const requestors = ['ann', 'bob', 'cy', 'Ann', ' BOB']
const labels = ['old', 'new']
const statuses: Status[] = ['available', 'matched', 'held', 'expired', 'removed']

type Data = Record<string, unknown>
export type ItemPlan = { item: string; data?: Data; expiresIn?: number }
export type SetPlan = { item: string; data?: Data; expiresIn?: number | 'never' }
export type Asking = { requestor: string; slot?: string }
export type ReleasePlan = string | { item: string; requestor: string }
export type LinePlan = {
  item: string
  holder?: Asking & { matchedIn?: number; heldIn?: number }
  expiresIn?: number
  createdIn?: number
  batch?: string | null
  data?: Data
}
export type SettingsPlan = {
  paused?: boolean | null
  opensIn?: number | null
  closesIn?: number | null
  expiryMarginSeconds?: number | null
  itemsPerRequestor?: number | null
  requestors?: 'exact' | 'folded' | null
}

export type Step = { after: number } & Call
export type Call =
  | ({ do: 'match'; holdSeconds?: number; replace?: string; replaceOwn?: boolean } & Asking)
  | { do: 'match/batch'; asking: (string | Asking)[] }
  | ({ do: 'confirm'; item?: string } & Asking)
  | {
      do: 'patch'
      add: (string | ItemPlan)[]
      remove: string[]
      release: ReleasePlan[]
      set: SetPlan[]
      batch?: string
      /** With an idempotency key, and then once more. */
      twice?: true
    }
  | {
      do: 'put'
      items: (string | ItemPlan)[]
      removeMatched?: boolean
      dryRun?: boolean
      twice?: true
    }
  | {
      do: 'import'
      lines: LinePlan[]
      matches?: 'keep' | 'drop'
      restore?: false
      dryRun?: true
      batch?: string
    }
  | { do: 'settings'; settings: SettingsPlan }
  | { do: 'take back'; batch: string }
  | { do: 'list'; filter: ListPlan; limit?: number; order?: 'desc' }
  | { do: 'sweep' }
export type ListPlan = {
  item?: string
  requestor?: string
  status?: Status
  batch?: string
  prefix?: string
}

const oneOf = fc.constantFrom
const among = <T>(...weighted: [number, fc.Arbitrary<T>][]) =>
  fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })))

/** Of another case, which is another requestor unless they are folded. */
const anyRequestor = among([5, oneOf('ann', 'ann', 'bob', 'cy')], [1, oneOf('Ann', ' BOB')])
const anySlot = oneOf('s', 't')
const anyItem = oneOf(...items)
const anyData = oneOf<Data[]>({ pin: 1 }, { pin: 2, url: 'é' })
const soon = fc.integer({ min: 1, max: 8 }).map((n) => n * 500)
const anyAsking: fc.Arbitrary<Asking> = fc.record(
  { requestor: anyRequestor, slot: anySlot },
  { requiredKeys: ['requestor'] },
)
/** More often without a slot. */
const asking = among([2, anyRequestor.map((requestor): Asking => ({ requestor }))], [1, anyAsking])

const itemPlan: fc.Arbitrary<string | ItemPlan> = among<string | ItemPlan>(
  [2, anyItem],
  [1, fc.record({ item: anyItem, data: anyData, expiresIn: soon }, { requiredKeys: ['item'] })],
)
const setPlan: fc.Arbitrary<SetPlan> = fc.record(
  {
    item: anyItem,
    data: among([2, anyData], [1, fc.constant<Data>({})]),
    expiresIn: among<number | 'never'>([2, soon], [1, fc.constant('never')]),
  },
  { requiredKeys: ['item'] },
)
const releasePlan: fc.Arbitrary<ReleasePlan> = among<ReleasePlan>(
  [2, anyItem],
  [1, fc.record({ item: anyItem, requestor: anyRequestor })],
)
const itemNamed = (each: string | { item: string }) => (typeof each === 'string' ? each : each.item)
/** Items may be repeated: mostly in the same words, since others are refused. */
const listOf = <T extends string | { item: string }>(each: fc.Arbitrary<T>, maxLength: number) =>
  fc
    .tuple(fc.array(each, { maxLength, size: 'max' }), fc.nat(9))
    .map(([list, differing]) => (differing === 0 ? list : list.map((one) => firstOf(list, one))))
const firstOf = <T extends string | { item: string }>(list: T[], one: T): T =>
  list.find((other) => itemNamed(other) === itemNamed(one)) ?? one

/** Mostly lists that have nothing in common, since others are refused. */
const patch = fc
  .record({
    add: listOf(itemPlan, 4),
    remove: listOf(anyItem, 2),
    release: listOf(releasePlan, 2),
    set: listOf(setPlan, 2),
    overlap: fc.nat(19),
    kinds: fc.subarray(['add', 'remove', 'release', 'set'], { minLength: 1 }),
    batch: fc.option(oneOf(...labels), { nil: undefined, freq: 3 }),
    twice: fc.boolean(),
  })
  .map(({ overlap, kinds, batch, twice, ...lists }) => {
    const taken = new Map<string, string>()
    const free = <T extends string | { item: string }>(kind: string, list: T[]): T[] =>
      !kinds.includes(kind)
        ? []
        : list.filter((each) => {
            const owner = taken.get(itemNamed(each)) ?? kind
            taken.set(itemNamed(each), owner)
            return owner === kind || overlap === 0
          })
    return {
      do: 'patch' as const,
      set: free('set', lists.set),
      release: free('release', lists.release),
      remove: free('remove', lists.remove),
      add: free('add', lists.add),
      ...(batch !== undefined && { batch }),
      ...(twice && { twice }),
    }
  })

const past = fc.integer({ min: 0, max: 4 }).map((n) => n * -500)
const line: fc.Arbitrary<LinePlan> = fc
  .record(
    {
      item: anyItem,
      holder: fc.record(
        {
          ...{ requestor: anyRequestor, slot: anySlot, matchedIn: past },
          heldIn: fc.integer({ min: -2, max: 4 }).map((n) => n * 500),
        },
        { requiredKeys: ['requestor'] },
      ),
      expiresIn: fc.integer({ min: -3, max: 8 }).map((n) => n * 500),
      createdIn: past,
      batch: oneOf(...labels, null),
      data: anyData,
    },
    { requiredKeys: ['item'] },
  )
  .map(({ holder, ...plan }) => (holder ? { ...plan, holder } : plan))

const upload = fc
  .record({
    lines: fc.array(line, { minLength: 1, maxLength: 5, size: 'max' }),
    matches: among<'keep' | 'drop' | undefined>(
      [4, fc.constant('keep')],
      [2, fc.constant('drop')],
      [1, fc.constant(undefined)],
    ),
    restore: fc.option(fc.constant(false as const), { nil: undefined, freq: 2 }),
    dryRun: fc.option(fc.constant(true as const), { nil: undefined, freq: 6 }),
    batch: fc.option(oneOf(...labels), { nil: undefined, freq: 1 }),
  })
  .map(({ lines, matches, restore, dryRun, batch }) => ({
    ...{ do: 'import' as const, lines },
    ...(batch !== undefined && { batch }),
    ...(matches && { matches }),
    ...(restore === false && { restore }),
    ...(dryRun && { dryRun }),
  }))

const around = fc.integer({ min: -4, max: 6 }).map((n) => n * 500)
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 2 })
const settings: fc.Arbitrary<SettingsPlan> = among<SettingsPlan>(
  [3, fc.record({ itemsPerRequestor: oneOf(1, 2, 2, null) })],
  [2, fc.record({ expiryMarginSeconds: oneOf(0, 1, 2, null) })],
  [1, fc.record({ paused: oneOf(true, false, null) })],
  [1, fc.record({ paused: oneOf(null), opensIn: oneOf(null), closesIn: oneOf(null) })],
  [
    2,
    fc.record(
      { opensIn: orNull(around), closesIn: orNull(around) },
      { requiredKeys: ['closesIn'] },
    ),
  ],
  [1, fc.record({ requestors: oneOf('exact', 'folded', null) })],
)

const list: fc.Arbitrary<Call> = fc
  .record({
    filter: fc.record(
      {
        ...{ item: anyItem, requestor: anyRequestor, status: oneOf(...statuses) },
        ...{ batch: oneOf(...labels), prefix: oneOf('A', 'A1', 'B') },
      },
      { requiredKeys: [] },
    ),
    limit: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
    order: fc.option(fc.constant('desc' as const), { nil: undefined, freq: 2 }),
  })
  .map(({ filter, limit, order }) => ({
    ...{ do: 'list' as const, filter },
    ...(limit !== undefined && { limit }),
    ...(order && { order }),
  }))

const holdSeconds = oneOf(1, 2, 3, 60, 7_200)
const call: fc.Arbitrary<Call> = among<Call>(
  [5, asking.map((who) => ({ do: 'match' as const, ...who }))],
  [5, fc.tuple(asking, holdSeconds).map(([who, seconds]) => hold(who, seconds))],
  [2, asking.map((who) => ({ do: 'match' as const, ...who, replaceOwn: true }))],
  [1, fc.tuple(asking, holdSeconds).map(([who, n]) => ({ ...hold(who, n), replaceOwn: true }))],
  [
    2,
    fc
      .tuple(asking, anyItem)
      .map(([who, item]) => ({ do: 'match' as const, ...who, replace: item })),
  ],
  [
    2,
    fc
      .array(among<string | Asking>([1, anyRequestor], [1, anyAsking]), {
        ...{ minLength: 1, maxLength: 5, size: 'max' },
      })
      .map((each) => ({ do: 'match/batch' as const, asking: each })),
  ],
  [4, asking.map((who) => ({ do: 'confirm' as const, ...who }))],
  [1, fc.tuple(asking, anyItem).map(([who, item]) => ({ do: 'confirm' as const, ...who, item }))],
  [8, patch],
  [
    2,
    fc
      .record(
        {
          items: listOf(itemPlan, 5),
          removeMatched: fc.boolean(),
          dryRun: fc.boolean(),
          twice: fc.constant(true as const),
        },
        { requiredKeys: ['items'] },
      )
      .map((stock) => ({ do: 'put' as const, ...stock })),
  ],
  [4, upload],
  [3, settings.map((each) => ({ do: 'settings' as const, settings: each }))],
  [1, oneOf(...labels).map((batch) => ({ do: 'take back' as const, batch }))],
  [2, list],
  [2, fc.constant({ do: 'sweep' as const })],
)

function hold(who: Asking, seconds: number) {
  return { do: 'match' as const, ...who, holdSeconds: seconds }
}

const after = among(
  [20, fc.constant(0)],
  [15, fc.constant(500)],
  [10, fc.constant(1_000)],
  [5, fc.constant(2_500)],
  // Rarely, because by then most holds lapse and most items expire.
  [2, oneOf(3_600_000, 3_600_000, 36_000_000)],
)

/** Calls one after the other, each so many milliseconds `after` the one before. The first ones fill the namespace. */
export const sequences: fc.Arbitrary<Step[]> = fc
  .tuple(
    listOf(itemPlan, 6),
    fc.option(settings, { nil: undefined }),
    fc.array(fc.tuple(after, call), { minLength: 1, maxLength: 24, size: 'max' }),
  )
  .map(([add, first, steps]) => [
    ...(first ? [{ after: 0, do: 'settings' as const, settings: first }] : []),
    { after: 0, do: 'patch' as const, add, remove: [], release: [], set: [] },
    ...steps.map(([ms, each]) => ({ after: ms, ...each })),
  ])
