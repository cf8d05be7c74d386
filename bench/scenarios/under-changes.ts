import { makeCodes } from '../codes.ts'
import { call, type Running } from '../contender.ts'
import { count, median, ms, quantile, seconds } from '../figures.ts'
import { load } from '../load.ts'
import type { Section } from '../report.ts'
import { type Bench, progress, withRunning } from '../scenario.ts'
import { namespaceName } from '../stock.ts'

const connections = 64
const changeSize = 100_000
const pollMs = 10
/** More than fit in a load. */
const changesMax = 20
const [matched, changed] = [0, 1]

type Change = { name: string; body?: () => object }

const changes: readonly Change[] = [
  { name: 'no change' },
  { name: 'PATCH', body: () => ({ add: makeCodes(changeSize) }) },
  { name: 'PUT', body: () => ({ items: makeCodes(changeSize) }) },
]

/** What callers notice of large changes, one after the other in another namespace of the database. */
export async function underChanges(bench: Bench): Promise<Section> {
  const rows: string[][] = []
  const busySeconds = bench.warmUpSeconds + changes.length * bench.seconds
  const stock = [bench.zaas.ratePerSecondMax * busySeconds, changeSize]
  await withRunning(bench.zaas, stock, async (running) => {
    await load('warm-up', running.origin, { connections, seconds: bench.warmUpSeconds })
    for (const change of changes) {
      progress(change.name)
      rows.push(await measure(change, running, bench.seconds))
    }
  })
  return {
    title: `${connections} callers while ${count(changeSize)} items change`,
    header: [
      ...['meanwhile', 'of them', 'one took', 'matches/s'],
      ...['match p99', 'match worst', '/health/live p99', 'worst'],
    ],
    rows,
    notes: [
      `New matches for ${bench.seconds} s; PATCH adds ${count(changeSize)} items, PUT replaces the stock by ${count(changeSize)} others, again and again, in another namespace of the same database. /health/live is asked every ${pollMs} ms.`,
    ],
  }
}

async function measure({ name, body }: Change, { origin }: Running, forSeconds: number) {
  // Made before: this process would else be busy when it should take the time of an answer.
  const bodies = body ? Array.from({ length: changesMax }, () => JSON.stringify(body())) : []
  let running = true
  const probes = every(
    pollMs,
    () => running,
    async () => (await call(origin, 'GET', '/health/live')).ms,
  )
  const change = () => send(origin, name, bodies.pop() ?? '')
  const changing = every(0, () => running && bodies.length > 0, change)
  const kind = `matches while ${name}`
  const traffic = { connections, seconds: forSeconds, firstNamespace: matched }
  const { requests, failures, seconds: took, p99Ms, maxMs } = await load(kind, origin, traffic)
  running = false
  const [liveMs, changesMs] = await Promise.all([probes, changing])
  return [
    name,
    body ? String(changesMs.length) : '',
    body ? seconds(median(changesMs)) : '',
    `${count((requests - failures) / took)}${failures > 0 ? ` (${count(failures)} failed)` : ''}`,
    ...[ms(p99Ms), ms(maxMs), ms(quantile(liveMs, 0.99)), ms(Math.max(...liveMs))],
  ]
}

/** Asks again and again while `wanted`, and returns what each time took. */
async function every(pauseMs: number, wanted: () => boolean, once: () => Promise<number>) {
  const taken: number[] = []
  while (wanted()) {
    taken.push(await once())
    await Bun.sleep(pauseMs)
  }
  return taken
}

async function send(origin: string, method: string, body: string): Promise<number> {
  const path = `/namespaces/${namespaceName(changed)}/items`
  const { status, ms: took } = await call(origin, method, path, { body })
  if (status !== 200) throw new Error(`${method} answered ${status}`)
  return took
}
