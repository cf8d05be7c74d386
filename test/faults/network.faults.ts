import { expect, test } from 'bun:test'
import type { Socket } from 'node:net'
import { report } from '../support/figures.ts'
import { randomFrom, seedFor } from '../support/seed.ts'
import { sqldIsHere } from '../support/sqld.ts'
import { Cluster, type Instance } from './cluster.ts'
import { faultsOfCopy } from './file.ts'
import { type Fault, full, mutant } from './form.ts'
import { Ledger } from './ledger.ts'
import { addStock, askAgain, namespace, startLoad } from './load.ts'
import { among, anyTroubles, briefTroubles, type Trouble, troubles } from './network.ts'

const clients = 16
const fullMs = 120_000
const mutantMs = 40_000
/** Mostly little, so that it runs out, and what is released goes out at once. */
const stockPerStep = [20, 20, 20, 400]
const gapMaxMs = 300
const calmMs = 500
const answerMaxMs = 20_000
const serviceMaxMs = 5_000

test.skipIf(!sqldIsHere)(
  'cut, frozen and killed connections, servers and sqld: nothing that was answered is lost',
  async () => {
    const { faults, slowestMs, recoveredMs } = await trouble(
      'network',
      full ? troubles : briefTroubles,
      full ? fullMs : 0,
    )

    expect(faults).toEqual([])
    expect(slowestMs).toBeLessThan(answerMaxMs)
    expect(recoveredMs).toBeLessThan(serviceMaxMs)
  },
  fullMs + 120_000,
)

test.if(full && sqldIsHere)(
  'the same check catches a server that answers none from an error',
  async () => {
    const fault = mutant('answers none from an error')
    const { faults } = await trouble('network, mutant', briefTroubles, mutantMs, fault)

    expect(faults[0]).toMatch(/was answered|was given/)
  },
  mutantMs + 120_000,
)

test.if(full && sqldIsHere)(
  'a release whose answer is cut takes its item from nobody, but for a server that sends it again',
  async () => {
    expect(await cutRelease()).toEqual({ status: 503, item: 'A', kept: true })
    const caught = await cutRelease(mutant('sends a change again'))
    expect(caught).toEqual({ status: 200, item: 'A', kept: false })
  },
  60_000,
)

/** Cuts the answer to a release while another requestor waits for the item, and asks for that one again. */
async function cutRelease(fault: Fault = {}) {
  const cluster = await Cluster.start(2, fault)
  try {
    const [one, other] = cluster.instances as [Instance, Instance]
    const { apiKey, patch, match } = await one.server.keyFor(namespace)
    const there = other.server.as(namespace, apiKey)
    await patch({ add: ['A'] })
    await match('first')
    // Others ask meanwhile, such as the sweep: they have connections of their own.
    let sentOn: Socket | undefined
    let cut = false
    one.proxy.decide((way, piece, connection) => {
      if (way === 'request' && piece.includes("end_kind = 'released'")) sentOn ??= connection
      if (way === 'request' || connection !== sentOn || cut) return 'pass'
      cut = true
      return 'cut'
    })
    const release = patch({ release: ['A'] })
    let item: string | undefined
    while (item === undefined) item = (await there.match('second')).body.item
    const { status } = await release
    const again = await there.match('second')
    return { status, item, kept: again.body.alreadyMatched }
  } finally {
    await cluster.stop()
  }
}

/** Lets two servers under load meet each of these kinds of trouble, and then any of them for so long. */
async function trouble(
  name: string,
  kinds: readonly Trouble[],
  durationMs: number,
  fault: Fault = {},
) {
  const random = randomFrom(seedFor(name))
  const ledger = new Ledger()
  const cluster = await Cluster.start(2, fault)
  let met = 0
  try {
    const [first] = cluster.instances as [Instance]
    const { apiKey } = await first.server.keyFor(namespace)
    const target = { apiKey, ledger, random }
    const loads = cluster.instances.map((instance, n) => keepAsking(instance, n, target))
    const until = performance.now() + durationMs
    while (ledger.violations.length === 0) {
      const each = kinds[met]
      if (!each && performance.now() >= until) break
      const stocked = { ...target, port: first.server.port }
      await addStock(stocked, `ITEM-${met}`, among(stockPerStep, random)).catch(() => {})
      const chosen = each ? [each] : anyTroubles(kinds, random)
      await Promise.all(chosen.map((it) => it(cluster, among(cluster.instances, random), random)))
      await Bun.sleep(random() * gapMaxMs)
      met++
    }
    const recoveredMs = await untilCalm(cluster, apiKey, ledger)
    await Promise.all(loads.map((load) => load.stop()))
    for (const { server } of [...cluster.instances, ...cluster.instances])
      await askAgain({ ...target, port: server.port }, ledger.named(''))
    const faults = [...ledger.violations, ...faultsOfCopy(cluster.path, namespace, ledger)]
    const { acknowledged, unavailable, slowestMs } = ledger
    report(name, { met, acknowledged, unavailable, slowestMs, recoveredMs, faults: faults.length })
    return { faults, slowestMs, recoveredMs }
  } finally {
    await cluster.stop()
  }
}

/** Has clients ask an instance, through all its restarts, and asks again for those of the life before. */
function keepAsking(
  instance: Instance,
  n: number,
  target: { apiKey: string; ledger: Ledger; random: () => number },
) {
  let stopped = false
  let load: ReturnType<typeof startLoad> | undefined
  const done = (async () => {
    for (let life = 0; !stopped; life++) {
      const { port } = instance.server
      const before = target.ledger.named(`instance-${n}-${life - 1}-`)
      const known = before.filter((requestor) => target.ledger.held.has(requestor))
      await askAgain({ ...target, port }, known).catch(() => {})
      load = startLoad({ ...target, port }, clients, `instance-${n}-${life}`)
      await load.done
      await Bun.sleep(50)
    }
  })()
  return {
    stop: async () => {
      stopped = true
      await load?.stop()
      await done
    },
  }
}

/** How long it took until nobody was refused any more. */
async function untilCalm(cluster: Cluster, apiKey: string, ledger: Ledger): Promise<number> {
  const startedMs = performance.now()
  let calmSinceMs = startedMs
  let seen = ledger.unavailable
  while (performance.now() - calmSinceMs < calmMs) {
    const probes = cluster.instances.map(({ server }) =>
      server
        .as(namespace, apiKey)
        .match('probe')
        .then(({ status }) => status),
    )
    const served = (await Promise.all(probes)).every((status) => status === 200)
    if (!served || ledger.unavailable > seen) calmSinceMs = performance.now()
    seen = ledger.unavailable
    if (calmSinceMs - startedMs > answerMaxMs) break
  }
  return calmSinceMs - startedMs
}
