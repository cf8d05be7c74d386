import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Assumptions } from '../src/storage/sqlite/matches/assumptions.ts'
import { matchBatch } from '../src/storage/sqlite/matches/match-batch.ts'
import { tidyWebhooks } from '../src/storage/sqlite/webhooks/tidy.ts'
import { firstMoment, type TestApp, testApp } from './support/app.ts'
import { contextAt, requestsAt } from './support/context.ts'
import { seriesValue } from './support/exposition.ts'
import { isSignedBy, type Receiver, startReceiver } from './support/receiver.ts'

type Webhook = {
  id: string
  url: string
  events: string[]
  namespaces: string[] | null
  createdAt: string
  disabledAt: string | null
  secret: string
}
type Delivery = { id: string; event: string; status: string; attempts: number }
type Problem = { code: string; errors: { pointer: string; detail: string }[] }

const allEvents = [
  ...['stock.low', 'stock.exhausted', 'stock.refilled'],
  ...['items.removed', 'items.released', 'namespace.updated'],
]
const scopes = ['match', 'read', 'write', 'manage']
const now = new Date(firstMoment).toISOString()

let app: TestApp
let receiver: Receiver

beforeAll(async () => {
  app = await testApp({ webhooksAllowPrivate: true })
  receiver = startReceiver()
})
afterAll(async () => {
  await app.close()
  receiver.stop()
})

const create = async (webhook: object) => {
  const body = { url: 'http://127.0.0.1:9/', events: allEvents, ...webhook }
  return (await app.master<Webhook>('POST', '/admin/webhooks', body)).body
}
const at = (path: string) => `/admin/webhooks/${path}`
const eventsOf = async (id: string) => {
  const { body } = await app.master<{ deliveries: Delivery[] }>('GET', at(`${id}/deliveries`))
  return body.deliveries.map(({ event }) => event).reverse()
}
/** The payloads of events that were staged for a webhook, in their order, but for the pace of matches. */
const staged = async (id: string) => {
  const { rows } = await app.db.read({
    sql: 'SELECT event, namespace, payload FROM deliveries WHERE webhook = ?1 ORDER BY id',
    params: [id],
  })
  return rows.map(({ event, namespace, payload }) => {
    const { perDay, daysLeft, ...counts } = JSON.parse(String(payload))
    return { event, namespace, ...counts }
  })
}
const changesOf = async (id: string) => {
  const { rows } = await app.db.read({
    sql: 'SELECT namespace, kind FROM changes WHERE about = ?1 ORDER BY id',
    params: [id],
  })
  return rows.map(({ namespace, kind }) => [namespace, kind])
}

