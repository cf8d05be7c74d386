import { expect, test } from 'bun:test'
import { type Client, createClient } from '@libsql/client'
import { full } from '../faults/form.ts'
import { masterKey } from '../support/app.ts'
import { callerOf } from '../support/caller.ts'
import { at, forEachOf, withServers } from '../support/instances.ts'
import { startLockHolder } from '../support/lock-holder.ts'
import { seedFor } from '../support/seed.ts'
import type { Server } from '../support/server.ts'

const connections = 64
const requestsPerHold = 400
const items = Array.from({ length: 1_500 }, (_, n) => `ITEM-${n}`)
const requestors = Array.from({ length: 2_000 }, (_, n) => `requestor-${n}`)

test.each(full ? [2, 4] : [2])(
  '%i processes on one database hand each item out once while another takes the write lock',
  async (count) => {
    await withServers(count, async (servers, _, url) => {
      const through = await bindEverywhere(servers, 'shop')
      await at(through, 0).patch({ add: items })
      const database = createClient({ url })
      const holder = startLockHolder(url, seedFor(`${count} instances, lock`))
      try {
        const given = new Map<string, string | undefined>()
        await forEachOf(requestors, connections, async (requestor, n) => {
          if (n % requestsPerHold === 0) await holder.hold()
          const { status, body } = await at(through, n).match(requestor)
          expect({ status, body }).toEqual({ status: 200, body: expect.anything() })
          given.set(requestor, body.item)
          if (body.success) expect(await holderOf(database, body.item)).toBe(requestor)
          expect(body.alreadyMatched ?? false).toBe(false)
        })
        const success = [...given.values()].filter((item) => item !== undefined)

        expect(success.toSorted()).toEqual(items.toSorted())
        expect(given.size - success.length).toBe(500)
        const { body: stats } = await at(through, 0).stats()
        expect(stats).toMatchObject({ matched: items.length, perDay: items.length })

        await forEachOf(requestors, connections, async (requestor, n) => {
          const { body } = await at(through, n + 1).match(requestor)
          expect([body.item, body.alreadyMatched]).toEqual(
            given.get(requestor) ? [given.get(requestor), true] : [undefined, undefined],
          )
        })
      } finally {
        await holder.stop()
        database.close()
      }
    })
  },
  60_000,
)

test('four processes that start at once on an empty database all come up and serve', async () => {
  await withServers(4, async (servers) => {
    for (const { origin } of servers) {
      const ready = await fetch(`${origin}/health/ready`)
      expect(await ready.json()).toEqual({ status: 'ready', durability: 'full' })
    }
    const through = await bindEverywhere(servers, 'shop')
    await at(through, 0).patch({ add: ['A', 'B', 'C', 'D'] })
    const matches = await Promise.all(through.map(({ match }, n) => match(`r${n}`)))

    expect(matches.map(({ body }) => body.item).toSorted()).toEqual(['A', 'B', 'C', 'D'])
  })
}, 30_000)

test('a key that is made on one process works on the other at once', async () => {
  await withServers(2, async ([one, other]) => {
    if (!one || !other) throw new Error('There are no servers.')
    const shop = await one.keyFor('shop')
    expect((await other.as('shop', shop.apiKey).stats()).status).toBe(200)

    await bind(one, 'attic', shop.apiKey)
    expect((await other.as('attic', shop.apiKey).stats()).status).toBe(200)
  })
}, 30_000)

test('a key that is deleted on one process stops working on the other within a second', async () => {
  await withServers(2, async ([one, other]) => {
    if (!one || !other) throw new Error('There are no servers.')
    const { id, apiKey } = await one.keyFor('shop')
    const there = other.as('shop', apiKey)
    expect((await there.stats()).status).toBe(200)

    expect((await masterOf(one)('DELETE', `/admin/api-keys/${id}`)).status).toBe(200)
    const deletedAt = performance.now()
    let lastOpenAt = deletedAt
    for (;;) {
      const askedAt = performance.now()
      const { status } = await there.stats()
      if (status === 401) break
      expect(status).toBe(200)
      lastOpenAt = askedAt
      expect(lastOpenAt - deletedAt).toBeLessThan(1_000)
    }
    expect((await one.as('shop', apiKey).stats()).status).toBe(401)
  })
}, 30_000)

/** A new key for a namespace, through each of the servers. */
async function bindEverywhere(servers: Server[], namespace: string) {
  const { apiKey } = await at(servers, 0).keyFor(namespace)
  return servers.map((server) => server.as(namespace, apiKey))
}

async function bind(server: Server, namespace: string, apiKey: string): Promise<void> {
  const { status } = await masterOf(server)('POST', '/admin/api-keys', { namespace, apiKey })
  expect(status).toBe(200)
}

const masterOf = ({ send, origin }: Server) =>
  callerOf(send, origin, { 'x-master-api-key': masterKey })

/** Who has an item, going by the database, which this process reads and the servers write. */
async function holderOf(database: Client, item: string | undefined): Promise<unknown> {
  const { rows } = await database.execute({
    sql: 'SELECT requestor FROM items WHERE item = ? AND deleted_at IS NULL',
    args: [item ?? ''],
  })
  return rows[0]?.['requestor']
}
