import { expectStock } from '../contender.ts'
import { count, median, ms, ratio, times } from '../figures.ts'
import { type Load, load, perSecond } from '../load.ts'
import type { Section } from '../report.ts'
import { type Bench, progress, withRunning } from '../scenario.ts'
import { namespaceName, pools } from '../stock.ts'

const connections = 64
const namespaceCounts = [1, 64]
/** The ratio moves by a tenth from round to round. */
const rounds = 5

/** The same load on one namespace and on 64 at once. */
export async function manyNamespaces(bench: Bench): Promise<Section> {
  const loads = new Map(namespaceCounts.map((n) => [n, [] as Load[]]))
  const items = bench.zaas.ratePerSecondMax * (bench.warmUpSeconds + bench.seconds)
  for (let round = 1; round <= rounds; round++) {
    for (const namespaces of namespaceCounts) {
      const stock = pools(namespaces, Math.ceil(items / namespaces))
      await withRunning(bench.zaas, stock, async (running) => {
        const { origin } = running
        await load('warm-up', origin, { connections, seconds: bench.warmUpSeconds, namespaces })
        const kind = `${namespaces} namespaces`
        const one = await load(kind, origin, { connections, seconds: bench.seconds, namespaces })
        await expectStock(running, kind, namespaceName(namespaces - 1))
        progress(`round ${round}: ${kind}: ${count(perSecond(one))}/s`)
        loads.get(namespaces)?.push(one)
      })
    }
  }
  const single = loads.get(1) ?? []
  return {
    title: 'Many namespaces at once',
    header: ['namespaces', 'matches/s', 'p99', 'of one namespace'],
    rows: Array.from(loads, ([namespaces, own]) => [
      String(namespaces),
      count(median(own.map(perSecond))),
      ms(median(own.map(({ p99Ms }) => p99Ms))),
      own === single ? '' : times(ratio(own.map(perSecond), single.map(perSecond))),
    ]),
    notes: [`New matches, ${connections} connections, ${rounds} rounds of ${bench.seconds} s.`],
  }
}
