import { expect, test } from 'bun:test'
import { webhookEvents } from '../../src/domain/webhook.ts'
import { masterKey } from '../support/app.ts'
import { callerOf } from '../support/caller.ts'
import { report } from '../support/figures.ts'
import { withServers } from '../support/instances.ts'
import { memoryOf } from '../support/process.ts'
import { startReceiver } from '../support/receiver.ts'
import type { Server } from '../support/server.ts'
import {
  startRedirectingReceiver,
  startSocketReceiver,
  startTricklingReceiver,
} from '../support/socket-receiver.ts'
import { matchAll } from './match-all.ts'

// What bad receivers of webhooks cost matches. The figures go to standard error. Run by `bun run test:load`.

const rounds = 5
const matches = 15_000
const pauseMs = 20
const memoryMaxBytes = 150 * 2 ** 20
const testMaxMs = 300_000

test(
  'matches take as long with receivers that hang, trickle and redirect as with a good one',
  async () => {
    const inside = startReceiver()
    const good = startReceiver()
    const hanging = await startSocketReceiver(() => {})
    const trickling = await startTricklingReceiver()
    const redirecting = await startRedirectingReceiver(inside.url)
    await withServers(
      1,
      async ([server]) => {
        if (!server) throw new Error('There is no server.')
        const shop = await server.keyFor('shop')
        const codes = Array.from({ length: 2 * (rounds + 1) * matches }, (_, n) => `code-${n}`)
        expect((await shop.import(codes.join('\n'), 'text/plain')).status).toBe(200)
        const webhooks = await Promise.all(
          [hanging, trickling, redirecting].map(({ url }) => createWebhook(server, url)),
        )
        await createWebhook(server, good.url)
        const changes = await changesOf(server)
        const bad: number[] = []
        const without: number[] = []
        await matchAll(shop, 2 * matches, -1)
        const before = await memoryOf(server)
        for (let round = 0; round < rounds; round++) {
          await disable(server, webhooks, false)
          bad.push((await matchAll(shop, matches, 2 * round)).p99)
          await disable(server, webhooks, true)
          without.push((await matchAll(shop, matches, 2 * round + 1)).p99)
        }
        const grown = (await memoryOf(server)) - before
        const changed = await changes.stop()
        report('bad receivers', { bad, without, changed, grownMiB: Math.round(grown / 2 ** 20) })

        expect(hanging.accepted()).toBeGreaterThan(0)
        expect(trickling.accepted()).toBeGreaterThan(0)
        expect(redirecting.accepted()).toBeGreaterThan(0)
        expect(good.received.length).toBeGreaterThan(changed / 2)
        expect(inside.received).toEqual([])
        expect(median(bad)).toBeLessThan(1.5 * median(without))
        expect(grown).toBeLessThan(memoryMaxBytes)
      },
      { env: { WEBHOOKS_ALLOW_PRIVATE: 'true' } },
    )
    inside.stop()
    good.stop()
  },
  testMaxMs,
)

const masterOf = (server: Server) =>
  callerOf(server.send, server.origin, { 'x-master-api-key': masterKey })

async function createWebhook(server: Server, url: string): Promise<string> {
  const body = { url, events: [...webhookEvents] }
  const made = await masterOf(server)<{ id: string }>('POST', '/admin/webhooks', body)
  expect(made.status).toBe(200)
  return made.body.id
}

async function disable(server: Server, webhooks: readonly string[], disabled: boolean) {
  for (const id of webhooks) {
    const { status } = await masterOf(server)('PATCH', `/admin/webhooks/${id}`, { disabled })
    expect(status).toBe(200)
  }
}

/** Changes another namespace every `pauseMs`, each of which the webhooks are told, until `stop` tells how many there were. */
async function changesOf(server: Server) {
  const other = await server.keyFor('other')
  let stopped = false
  let changed = 0
  const changing = (async () => {
    while (!stopped) {
      const item = `item-${changed++}`
      expect((await other.patch({ add: [item] })).status).toBe(200)
      expect((await other.patch({ remove: [item] })).status).toBe(200)
      await Bun.sleep(pauseMs)
    }
  })()
  return {
    stop: async () => {
      stopped = true
      await changing
      return changed
    },
  }
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
