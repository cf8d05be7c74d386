import { type Contender, match } from '../contender.ts'
import { count, median, ms, ratio, times } from '../figures.ts'
import { type Load, load, perSecond } from '../load.ts'
import type { Section } from '../report.ts'
import { type Bench, progress, withRunning } from '../scenario.ts'
import { namespaceName } from '../stock.ts'

const requestors = 1_000
const connectionCounts = [64, 256]
const [stocked, exhausted] = [0, 1]

/** Requests that change nothing: whoever asks again, and whoever finds the pool empty. */
export async function knownAnswers(bench: Bench): Promise<Section> {
  const cases = connectionCounts.flatMap((connections) => [
    {
      name: `${bench.bare.name}, ${connections}`,
      connections,
      contender: bench.bare,
      namespace: stocked,
    },
    {
      name: `zaas: repeats, ${connections}`,
      connections,
      contender: bench.zaas,
      namespace: stocked,
    },
    {
      name: `zaas: none left, ${connections}`,
      connections,
      contender: bench.zaas,
      namespace: exhausted,
    },
  ])
  const loads = new Map(cases.map(({ name }) => [name, [] as Load[]]))
  const stock = [requestors, 0]
  await withRunning(bench.zaas, stock, (zaas) =>
    withRunning(bench.bare, stock, async (bare) => {
      const originOf = (contender: Contender) => (contender === bench.zaas ? zaas : bare).origin
      for (let round = 0; round <= bench.rounds; round++) {
        for (const { name, connections, contender, namespace } of cases) {
          const one = await load(name, originOf(contender), {
            connections,
            // The first round warms up, and gives each requestor its item.
            seconds: round === 0 ? bench.warmUpSeconds : bench.seconds,
            firstNamespace: namespace,
            requestors: namespace === stocked ? requestors : 0,
            ...(namespace === stocked && { tag: 'repeat' }),
          })
          if (round === 0) continue
          progress(`round ${round}: ${name}: ${count(perSecond(one))}/s`)
          loads.get(name)?.push(one)
        }
      }
      await expectNone(zaas.origin)
    }),
  )
  return {
    title: 'Repeats, and an exhausted pool',
    header: ['connections', 'answers/s', 'p99', 'of the bare route'],
    rows: cases.map(({ name, connections }) => {
      const own = loads.get(name) ?? []
      const top = loads.get(`${bench.bare.name}, ${connections}`) ?? []
      return [
        name,
        count(median(own.map(perSecond))),
        ms(median(own.map(({ p99Ms }) => p99Ms))),
        own === top ? '' : times(ratio(own.map(perSecond), top.map(perSecond))),
      ]
    }),
    notes: [`${bench.rounds} rounds of ${bench.seconds} s, medians. Neither takes the write lock.`],
  }
}

/** Both namespaces have run out by now. */
async function expectNone(origin: string): Promise<void> {
  for (const namespace of [stocked, exhausted].map(namespaceName)) {
    const { text } = await match(origin, namespace)
    if (!text.includes('"success":false')) throw new Error(`an empty pool answered ${text}`)
  }
}
