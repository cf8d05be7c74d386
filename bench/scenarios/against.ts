import { checkOut } from '../checkout.ts'
import { type Contender, expectStock, type Running } from '../contender.ts'
import { zaasOf } from '../contenders/zaas.ts'
import { between, type CpuTime, cpuTime } from '../cpu-time.ts'
import { count, median, ms, ratio } from '../figures.ts'
import { type Load, load } from '../load.ts'
import { root } from '../processes.ts'
import type { Section } from '../report.ts'
import { progress } from '../scenario.ts'

const connections = 64
const rounds = 10
const warmUpSeconds = 3
/** Loads of one round, a second each. */
const turns = 6

/** What one round measured; `all`, `http` and `others` are CPU time, in microseconds a match. */
type Cost = { rate: number; p99Ms: number; all: number; http: number; others: number }
type Runs = { contender: Contender; costs: Cost[] }

/**
 * What a new match costs here and in a commit, in CPU time: what else the machine does moves it far less
 * than a rate. This checkout takes part twice: by how much it differs from itself is noise.
 */
export async function against(commit: string): Promise<Section[]> {
  const { theirHash, ourHash, folder } = await checkOut(commit)
  const ours = runsOf('this', root)
  const theirs = runsOf(commit, folder)
  const again = runsOf('this, again', root)
  for (let round = 1; round <= rounds; round++) await measure([ours, theirs, again], round)
  return [
    {
      title: `This checkout (${ourHash}) against ${commit} (${theirHash})`,
      header: ['CPU µs a match', 'all', 'min', 'max', 'HTTP thread', 'others', 'matches/s', 'p99'],
      rows: [ours, theirs, again].map(cells),
      notes: [
        `New matches, ${connections} connections, ${rounds} rounds of ${turns} s in turns, medians. "all": every thread of the process, with the least and the most of a round; "others": the database's thread and those of Bun.`,
      ],
    },
    {
      title: 'The difference, and what is noise',
      header: ['CPU µs a match', 'all', 'min', 'max', 'more in', 'ratio', 'HTTP thread', 'others'],
      rows: [difference(ours, theirs), difference(ours, again)],
      notes: [
        'Medians of the differences, and of the ratios, of each round. The second line is the same code twice, so all of it is noise: only a first line well beyond it says something.',
      ],
    },
  ]
}

const runsOf = (name: string, checkout: string): Runs => ({
  contender: zaasOf(name, checkout),
  costs: [],
})

/** All are up at once and are asked in short turns, so that the same neighbours disturb all of them. */
async function measure(all: readonly Runs[], round: number): Promise<void> {
  const started: { runs: Runs; running: Running; loads: (Load & CpuTime)[] }[] = []
  try {
    for (const runs of inTurn(all, round)) {
      const { contender } = runs
      const stock = [contender.ratePerSecondMax * (warmUpSeconds + turns)]
      const running = await contender.start(stock)
      started.push({ runs, running, loads: [] })
      await load('warm-up', running.origin, { connections, seconds: warmUpSeconds })
    }
    for (let turn = 1; turn <= turns; turn++) {
      for (const { running, loads } of inTurn(started, turn)) loads.push(await oneTurn(running))
    }
    for (const { runs, running, loads } of started) {
      await expectStock(running, runs.contender.name)
      const cost = costOf(loads)
      progress(`round ${round}: ${runs.contender.name}: ${us(cost.all)} µs a match`)
      runs.costs.push(cost)
    }
  } finally {
    for (const { running } of started) await running.stop()
  }
}

/** All six orders in six turns: nobody is always first, or always behind the same one. */
function inTurn<One>(all: readonly One[], turn: number): One[] {
  const first = turn % all.length
  const turned = [...all.slice(first), ...all.slice(0, first)]
  return turn % 2 === 0 ? turned : turned.reverse()
}

async function oneTurn({ origin, pid }: Running): Promise<Load & CpuTime> {
  const before = cpuTime(pid)
  const one = await load('new matches', origin, { connections, seconds: 1 })
  if (one.failures > 0) throw new Error(`${one.failures} requests failed`)
  return { ...one, ...between(before, cpuTime(pid)) }
}

function costOf(loads: readonly (Load & CpuTime)[]): Cost {
  const sum = (name: 'requests' | 'seconds' | keyof CpuTime) =>
    loads.reduce((total, one) => total + one[name], 0)
  const matches = sum('requests')
  return {
    rate: matches / sum('seconds'),
    p99Ms: median(loads.map(({ p99Ms }) => p99Ms)),
    all: sum('all') / matches,
    http: sum('http') / matches,
    others: (sum('all') - sum('http')) / matches,
  }
}

function cells({ contender, costs }: Runs): string[] {
  const all = values(costs, 'all')
  const medianOf = (name: keyof Cost) => median(values(costs, name))
  return [
    contender.name,
    ...[median(all), Math.min(...all), Math.max(...all)].map(us),
    ...[medianOf('http'), medianOf('others')].map(us),
    ...[count(medianOf('rate')), ms(medianOf('p99Ms'))],
  ]
}

function difference(ours: Runs, theirs: Runs): string[] {
  const differences = (name: keyof Cost) => {
    const subtracted = values(theirs.costs, name)
    return values(ours.costs, name).map((value, round) => value - (subtracted[round] ?? NaN))
  }
  const all = differences('all')
  return [
    `${ours.contender.name} − ${theirs.contender.name}`,
    ...[median(all), Math.min(...all), Math.max(...all)].map(signed),
    `${all.filter((one) => one > 0).length} of ${all.length}`,
    ratio(values(ours.costs, 'all'), values(theirs.costs, 'all')).toFixed(3),
    ...[median(differences('http')), median(differences('others'))].map(signed),
  ]
}

const values = (costs: readonly Cost[], name: keyof Cost) => costs.map((cost) => cost[name])
const us = (microseconds: number) => microseconds.toFixed(1)
const signed = (microseconds: number) => `${microseconds > 0 ? '+' : ''}${us(microseconds)}`
