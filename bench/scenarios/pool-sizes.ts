import { call, expectStock, type Running, startZaas } from '../contender.ts'
import { count, median, ms, ratio, times } from '../figures.ts'
import { type Load, load, perSecond } from '../load.ts'
import type { Section } from '../report.ts'
import { type Bench, progress } from '../scenario.ts'
import { filledDatabase, namespaceName, pools, type Stock } from '../stock.ts'

const connections = 64
const pageSize = 1_000
const callsMax = 30
const callsMaxMs = 5_000
/** What a small pool can give before the next one has its turn. */
const shareOfPool = 0.9

type Size = {
  items: number
  stock: Stock
  database: Awaited<ReturnType<typeof filledDatabase>> | undefined
  loads: Load[]
  statsMs: number[]
  pageMs: number[]
}

/** The same load, counts and page on pools of different sizes. */
export async function poolSizes(bench: Bench): Promise<Section> {
  const sizes = bench.poolSizes.map(
    (items): Size => ({
      items,
      stock: pools(poolsNeeded(items, bench), items),
      database: undefined,
      loads: [],
      statsMs: [],
      pageMs: [],
    }),
  )
  for (let round = 1; round <= bench.rounds; round++) {
    for (const size of sizes) await measure(size, bench, round)
  }
  for (const { database } of sizes) database?.remove()
  const [smallest] = sizes
  return {
    title: 'Pools of different sizes',
    header: [
      'items',
      'matches/s',
      'of the smallest',
      'p99',
      'times',
      'stats',
      'times',
      'page',
      'times',
    ],
    rows: sizes.map((size) => cells(size, smallest)),
    notes: [
      `New matches, ${connections} connections, ${bench.rounds} rounds of ${bench.seconds} s. Pools of ${count(smallest?.items ?? 0)} would run out at once, so there are ${count(smallest?.stock.length ?? 0)} of them in one database, asked one after the other; each round has fresh ones.`,
      `stats, and a page of ${count(pageSize)} from the middle: medians of ${callsMax} calls, or as many as fit in ${callsMaxMs / 1_000} s, in each round; nobody else asks.`,
      '"times": as often as long as at the smallest.',
    ],
  }
}

/** One, where it is large enough for all rounds; else those of one round, and each round has its own. */
function poolsNeeded(items: number, { zaas, warmUpSeconds, seconds, rounds }: Bench): number {
  const used = zaas.ratePerSecondMax * (warmUpSeconds + seconds)
  const given = items * shareOfPool
  return given >= used * rounds ? 1 : Math.ceil(used / given)
}

async function measure(size: Size, bench: Bench, round: number): Promise<void> {
  const { items, stock } = size
  if (size.database === undefined || stock.length > 1) {
    size.database?.remove()
    progress(`filling ${stock.length} × ${count(items)}`)
    size.database = await filledDatabase(stock)
  }
  const running = await startZaas(`file:${size.database.path}`, stock)
  try {
    const kind = `pools of ${count(items)}`
    const traffic = { connections, requestsInTurn: items * shareOfPool }
    // The warm-up has pools of its own, where there are several.
    const share = bench.warmUpSeconds / (bench.warmUpSeconds + bench.seconds)
    const forWarmUp = Math.floor(stock.length * share)
    const last = stock.length - forWarmUp - 1
    await load('warm-up', running.origin, {
      ...traffic,
      seconds: bench.warmUpSeconds,
      firstNamespace: stock.length > 1 ? last + 1 : 0,
      namespaces: Math.max(1, forWarmUp),
    })
    const one = await load(kind, running.origin, {
      ...traffic,
      seconds: bench.seconds,
      namespaces: last + 1,
    })
    await expectStock(running, kind, namespaceName(last))
    progress(`round ${round}: ${kind}: ${count(perSecond(one))}/s`)
    size.loads.push(one)
    size.statsMs.push(await medianMs(running, `/namespaces/${namespaceName(last)}/stats`))
    size.pageMs.push(await medianMs(running, await middlePage(running, size, last)))
  } finally {
    await running.stop()
  }
}

async function medianMs({ origin }: Running, path: string): Promise<number> {
  const taken: number[] = []
  const until = performance.now() + callsMaxMs
  while (taken.length < callsMax && (taken.length === 0 || performance.now() < until)) {
    const { status, ms: one } = await call(origin, 'GET', path)
    if (status !== 200) throw new Error(`${path} answered ${status}`)
    taken.push(one)
  }
  return median(taken)
}

/**
 * The page in the middle of a pool. To walk there would take minutes, so its cursor is made from the first
 * one's, in whose text the row's number is written.
 */
async function middlePage(
  { origin }: Running,
  { items }: Size,
  namespace: number,
): Promise<string> {
  const path = `/namespaces/${namespaceName(namespace)}/items`
  const { nextCursor } = JSON.parse((await call(origin, 'GET', `${path}?limit=1`)).text)
  const middle = Buffer.from(nextCursor, 'base64url')
    .toString()
    .replace(/\d+$/, (row) => String(Number(row) + items / 2 - 1))
  return `${path}?limit=${pageSize}&cursor=${Buffer.from(middle).toString('base64url')}`
}

function cells(size: Size, smallest: Size | undefined): string[] {
  const against = (of: (one: Size) => number[]) =>
    smallest && smallest !== size ? times(ratio(of(size), of(smallest))) : ''
  const rates = ({ loads }: Size) => loads.map(perSecond)
  const p99s = ({ loads }: Size) => loads.map(({ p99Ms }) => p99Ms)
  return [
    count(size.items),
    ...[count(median(rates(size))), against(rates)],
    ...[ms(median(p99s(size))), against(p99s)],
    ...[ms(median(size.statsMs)), against(({ statsMs }) => statsMs)],
    ...[ms(median(size.pageMs)), against(({ pageMs }) => pageMs)],
  ]
}
