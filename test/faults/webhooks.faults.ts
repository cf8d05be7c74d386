import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { masterKey } from '../support/app.ts'
import { callerOf } from '../support/caller.ts'
import { report } from '../support/figures.ts'
import { at, forEachOf, withServers } from '../support/instances.ts'
import { root } from '../support/process.ts'
import { startReceiver } from '../support/receiver.ts'
import { randomFrom, seedFor } from '../support/seed.ts'
import { type Server, startServer } from '../support/server.ts'
import { type Fault, full, longCycles, mutant } from './form.ts'

// Webhooks while 32 clients change stock through two instances, and while these are killed.

const clients = 32
const crossingsMin = 200
const cycles = full ? longCycles : 5
const settleMaxMs = 60_000
const allowPrivate = { WEBHOOKS_ALLOW_PRIVATE: 'true' }

type Delivery = { id: string; event: string; namespace: string | null; status: string }

const masterOf = (server: Server) =>
  callerOf(server.send, server.origin, { 'x-master-api-key': masterKey })

async function create(server: Server, url: string, events: string[]): Promise<string> {
  const made = await masterOf(server)<{ id: string }>('POST', '/admin/webhooks', { url, events })
  return made.body.id
}

/** All deliveries of a webhook, the oldest first. */
async function deliveriesOf(server: Server, id: string): Promise<Delivery[]> {
  const found: Delivery[] = []
  let query = '?limit=1000'
  while (query) {
    const { body } = await masterOf(server)<{ deliveries: Delivery[]; nextCursor: string | null }>(
      ...(['GET', `/admin/webhooks/${id}/deliveries${query}`] as const),
    )
    found.push(...body.deliveries)
    query = body.nextCursor === null ? '' : `?limit=1000&cursor=${body.nextCursor}`
  }
  return found.reverse()
}

async function settled(server: Server, id: string): Promise<Delivery[]> {
  const end = performance.now() + settleMaxMs
  for (;;) {
    const found = await deliveriesOf(server, id)
    if (found.every(({ status }) => status === 'delivered')) return found
    if (performance.now() > end) throw new Error('Not everything is delivered.')
    await Bun.sleep(100)
  }
}

test('200 random crossings by 32 clients over two processes are told once each', async () => {
  const { expected, told, received, sent } = await tellCrossings(crossingsMin)
  expect(told).toEqual(expected)
  expect(received).toEqual(sent)
  report('crossings', { crossings: sent.length, received: received.length })
}, 600_000)

test.each(['tells of stock again', 'sends without a lease'])(
  'a service that %s is found out',
  async (name) => {
    const { expected, told, received, sent } = await tellCrossings(40, mutant(name))
    expect(Bun.deepEquals([told, received], [expected, sent])).toBe(false)
  },
  600_000,
)

/** What is told of each namespace, and the ids of what was sent and received, beside what should be told. */
async function tellCrossings(crossingsMin: number, fault: Fault = {}) {
  const random = randomFrom(seedFor('crossings'))
  const upTo = (max: number) => Math.floor(random() * (max + 1))
  const receiver = startReceiver()
  const outcome = await withServers(
    2,
    async (servers) => {
      const events = ['stock.low', 'stock.exhausted', 'stock.refilled']
      const id = await create(at(servers, 0), receiver.url, events)
      const namespaces = Array.from({ length: 8 }, (_, n) => `pool-${n}`)
      const expected = new Map<string, string[]>()
      let crossings = 0
      const tell = (namespace: string, ...told: string[]) => {
        expected.get(namespace)?.push(...told)
        crossings += told.length
      }
      const pools = await Promise.all(
        namespaces.map(async (namespace) => {
          const lowStockBelow = 1 + upTo(20)
          await masterOf(at(servers, 0))('PATCH', `/admin/namespaces/${namespace}`, {
            lowStockBelow,
          })
          const { apiKey } = await at(servers, 0).keyFor(namespace)
          const through = servers.map((server) => server.as(namespace, apiKey))
          const add = Array.from({ length: 40 }, (_, n) => `item-${n}`)
          await at(through, 0).patch({ add })
          expected.set(namespace, [])
          return { namespace, lowStockBelow, through, told: 'enough', available: 40, turn: 0 }
        }),
      )
      while (crossings < crossingsMin) {
        // Down by matches, to any number; then up by releases and removals that are undone, to any number.
        await Promise.all(
          pools.map(async (pool) => {
            const { namespace, lowStockBelow, through } = pool
            const taken = upTo(pool.available + 3)
            const asked = Array.from({ length: taken }, (_, n) => `u-${pool.turn}-${n}`)
            await forEachOf(asked, clients / pools.length, async (requestor, n) => {
              await at(through, n).match(requestor)
            })
            pool.available = Math.max(0, pool.available - taken)
            if (pool.available < lowStockBelow && pool.told === 'enough') {
              tell(namespace, 'stock.low')
              pool.told = 'low'
            }
            if (pool.available === 0 && pool.told !== 'exhausted') {
              tell(namespace, 'stock.exhausted')
              pool.told = 'exhausted'
            }

            const { body } = await at(through, 0).list('?status=matched')
            const items = body.items.map(({ item }) => item)
            const back = items.slice(0, upTo(items.length))
            await forEachOf(back, clients / pools.length, async (item, n) => {
              await at(through, n).patch({ release: [item] })
            })
            pool.available += back.length
            if (pool.available >= lowStockBelow && pool.told !== 'enough') {
              tell(namespace, 'stock.refilled')
              pool.told = 'enough'
            }
            pool.turn++
          }),
        )
      }
      const deliveries = await settled(at(servers, 1), id)
      const told = namespaces.map((namespace) => [
        namespace,
        deliveries.flatMap((each) => (each.namespace === namespace ? each.event : [])),
      ])
      return {
        ...{ expected: [...expected], told },
        received: receiver.received.map((each) => each.id).sort(),
        sent: deliveries.map((each) => each.id).sort(),
      }
    },
    { ...fault, env: { ...fault.env, ...allowPrivate } },
  )
  receiver.stop()
  return outcome
}

