import { type Contender, expectStock, type Running } from '../contender.ts'
import { between, cpuTime, cpuTimeOfTree } from '../cpu-time.ts'
import { count, median, ms, ratio, times } from '../figures.ts'
import { type Load, load, perSecond, type Traffic } from '../load.ts'
import type { Section } from '../report.ts'
import { type Bench, progress, withRunning } from '../scenario.ts'

const connectionCounts = [64, 256]
const itemsMin = 10_000

/** With the CPU time of a request in microseconds: of the service with all its threads, and of its database. */
type Measured = Load & { serviceUs: number; databaseUs: number | undefined }
type Runs = { contender: Contender; loads: Map<number, Measured[]> }

/** Each request comes from a new requestor, and each gets an item. */
export async function newMatches(bench: Bench): Promise<Section> {
  const runs = [bench.zaas, bench.bare, ...bench.others].map(
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
      ...connectionCounts.flatMap((n) => [
        `${n} connections: matches/s`,
        'p99',
        'zaas is',
        'CPU µs',
      ]),
    ],
    rows: runs.map((run) => [
      run.contender.name,
      ...connectionCounts.flatMap((connections) => cells(run, runs[0], connections)),
    ]),
    notes: [
      `${bench.rounds} rounds of ${bench.seconds} s, medians. "zaas is": zaas's rate divided by this one's. "CPU": what a match costs the service, all threads, and its database, if that is another process.`,
      cpuNote(runs),
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
      const one = await measuredLoad(kind, running, { connections, seconds: bench.seconds })
      progress(`round ${round}: ${kind}: ${count(perSecond(one))}/s`)
      loads.get(connections)?.push(one)
    }
    await expectStock(running, contender.name)
  })
}

async function measuredLoad(kind: string, running: Running, traffic: Traffic): Promise<Measured> {
  const { pid, databasePid, origin } = running
  const ofDatabase = () => (databasePid === undefined ? undefined : cpuTimeOfTree(databasePid))
  const [before, databaseBefore] = [cpuTime(pid), ofDatabase()]
  const one = await load(kind, origin, traffic)
  const serviceUs = between(before, cpuTime(pid)).all / one.requests
  const after = ofDatabase()
  const databaseUs =
    after === undefined || databaseBefore === undefined
      ? undefined
      : (after - databaseBefore) / one.requests
  return { ...one, serviceUs, databaseUs }
}

/** What a match costs beside the bare route, which does not depend on how fast the machine is at the moment. */
function cpuNote([zaas, bare]: Runs[]): string {
  const ratios = connectionCounts.map((connections) => {
    const [ours, theirs] = [zaas, bare].map((run) =>
      (run?.loads.get(connections) ?? []).map(({ serviceUs }) => serviceUs),
    )
    return `${times(ratio(ours ?? [], theirs ?? []))} at ${connections} connections`
  })
  return `CPU of a match in zaas over that of the bare Elysia route: ${ratios.join(', ')}.`
}

function cells({ loads }: Runs, zaas: Runs | undefined, connections: number): string[] {
  const theirs = loads.get(connections) ?? []
  const ours = zaas?.loads.get(connections) ?? []
  const failures = theirs.reduce((sum, one) => sum + one.failures, 0)
  return [
    `${count(median(theirs.map(perSecond)))}${failures > 0 ? ` (${count(failures)} failed)` : ''}`,
    ms(median(theirs.map(({ p99Ms }) => p99Ms))),
    theirs === ours ? '' : times(ratio(ours.map(perSecond), theirs.map(perSecond))),
    cpuOf(theirs),
  ]
}

function cpuOf(loads: readonly Measured[]): string {
  const service = median(loads.map(({ serviceUs }) => serviceUs)).toFixed(0)
  const database = loads.flatMap(({ databaseUs }) => databaseUs ?? [])
  return database.length === 0 ? service : `${service} + ${median(database).toFixed(0)}`
}
