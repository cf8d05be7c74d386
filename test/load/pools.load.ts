import { expect, test } from 'bun:test'
import { report, timed } from '../support/figures.ts'
import { withServers } from '../support/instances.ts'
import { matchAll } from './match-all.ts'
import { othersOf } from './others.ts'

// What expiry and the undo of an import cost at a million items. The figures go to standard error. Run by
// `bun run test:load`.

const count = 1_000_000
const fresh = 30_000
const firstMaxMs = 250
const nextP99MaxMs = 20
const undoP99MaxMs = 100
/** From the start of an import to the moment in which all of it expires. */
const importMaxMs = 90_000
const testMaxMs = 300_000

const codes = (prefix: string, length: number) =>
  Array.from({ length }, (_, n) => `${prefix}-${String(n).padStart(7, '0')}`)

test(
  'a million that expire at the head of a queue cost the first match little, and the next ones nothing',
  async () => {
    await withServers(1, async ([server]) => {
      if (!server) throw new Error('There is no server.')
      const shop = await server.keyFor('shop')
      const warmUp = await server.keyFor('warm-up')
      await warmUp.patch({ add: codes('WARM', fresh) })
      const before = await matchAll(warmUp, fresh)
      const expiresAt = Date.now() + importMaxMs
      const ending = new Date(expiresAt).toISOString()
      const rows = codes('OLD', count).map((code) => `${code},${ending}\n`)
      const imported = await shop.import(`item,expiresAt\n${rows.join('')}`, 'text/csv')
      expect(imported.body).toMatchObject({ added: count, expired: 0 })
      await shop.patch({ add: codes('NEW', fresh) })
      expect((await shop.stats()).body).toMatchObject({ available: count + fresh, expired: 0 })
      await Bun.sleep(expiresAt - Date.now() + 1)

      const first = await timed(() => shop.match('first'))
      const stats = await timed(shop.stats)
      const next = await matchAll(shop, fresh - 1)
      report('a million expired', { firstMs: first.ms, statsMs: stats.ms, before, next })

      expect(first.value.body).toMatchObject({ success: true, item: 'NEW-0000000' })
      expect(stats.value.body).toMatchObject({ available: fresh - 1, matched: 1, expired: count })
      const after = { available: 0, matched: fresh, expired: count, total: count + fresh }
      expect((await shop.stats()).body).toMatchObject(after)
      expect((await shop.match('late')).body).toMatchObject({ reason: 'none_left' })
      expect(first.ms).toBeLessThan(firstMaxMs)
      expect(next.p99).toBeLessThan(Math.max(nextP99MaxMs, 1.5 * before.p99))
    })
  },
  testMaxMs,
)

test(
  'an import of a million is taken back while others match',
  async () => {
    await withServers(1, async ([server]) => {
      if (!server) throw new Error('There is no server.')
      const shop = await server.keyFor('shop')
      const body = codes('CODE', count).join('\n')
      expect((await shop.import(body, 'text/plain', '?batch=wrong')).body.added).toBe(count)
      await shop.match('early')
      const others = await othersOf(server)

      const undone = await timed(() => shop.call('DELETE', '/namespaces/shop/batches/wrong'))
      const meanwhile = await others.stop()
      report('a million taken back', { ms: undone.ms, meanwhile })

      expect(undone.value.body).toMatchObject({ success: true, removed: count - 1, kept: 1 })
      expect((await shop.stats()).body).toMatchObject({ total: 1, matched: 1, available: 0 })
      expect(meanwhile.p99).toBeLessThan(undoP99MaxMs)
    })
  },
  testMaxMs,
)