describe('a webhook', () => {
  test('is created, shown without its secret, changed and deleted, and history has each change', async () => {
    const events = ['stock.low', 'items.removed']
    const created = await create({ events, namespaces: ['a', 'b'] })
    const { secret, ...webhook } = created
    expect(created).toEqual({
      id: expect.stringMatching(/^whk_/),
      ...{ url: 'http://127.0.0.1:9/', events, namespaces: ['a', 'b'] },
      ...{ createdAt: now, disabledAt: null },
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    })
    expect(Buffer.from(secret.slice(6), 'base64')).toHaveLength(32)
    expect((await app.master('GET', at(webhook.id))).body).toEqual(webhook)
    const { body } = await app.master<{ webhooks: object[] }>('GET', '/admin/webhooks')
    expect(body.webhooks).toContainEqual(webhook)

    const patch = (change: object) => app.master('PATCH', at(webhook.id), change)
    expect((await patch({ url: 'http://127.0.0.1:9/new', namespaces: null })).body).toEqual({
      ...webhook,
      ...{ url: 'http://127.0.0.1:9/new', namespaces: null },
    })
    expect((await patch({ disabled: true, events: null })).body).toMatchObject({
      ...{ events, disabledAt: now },
    })
    expect((await patch({ disabled: false })).body).toMatchObject({ disabledAt: null })
    expect((await patch({})).body).toMatchObject({ disabledAt: null })

    expect((await app.master('DELETE', at(webhook.id))).body).toEqual({
      success: true,
      message: 'Webhook deleted successfully',
    })
    for (const [method, path, sent] of [
      ['GET', '', undefined],
      ['PATCH', '', { disabled: true }],
      ['DELETE', '', undefined],
      ['POST', '/rotate', undefined],
      ['POST', '/test', undefined],
      ['GET', '/deliveries', undefined],
      ['POST', '/deliveries/msg_1/retry', undefined],
    ] as const) {
      const { status } = await app.master(method, at(`${webhook.id}${path}`), sent)
      expect([method, path, status]).toEqual([method, path, 404])
    }
    expect(await changesOf(webhook.id)).toEqual([
      ['', 'webhook.created'],
      ...Array(3).fill(['', 'webhook.updated']),
      ['', 'webhook.deleted'],
    ])
  })

  test('is one of pages of any size', async () => {
    const made = [await create({}), await create({}), await create({})].map(({ id }) => id)
    const seen: string[] = []
    let query = '?limit=1'
    while (query) {
      const { body } = await app.master<{ webhooks: Webhook[]; nextCursor: string | null }>(
        'GET',
        `/admin/webhooks${query}`,
      )
      seen.push(...body.webhooks.map(({ id }) => id))
      query = body.nextCursor === null ? '' : `?limit=1&cursor=${body.nextCursor}`
    }
    expect(seen).toEqual(expect.arrayContaining(made))
    expect(new Set(seen).size).toBe(seen.length)
    for (const id of made) await app.master('DELETE', at(id))
  })

  test.each([
    [{ events: [] }, '#/events'],
    [{ events: ['stock.gone'] }, '#/events/0'],
    [{ events: ['stock.low', 'stock.low'] }, '#/events'],
    [{ events: 'stock.low' }, '#/events'],
    [{ events: undefined }, '#/events'],
    [{ namespaces: [] }, '#/namespaces'],
    [{ namespaces: ['a b'] }, '#/namespaces/0'],
    [{ secret: 'mine' }, '#'],
    [{ url: undefined }, '#/url'],
    ...[
      ...['', 'shop.example', 'ftp://shop.example/', '/hook', 'https:shop.example', 'https://'],
      ...['https://user@shop.example/', 'https://a:b@shop.example/', 'https://shop.example/#x'],
      ...['https://shop.example\\@127.0.0.1/', 'https://shöp.example/', 'https://shop.example/ x'],
      ...['https://[::1', 'https://shop.example:99999/', 'https://1.2.3.4.5/', 'https://a%00b/'],
      `https://shop.example/${'x'.repeat(2_048)}`,
    ].map((url): [object, string] => [{ url }, '#/url']),
  ])('is refused, and nothing is made: %j', async (broken, pointer) => {
    const body = { url: 'https://127.0.0.1:9/', events: allEvents, ...broken }
    const answer = await app.master<Problem>('POST', '/admin/webhooks', body)
    expect([answer.status, answer.body.errors.map((each) => each.pointer)]).toEqual([
      422,
      [pointer],
    ])
  })
})

