import { type Contender, expectStock } from '../contender.ts'
import { count, median, ms, ratio, times } from '../figures.ts'
import { type Load, load, perSecond } from '../load.ts'
import type { Section } from '../report.ts'
import { type Bench, progress, withRunning } from '../scenario.ts'

const connectionCounts = [64, 256]
const itemsMin = 10_000

type Runs = { contender: Contender; loads: Map<number, Load[]> }

/** Each request comes from a new requestor, and each gets an item. */
export async function newMatches(bench: Bench): Promise<Section> {
  const runs = [bench.zaas, bench.ceiling, ...bench.others].map(
    (contender): Runs => ({
      contender,
      loads: new Map(connectionCounts.map((connections) => [connections, []])),
    }),
  )
  for (let round = 1; round <= bench.rounds; round++) {
    for (const run of runs) await measure(run, bench, round)
  }
  return {
    title: 'New matches',
    header: [
      '',
      ...connectionCounts.flatMap((n) => [`${n} connections: matches/s`, 'p99', 'zaas is']),
    ],
    rows: runs.map((run) => [
      run.contender.name,
      ...connectionCounts.flatMap((connections) => cells(run, runs[0], connections)),
    ]),
    notes: [
      `${bench.rounds} rounds of ${bench.seconds} s, medians. "zaas is": zaas's rate divided by this one's.`,
      ...bench.absences,
    ],
  }
}

async function measure(run: Runs, bench: Bench, round: number): Promise<void> {
  const { contender, loads } = run
  const busySeconds = bench.warmUpSeconds + connectionCounts.length * bench.seconds
  const stock = [Math.max(itemsMin, contender.ratePerSecondMax * busySeconds)]
  await withRunning(contender, stock, async (running) => {
    const warmUp = { connections: 64, seconds: bench.warmUpSeconds }
    await load('warm-up', running.origin, warmUp)
    for (const connections of connectionCounts) {
      const kind = `new matches, ${contender.name}, ${connections} connections`
      const one = await load(kind, running.origin, { connections, seconds: bench.seconds })
      progress(`round ${round}: ${kind}: ${count(perSecond(one))}/s`)
      loads.get(connections)?.push(one)
    }
    await expectStock(running, contender.name)
  })
}

function cells({ loads }: Runs, zaas: Runs | undefined, connections: number): string[] {
  const theirs = loads.get(connections) ?? []
  const ours = zaas?.loads.get(connections) ?? []
  const failures = theirs.reduce((sum, one) => sum + one.failures, 0)
  return [
    `${count(median(theirs.map(perSecond)))}${failures > 0 ? ` (${count(failures)} failed)` : ''}`,
    ms(median(theirs.map(({ p99Ms }) => p99Ms))),
    theirs === ours ? '' : times(ratio(ours.map(perSecond), theirs.map(perSecond))),
  ]
}