test(`${cycles} times kill -9 of an instance: every event of the ledger arrives, with one id each, and no other`, async () => {
  const random = randomFrom(seedFor('killed senders'))
  const refused = new Set<string>()
  // Each is refused once at most: after a second refusal it would wait for minutes.
  const receiver = startReceiver(async ({ id }) => {
    await Bun.sleep(random() * 20)
    const refuses = !refused.has(id) && random() < 0.1
    if (refuses) refused.add(id)
    return new Response(null, { status: refuses ? 503 : 204 })
  })
  // Leases and pauses are over soon.
  const options = {
    preload: [join(root, 'test/support/fast-clock.ts')],
    env: { ...allowPrivate, FAST_CLOCK_FROM: String(Date.now()) },
  }
  await withServers(
    2,
    async (servers, _path, url) => {
      const id = await create(at(servers, 0), receiver.url, ['items.removed'])
      const { apiKey, patch } = await at(servers, 0).keyFor('shop')
      const items = Array.from({ length: cycles * 400 }, (_, n) => `item-${n}`)
      await patch({ add: items })
      const instances = [...servers]
      const answered = new Set<string>()
      let stopped = false
      let asked = 0
      const loops = Array.from({ length: 8 }, async (_, client) => {
        while (!stopped && asked < items.length) {
          const item = at(items, asked++)
          // What is not answered may have been done: it is not asked for again.
          const answer = await at(instances, client)
            .as('shop', apiKey)
            .patch({ remove: [item] })
            .catch(() => Bun.sleep(20))
          if (answer?.status === 200 && answer.body['removed'] === 1) answered.add(item)
        }
      })
      try {
        for (let cycle = 0; cycle < cycles; cycle++) {
          const enough = answered.size + 40
          while (answered.size < enough && asked < items.length) await Bun.sleep(5)
          await Bun.sleep(random() * 100)
          const victim = cycle % instances.length
          await at(instances, victim).stop('SIGKILL')
          instances[victim] = await startServer(url, options)
        }
        stopped = true
        await Promise.all(loops)
        const deliveries = await settled(at(instances, 0), id)
        const removed = await at(instances, 0).as('shop', apiKey).list('?status=removed')

        // One event for each removal that was committed, answered or not.
        expect(deliveries).toHaveLength(removed.body.items.length)
        const gone = new Set(removed.body.items.map(({ item }) => item))
        expect([...answered].filter((item) => !gone.has(item))).toEqual([])
        const received = Map.groupBy(receiver.received, (each) => each.id)
        expect([...received.keys()].sort()).toEqual(deliveries.map((each) => each.id).sort())
        for (const tries of received.values())
          expect(new Set(tries.map(({ text }) => text)).size).toBe(1)
        const repeats = receiver.received.length - received.size
        report('killed senders', { answered: answered.size, events: received.size, repeats })
      } finally {
        stopped = true
        for (const { child } of instances) child.kill('SIGKILL')
        await Promise.all(instances.map(({ child }) => child.exited))
      }
    },
    options,
  )
  receiver.stop()
}, 1_200_000)