describe('without WEBHOOKS_ALLOW_PRIVATE', () => {
  let strict: TestApp
  beforeAll(async () => {
    strict = await testApp()
  })
  afterAll(() => strict.close())

  test('an address that is not public, or not https, is a 422, in every spelling', async () => {
    const refused = async (url: string): Promise<unknown> => {
      const body = { url, events: allEvents }
      const answer = await strict.master<Problem>('POST', '/admin/webhooks', body)
      return [answer.status, answer.body.errors?.map(({ detail }) => detail)]
    }
    const notPublic =
      'must not lead to an address that is private, loopback, link-local or otherwise reserved'
    for (const host of [
      ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0x7f.1', '017700000001', '0177.0.0.1'],
      ...['127.0.0.1.', '0.0.0.0', '0', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
      ...['169.254.169.254', '100.64.0.1', '192.0.2.1', '198.51.100.1', '203.0.113.1'],
      ...['198.18.0.1', '192.0.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
      ...['[::1]', '[::]', '[fe80::1]', '[fc00::1]', '[fd12::1]', '[fec0::1]', '[ff02::1]'],
      ...['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]', '[::ffff:0:127.0.0.1]'],
      ...['[64:ff9b::7f00:1]', '[64:ff9b:1::1]', '[2002:7f00:1::]', '[2001:db8::1]', '[2001::1]'],
      ...['[3fff::1]', 'localhost', 'LOCALHOST'],
    ]) {
      expect([host, await refused(`https://${host}/`)]).toEqual([host, [422, [notPublic]]])
    }
    expect(await refused('http://203.0.113.1/')).toEqual([422, ['must be an https:// URL']])
    // Some resolvers know it.
    expect(await refused('https://localhost./')).toEqual([422, [expect.any(String)]])
    expect(await refused('https://no-such-host.invalid/')).toEqual([
      ...[422, ['must name a host that can be resolved']],
    ])
    for (const host of ['1.1.1.1', '[2606:4700:4700::1111]', '[64:ff9b::101:101]']) {
      const body = { url: `https://${host}/`, events: ['stock.low'] }
      expect((await strict.master('POST', '/admin/webhooks', body)).status).toBe(200)
    }
  })

  test('nothing is sent to an address that has become one since', async () => {
    const { body } = await strict.master<Webhook>('POST', '/admin/webhooks', {
      ...{ url: 'https://1.1.1.1/', events: ['namespace.updated'] },
    })
    await strict.db.write([
      { sql: 'UPDATE webhooks SET url = ?1 WHERE id = ?2', params: [receiver.url, body.id] },
    ])
    const before = receiver.received.length
    await strict.master('POST', at(`${body.id}/test`))
    const tried = async () => {
      const list = await strict.master<{ deliveries: object[] }>('GET', at(`${body.id}/deliveries`))
      return list.body.deliveries
    }
    while (Object(await tried())[0].attempts === 0) await new Promise(setImmediate)
    expect(await tried()).toMatchObject([{ status: 'pending', attempts: 1, lastStatus: null }])
    expect(receiver.received.length).toBe(before)
  })
})

describe('stock', () => {
  test('is told of once for each crossing, and again after it was refilled', async () => {
    const { id } = await create({ namespaces: ['stock'] })
    const stock = await app.keyFor('stock', { scopes })
    const changed = ['lowStockBelow']
    await stock.call('PATCH', '/namespaces/stock', { lowStockBelow: 3 })
    await stock.patch({ add: ['A', 'B', 'C', 'D'] })
    const told: object[] = [{ event: 'namespace.updated', namespace: 'stock', changed }]
    const tell = (event: string, available: number, total: number, others: object = {}) => {
      const counts = { total, available, matched: total - available, held: 0, lowStockBelow: 3 }
      told.push({ event, namespace: 'stock', ...counts, ...others })
    }
    expect(await staged(id)).toEqual(told)

    await stock.match('u1')
    expect(await staged(id)).toEqual(told)
    await stock.match('u2')
    tell('stock.low', 2, 4)
    expect(await staged(id)).toEqual(told)
    await stock.match('u2')
    await stock.match('u3')
    await stock.match('u4')
    tell('stock.exhausted', 0, 4)
    expect(await staged(id)).toEqual(told)
    await stock.match('u5')
    await stock.patch({ add: ['E', 'F'] })
    await stock.match('u5')
    await stock.match('u6')
    expect(await staged(id)).toEqual(told)
    await stock.import('G\nH\nI\n')
    tell('stock.refilled', 3, 9)
    expect(await staged(id)).toEqual(told)
    await stock.patch({ remove: ['G', 'H', 'I'] })
    told.push({ event: 'items.removed', namespace: 'stock', removed: 3 })
    tell('stock.low', 0, 6)
    tell('stock.exhausted', 0, 6)
    expect(await staged(id)).toEqual(told)
    await stock.call('PATCH', '/namespaces/stock', { lowStockBelow: null })
    told.push({ event: 'namespace.updated', namespace: 'stock', changed })
    await stock.patch({ release: ['A', 'B'] })
    told.push({ event: 'items.released', namespace: 'stock', released: 2 })
    tell('stock.refilled', 2, 6, { lowStockBelow: null })
    expect(await staged(id)).toEqual(told)
    await app.master('DELETE', at(id))
  })

  test('that falls to nothing at once is low and exhausted; one that nothing was ever in is neither', async () => {
    const { id } = await create({ namespaces: ['new'] })
    const stock = await app.keyFor('new', { scopes })
    await stock.call('PATCH', '/namespaces/new', { lowStockBelow: 2 })
    await stock.put({ items: [] })
    await stock.patch({ add: ['A', 'B', 'C'] })
    await stock.put({ items: ['X'] })
    const expected = ['namespace.updated', 'items.removed', 'stock.low']
    expect(await eventsOf(id)).toEqual(expected)
    await stock.match('u', { holdSeconds: 60 })
    expect(await eventsOf(id)).toEqual([...expected, 'stock.exhausted'])
    await app.master('DELETE', at(id))
  })

  test('is told with how long it lasts, going by the matches of a day', async () => {
    const { id } = await create({ namespaces: ['pace'], events: ['stock.low', 'stock.exhausted'] })
    const stock = await app.keyFor('pace', { scopes })
    await stock.call('PATCH', '/namespaces/pace', { lowStockBelow: 100 })
    await stock.patch({ add: Array.from({ length: 101 }, (_, n) => `item-${n}`) })
    const hourMs = 3_600_000
    const hour = app.now() - (app.now() % hourMs)
    await app.db.write([
      {
        sql: `INSERT INTO hours (namespace, at, added, matched, released, removed, available)
              VALUES ('pace', ?1, 0, 20, 0, 0, 0), ('pace', ?2, 0, 1000, 0, 0, 0)`,
        params: [hour - 23 * hourMs, hour - 24 * hourMs],
      },
      {
        sql: `UPDATE namespaces SET hour = ?1, hour_matched = 20 WHERE namespace = 'pace'`,
        params: [hour],
      },
    ])
    await stock.patch({ remove: ['item-1', 'item-2'] })
    await stock.put({ items: [] })
    const { rows } = await app.db.read({
      sql: 'SELECT payload FROM deliveries WHERE webhook = ?1 ORDER BY id',
      params: [id],
    })
    expect(rows.map(({ payload }) => JSON.parse(String(payload)))).toMatchObject([
      { available: 99, perDay: 40, daysLeft: 2.5 },
      { available: 0, perDay: 40, daysLeft: 0 },
    ])
    await app.master('DELETE', at(id))
  })

  test('that time takes or gives back is told by the sweep', async () => {
    const { id } = await create({ namespaces: ['time'] })
    const stock = await app.keyFor('time', { scopes })
    const soon = new Date(firstMoment + 120_000).toISOString()
    await stock.patch({ add: ['A', { item: 'B', expiresAt: soon }] })
    await stock.match('u', { holdSeconds: 60 })
    const sweep = async (ms: number) => {
      app.advance(ms)
      await app.sweep()
    }
    expect(await eventsOf(id)).toEqual([])
    await stock.match('v', { holdSeconds: 60 })
    expect(await eventsOf(id)).toEqual(['stock.exhausted'])
    await sweep(60_000)
    expect(await eventsOf(id)).toEqual(['stock.exhausted', 'stock.refilled'])
    await stock.match('w')
    await sweep(60_000)
    expect(await eventsOf(id)).toEqual(['stock.exhausted', 'stock.refilled', 'stock.exhausted'])
    await app.master('DELETE', at(id))
  })

  test('is not told of what was so before the webhook, also where one was deleted meanwhile', async () => {
    const stock = await app.keyFor('before')
    const first = await create({ namespaces: ['before'] })
    await stock.patch({ add: ['A'] })
    await stock.match('u1')
    await app.master('DELETE', at(first.id))
    await stock.patch({ add: ['B', 'C'] })
    const second = await create({ namespaces: ['before'] })
    await stock.match('u2')
    expect(await eventsOf(second.id)).toEqual([])
    await stock.match('u3')
    expect(await eventsOf(second.id)).toEqual(['stock.exhausted'])
    await app.master('PATCH', at(second.id), { disabled: true })
    await stock.patch({ add: ['D', 'E'] })
    await app.master('PATCH', at(second.id), { disabled: false })
    await stock.match('u4')
    await stock.match('u5')
    expect(await eventsOf(second.id)).toEqual(['stock.exhausted', 'stock.exhausted'])
    await app.master('DELETE', at(second.id))
  })

  test('is followed by an instance that has not read of the first webhook, and left alone by one that has not of the last', async () => {
    const stock = await app.keyFor('unread')
    await stock.patch({ add: ['A', 'B', 'C'] })
    const [assumptions, skipRead] = [new Assumptions(), true]
    const match = async (requestor: string) => {
      const requests = requestsAt(app.now(), 'unread', requestor)
      const [outcome] = await matchBatch(app.db, requests, { assumptions, skipRead })
      return outcome?.kind === 'matched' && outcome.item
    }
    expect(await match('u1')).toBe('A')
    const { id } = await create({ namespaces: ['unread'] })
    await stock.patch({ remove: ['C'] })
    expect(await match('u2')).toBe('B')
    expect(await eventsOf(id)).toEqual(['items.removed', 'stock.exhausted'])
    await app.master('DELETE', at(id))
    await stock.patch({ add: ['D'] })
    expect(await match('u3')).toBe('D')
  })

  test('is told by a replacement, and by a batch that is taken back, once for all its steps', async () => {
    const { id } = await create({ namespaces: ['back'] })
    const stock = await app.keyFor('back', { scopes })
    const add = Array.from({ length: 4_500 }, (_, n) => `item-${n}`)
    await stock.patch({ add, batch: 'june' })
    await stock.match('u')
    await stock.match('u', { replace: 'item-0' })
    await stock.call('DELETE', '/namespaces/back/batches/june')
    await stock.call('DELETE', '/namespaces/back/batches/june')
    expect(await staged(id)).toMatchObject([
      { event: 'items.removed', removed: 1 },
      { event: 'items.removed', removed: 4_498 },
      { event: 'stock.exhausted', available: 0, matched: 1 },
    ])
    await app.master('DELETE', at(id))
  })
})

test('an event is for those that listen to it and its namespace, and nothing of a dry run or a failed change', async () => {
  const [all, some, other] = [
    await create({}),
    await create({ events: ['items.removed'], namespaces: ['who', 'x'] }),
    await create({ namespaces: ['x'] }),
  ]
  const who = await app.keyFor('who', { scopes })
  await who.patch({ add: ['A', 'B'] })
  await who.put({ items: [], dryRun: true })
  await who.call('PATCH', '/namespaces/who', { opensAt: now, closesAt: now })
  await who.patch({ remove: ['none'], release: ['none'] })
  await who.patch({ remove: ['A'], release: ['B'] })
  expect([await staged(all.id), await staged(some.id), await staged(other.id)]).toEqual([
    [{ event: 'items.removed', namespace: 'who', removed: 1 }],
    [{ event: 'items.removed', namespace: 'who', removed: 1 }],
    [],
  ])
  for (const { id } of [all, some, other]) await app.master('DELETE', at(id))
})

describe('a delivery', () => {
  /** What is listed of a webhook, once the first of it is no longer as `status` says. */
  const settled = async (id: string, attempts: number) => {
    for (;;) {
      const { body } = await app.master<{ deliveries: Delivery[] }>('GET', at(`${id}/deliveries`))
      if ((body.deliveries[0]?.attempts ?? 0) >= attempts) return body.deliveries[0]
      await new Promise(setImmediate)
    }
  }

  test('is signed, and by the secret before for a day after it was rotated', async () => {
    const { id, secret } = await create({ url: receiver.url, events: ['items.removed'] })
    const sent = async () => {
      const count = receiver.received.length
      const { body } = await app.master<Delivery>('POST', at(`${id}/test`))
      await receiver.until(count + 1)
      const one = receiver.received[count]
      expect(one?.id).toBe(body.id)
      if (!one) throw new Error('Nothing was received.')
      return one
    }
    const first = await sent()
    expect(first.body).toEqual({
      type: 'webhook.test',
      timestamp: new Date(app.now()).toISOString(),
      data: {},
    })
    expect([isSignedBy(secret, first), first.signature.split(' ').length]).toEqual([true, 1])
    const rotated = await app.master<Webhook>('POST', at(`${id}/rotate`))
    const again = await app.master<Webhook>('POST', at(`${id}/rotate`))
    const secrets = [again.body.secret, rotated.body.secret, secret]
    const second = await sent()
    expect(secrets.map((each) => isSignedBy(each, second))).toEqual([true, true, true])
    app.advance(24 * 3_600_000)
    const third = await sent()
    expect(secrets.map((each) => isSignedBy(each, third))).toEqual([true, false, false])
    for (let n = 0; n < 10; n++)
      expect((await app.master('POST', at(`${id}/rotate`))).status).toBe(200)
    expect((await app.master('POST', at(`${id}/rotate`))).status).toBe(409)
    await app.master('DELETE', at(id))
  })

  test('is tried ten times over some 75 hours with the same id, then failed, and once more by hand', async () => {
    const failing = startReceiver(() => new Response('no', { status: 503 }))
    const { id } = await create({ url: failing.url, events: ['items.removed'] })
    const { body } = await app.master<Delivery>('POST', at(`${id}/test`))
    const pauses: number[] = []
    for (let attempts = 1; attempts <= 10; attempts++) {
      const delivery = Object(await settled(id, attempts))
      expect(delivery).toMatchObject({ id: body.id, attempts, lastStatus: 503 })
      expect(delivery.status).toBe(attempts < 10 ? 'pending' : 'failed')
      if (attempts === 10) break
      const pause = Date.parse(delivery.nextAttemptAt) - app.now()
      pauses.push(pause)
      app.advance(pause)
      app.sendSoon()
    }
    const hours = pauses.reduce((sum, ms) => sum + ms, 0) / 3_600_000
    expect([Math.abs((pauses[0] ?? 0) - 5_000) <= 500, hours > 68, hours < 83.2]).toEqual([
      ...[true, true, true],
    ])
    expect(new Set(failing.received.map((one) => one.id))).toEqual(new Set([body.id]))
    expect(await app.master('GET', at(`${id}/deliveries`))).toMatchObject({
      body: { deliveries: [{ status: 'failed', nextAttemptAt: null }] },
    })
    const retry = await app.master('POST', at(`${id}/deliveries/${body.id}/retry`))
    expect(retry.body).toMatchObject({ id: body.id, status: 'pending' })
    expect(await settled(id, 11)).toMatchObject({ status: 'failed', attempts: 11 })
    expect(failing.received).toHaveLength(11)
    failing.stop()
    await app.master('DELETE', at(id))
  })

  test('is forgotten 30 days after it is done, and with its webhook', async () => {
    const { id } = await create({ url: receiver.url, events: ['items.removed'] })
    const other = await create({ url: 'http://127.0.0.1:9/', events: ['items.removed'] })
    for (const each of [id, other.id]) await app.master('POST', at(`${each}/test`))
    await settled(id, 1)
    await app.master('PATCH', at(other.id), { disabled: true })
    const rows = async () => {
      const { rows } = await app.db.read({
        sql: `SELECT (SELECT count(*) FROM deliveries WHERE webhook = ?1) AS done,
                (SELECT count(*) FROM deliveries WHERE webhook = ?2) AS disabled,
                (SELECT pending FROM webhooks WHERE id = ?2) AS pending,
                (SELECT count(*) FROM webhooks WHERE id = ?1) AS webhooks`,
        params: [id, other.id],
      })
      return Object.values(rows[0] ?? {})
    }
    const tidy = () => tidyWebhooks(app.db, contextAt(app.now()))
    app.advance(30 * 86_400_000)
    await tidy()
    expect(await rows()).toEqual([1, 1, 1, 1])
    app.advance(1)
    await tidy()
    expect(await rows()).toEqual([0, 0, 0, 1])
    await app.master('POST', at(`${id}/test`))
    for (const each of [id, other.id]) await app.master('DELETE', at(each))
    await tidy()
    expect(await rows()).toEqual([0, 0, null, 0])
  })

  test('too many that are undelivered disable their webhook', async () => {
    const { id } = await create({ events: ['items.removed'] })
    await app.master('POST', at(`${id}/test`))
    const pending = async (count: number) => {
      await app.db.write([
        { sql: 'UPDATE webhooks SET pending = ?1 WHERE id = ?2', params: [count, id] },
      ])
      return tidyWebhooks(app.db, contextAt(app.now()))
    }
    expect((await pending(1_000_000)).disabled).toEqual([])
    expect((await pending(1_000_001)).disabled).toEqual([id])
    expect(await app.master('GET', at(id))).toMatchObject({
      body: { disabledAt: expect.any(String) },
    })
    await app.master('DELETE', at(id))
  })

  test('that waits is in the metrics, with the age of the oldest', async () => {
    const silent = startReceiver(() => new Promise<Response>(() => {}))
    const { id } = await create({ url: silent.url, events: ['items.removed'] })
    await app.master('POST', at(`${id}/test`))
    app.advance(90_000)
    await app.master('POST', at(`${id}/test`))
    const other = await create({})
    await app.master('PATCH', at(other.id), { disabled: true })
    const { body } = await app.master<string>('GET', '/metrics')
    const metric = (name: string) => seriesValue(body, `zaas_webhooks_${name}`, {})
    const names = ['undelivered', 'oldest_undelivered_seconds', 'disabled']
    expect(names.map(metric)).toEqual([2, 90, 1])
    for (const each of [id, other.id]) await app.master('DELETE', at(each))
    silent.stop()
  })

  test('that is answered with 410 disables its webhook until it is enabled again', async () => {
    let status = 410
    const leaving = startReceiver(() => new Response(null, { status }))
    const { id } = await create({ url: leaving.url, events: ['items.removed'] })
    const { body } = await app.master<Delivery>('POST', at(`${id}/test`))
    expect(await settled(id, 1)).toMatchObject({ status: 'failed', lastStatus: 410 })
    expect((await app.master('GET', at(id))).body).toMatchObject({ disabledAt: expect.any(String) })
    expect(await changesOf(id)).toEqual([
      ['', 'webhook.created'],
      ['', 'webhook.updated'],
    ])
    const retry = () => app.master('POST', at(`${id}/deliveries/${body.id}/retry`))
    expect([(await retry()).status, (await app.master('POST', at(`${id}/test`))).status]).toEqual([
      ...[409, 409],
    ])
    const shop = await app.keyFor('gone')
    await shop.patch({ add: ['A'] })
    await shop.patch({ remove: ['A'] })
    expect(await eventsOf(id)).toEqual(['webhook.test'])
    status = 204
    await app.master('PATCH', at(id), { disabled: false })
    await retry()
    expect(await settled(id, 2)).toMatchObject({ status: 'delivered', lastStatus: 204 })
    leaving.stop()
    await app.master('DELETE', at(id))
  })
})
