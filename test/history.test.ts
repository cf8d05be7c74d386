import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { firstMoment, masterKey, type TestApp, testApp } from './support/app.ts'
import type { EventAnswer, HistoryAnswer } from './support/caller.ts'

const scopes = ['match', 'read', 'write', 'manage']
let app: TestApp
let now = firstMoment
let shops = 0
let shop: Awaited<ReturnType<TestApp['keyFor']>>

beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app.close())
beforeEach(async () => {
  shop = await app.keyFor(`shop-${++shops}`, { scopes })
})

const advance = (ms: number) => {
  app.advance(ms)
  now += ms
}
const at = (ms = 0) => new Date(now + ms).toISOString()

/** What somebody sees of a history: the latest first. */
async function historyOf(query = '', call = shop.call, path = `${shop.path}/history`) {
  const { status, body } = await call<HistoryAnswer>('GET', path + query)
  expect({ status, next: body.nextCursor }).toEqual({ status: 200, next: null })
  return body.events
}

/** Each event as its name and, where there are any, its item, requestor and slot. */
const named = (events: readonly EventAnswer[]) =>
  events.map(({ event, item, requestor, slot }) =>
    [event, item, requestor, slot].filter((each) => each !== null).join(' '),
  )

const byKey = () => ({ keyId: shop.id, name: null })
const event = (name: string, rest: Partial<EventAnswer>): EventAnswer => ({
  ...{ at: at(), event: name, item: null, requestor: null, slot: null, by: byKey() },
  ...{ requestId: expect.any(String), batch: null, note: null, ...rest },
})

describe('the history of an item', () => {
  test('says when, by whom and by which request each thing happened to it', async () => {
    const headers = (id: string) => ({ 'x-request-id': id })
    const patch = (id: string, body: object) =>
      shop.call('PATCH', `${shop.path}/items`, body, headers(id))
    await patch('one', { add: ['A'], batch: 'june', note: 'from Bob' })
    advance(1)
    await shop.call('POST', `${shop.path}/match`, { requestor: 'ann' }, headers('two'))
    advance(1)
    await patch('three', { release: ['A'], note: 'by mistake' })
    advance(1)
    await patch('four', { set: [{ item: 'A', data: { pin: 1 } }] })
    await patch('five', { remove: ['A'] })
    await patch('six', { add: ['A'] })

    const item = 'A'
    expect(await historyOf('?item=A')).toEqual([
      event('restored', { item, requestId: 'six' }),
      event('removed', { item, requestId: 'five' }),
      event('updated', { item, requestId: 'four' }),
      {
        ...event('released', { item, requestor: 'ann', requestId: 'three', note: 'by mistake' }),
        at: at(-1),
      },
      event('matched', { at: at(-2), item, requestor: 'ann', requestId: 'two' }),
      {
        ...event('added', { item, requestId: 'one', batch: 'june', note: 'from Bob' }),
        at: at(-3),
      },
    ])
  })

  test('tells of a hold how it began and how it ended, by itself or by whom', async () => {
    await shop.patch({ add: ['A'] })
    await shop.match('ann', { holdSeconds: 1 })
    advance(5_000)
    await shop.match('bob', { holdSeconds: 60 })
    advance(1)
    await shop.match('bob')

    const [item, bob, ann] = ['A', { requestor: 'bob' }, { requestor: 'ann' }]
    expect(await historyOf('?item=A')).toEqual([
      event('confirmed', { item, ...bob }),
      event('held', { at: at(-1), item, ...bob }),
      event('lapsed', { at: at(-4_001), item, ...ann, by: null, requestId: null }),
      event('held', { at: at(-5_001), item, ...ann }),
      event('added', { at: at(-5_001), item }),
    ])
  })

  test('tells of a confirmation after the lapse', async () => {
    await shop.patch({ add: ['A'] })
    await shop.match('ann', { holdSeconds: 1 })
    advance(5_000)
    await shop.confirm('ann', 'A')

    expect(named(await historyOf('?item=A'))).toEqual([
      ...['confirmed A ann', 'lapsed A ann', 'held A ann', 'added A'],
    ])
  })

  test('tells both sides of a replacement', async () => {
    await shop.patch({ add: ['A', 'B'] })
    await shop.match('ann', { slot: 's' })
    await shop.match('ann', { slot: 's', replace: 'A' })

    expect(named(await historyOf('?item=A'))).toEqual([
      ...['replaced A ann s', 'matched A ann s', 'added A'],
    ])
    expect(named(await historyOf('?item=B'))).toEqual(['matched B ann s', 'added B'])
    expect(named(await historyOf('?requestor=ann'))).toEqual([
      ...['matched B ann s', 'replaced A ann s', 'matched A ann s'],
    ])
  })

  test('keeps an end that was taken back, and a hold that lapsed while its item was removed', async () => {
    await shop.patch({ add: ['A'] })
    await shop.match('ann', { holdSeconds: 1 })
    await shop.patch({ remove: ['A'] })
    advance(5_000)
    await shop.patch({ add: ['A'] })
    await shop.match('bob')
    await shop.patch({ remove: ['A'] })
    await shop.patch({ release: ['A'] })

    expect(named(await historyOf('?item=A'))).toEqual([
      ...['released A bob', 'removed A bob', 'matched A bob', 'restored A', 'lapsed A ann'],
      ...['removed A ann', 'held A ann', 'added A'],
    ])
  })

  test('names who brought a match along', async () => {
    const lines = '{"item":"A","requestor":"ann","matchedAt":"2029-01-01T00:00:00.000Z"}\n'
    const type = 'application/x-ndjson'
    await shop.import(lines, type, '?matches=keep&batch=old')
    await shop.patch({ add: ['B'] })
    await shop.import(
      lines.replace('"A"', '"B"').replace('ann', 'bob'),
      type,
      '?matches=keep&batch=old',
    )

    const matched = { at: '2029-01-01T00:00:00.000Z' }
    expect(await historyOf('?item=A')).toEqual([
      event('matched', { item: 'A', requestor: 'ann', ...matched }),
      event('added', { item: 'A', batch: 'old' }),
    ])
    expect(await historyOf('?item=B')).toEqual([
      event('matched', { item: 'B', requestor: 'bob', ...matched }),
      event('added', { item: 'B' }),
    ])
  })
})

describe('the history of a requestor', () => {
  test('is in the order in which things were recorded, over all its items', async () => {
    await shop.call('PATCH', shop.path, { itemsPerRequestor: 5 })
    await shop.patch({ add: ['A', 'B', 'C'] })
    await shop.match('ann', { slot: 's', holdSeconds: 1 })
    advance(1)
    await shop.match('ann', { slot: 't' })
    advance(1)
    await shop.match('ann', { slot: 'u', holdSeconds: 60 })
    await shop.confirm('ann', 'C', 'u')
    advance(5_000)
    await shop.patch({ release: ['B'] })

    expect(named(await historyOf('?requestor=ann'))).toEqual([
      ...['released B ann t', 'lapsed A ann s', 'confirmed C ann u', 'held C ann u'],
      ...['matched B ann t', 'held A ann s'],
    ])
  })

  test('finds it in the form in which it is compared, and shows it as it was sent', async () => {
    await shop.call('PATCH', shop.path, { requestors: 'folded' })
    await shop.patch({ add: ['A'] })
    await shop.match('Ann ')

    const query = `?${new URLSearchParams({ requestor: 'ANN' })}`
    expect(named(await historyOf(query))).toEqual(['matched A Ann '])
  })
})

describe('the history of a namespace', () => {
  test('has an event for each item that a change was about, and no matches', async () => {
    await shop.patch({ add: ['A', 'B'], batch: 'june' })
    await shop.match('ann')
    await shop.call('PATCH', shop.path, { paused: false })
    await shop.patch({ remove: ['B'], release: ['A'], note: 'both' })
    await shop.patch({ add: ['B'], set: [{ item: 'A', data: { pin: 1 } }] })
    await shop.call('DELETE', `${shop.path}/batches/june`)
    await app.master('PATCH', `/admin/namespaces/${shop.namespace}`, { paused: null })

    const events = await historyOf()
    expect(named(events)).toEqual([
      ...['settings', 'removed A', 'removed B', 'updated A', 'restored B', 'removed B'],
      ...['released A ann', 'settings', 'added B', 'added A'],
    ])
    expect(events[0]).toEqual(event('settings', { by: { masterKey: true } }))
    expect(events[1]).toEqual(event('removed', { item: 'A', batch: 'june' }))
    expect(events[6]).toEqual(event('released', { item: 'A', requestor: 'ann', note: 'both' }))
  })

  test('goes on where a page ended, over changes that did nothing', async () => {
    await shop.patch({ add: ['A', 'B', 'C'] })
    for (let n = 0; n < 3; n++) await shop.patch({ add: ['A'] })
    await shop.patch({ remove: ['A', 'B', 'C'] })
    await shop.patch({ add: ['C', 'B', 'D'] })

    const all = await historyOf()
    expect(named(all)).toEqual([
      ...['added D', 'restored B', 'restored C', 'removed B'],
      ...['removed C', 'removed A', 'added C', 'added B', 'added A'],
    ])
    for (const query of ['', 'item=B&', 'requestor=ann&'])
      for (const limit of [1, 2, 4])
        expect(await paged(`?${query}limit=${limit}`)).toEqual(await historyOf(`?${query}`))
  })

  test('misses none of more changes than are looked through at once, most of which did nothing', async () => {
    const many = (kind: string) => ({
      sql: `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1050)
            INSERT INTO changes (namespace, at, actor, kind, ordinal, items_before)
            SELECT ?1, ?2, 1, ?3, 1, (SELECT max(id) FROM items) FROM n`,
      params: [shop.namespace, now, kind],
    })
    await shop.patch({ add: ['A'] })
    await app.db.write([many('settings'), many('items')])
    await shop.patch({ add: ['B'] })

    const events = named(await paged('?limit=1000'))
    expect(events.filter((each) => each !== 'settings')).toEqual(['added B', 'added A'])
    expect(events).toHaveLength(1_052)
  })
})

describe('what administrators see', () => {
  test('goes over all namespaces, in the order in which things were recorded', async () => {
    const other = await app.keyFor(`${shop.namespace}-too`, { scopes })
    const item = `everywhere-${shop.namespace}`
    const requestor = `ann-${shop.namespace}`
    await shop.patch({ add: [item] })
    await other.patch({ add: [item] })
    await shop.match(requestor)
    await other.match(requestor)
    await shop.patch({ release: [item] })

    const seen = async (query: string) =>
      (await app.master<AdminAnswer>('GET', `/admin/history?${query}`)).body
    const [here, there] = [shop.namespace, other.namespace]
    const { events } = await seen(`item=${item}`)
    expect(events.map((each) => [each.namespace, each.event])).toEqual([
      ...[
        [here, 'released'],
        [there, 'matched'],
        [here, 'matched'],
      ],
      ...[
        [there, 'added'],
        [here, 'added'],
      ],
    ])
    const first = await seen(`requestor=${requestor}&limit=2`)
    const second = await seen(`requestor=${requestor}&limit=2&cursor=${first.nextCursor}`)
    expect([...first.events, ...second.events].map((each) => [each.namespace, each.event])).toEqual(
      [
        [here, 'released'],
        [there, 'matched'],
        [here, 'matched'],
      ],
    )
    expect(second.nextCursor).toBeNull()
  })

  test('has the making and deleting of keys, and settings, by whom', async () => {
    const by = { masterKey: createHash('sha256').update(masterKey).digest('hex').slice(0, 8) }
    await shop.call('PATCH', shop.path, { paused: true })
    await app.master('DELETE', `/admin/api-keys/${shop.id}`)

    const { body } = await app.master<AdminAnswer>('GET', '/admin/history?limit=3')
    const { namespace, id: keyId } = shop
    expect(body.events).toEqual([
      { ...event('key.deleted', { by }), namespace, keyId },
      { ...event('settings', {}), namespace },
      { ...event('key.created', { by }), namespace, keyId },
    ])
  })

  test('keeps the name of a key that is deleted', async () => {
    const { body: key } = await app.master<{ id: string; apiKey: string }>(
      'POST',
      '/admin/api-keys',
      {
        ...{ namespace: shop.namespace, name: 'till 3', scopes },
      },
    )
    await shop.call('PATCH', `${shop.path}/items`, { add: ['A'] }, { 'x-api-key': key.apiKey })
    await app.master('DELETE', `/admin/api-keys/${key.id}`)

    expect(await historyOf('?item=A')).toEqual([
      event('added', { item: 'A', by: { keyId: key.id, name: 'till 3' } }),
    ])
  })
})

describe('a history that cannot be', () => {
  test('is empty for what never was, and for another namespace', async () => {
    const other = await app.keyFor(`${shop.namespace}-too`, { scopes })
    await other.patch({ add: ['A'] })
    for (const query of ['', '?item=A', '?requestor=A']) expect(await historyOf(query)).toEqual([])
  })

  test.each([
    [
      '?item=A&requestor=ann',
      '#/requestor',
      'must not be there together with item (requestor in the query)',
    ],
    ['?item=', '#/item', expect.stringContaining('(item in the query)')],
    ['?cursor=x', '#/cursor', expect.stringContaining('(cursor in the query)')],
    ['?limit=0', '#/limit', expect.stringContaining('(limit in the query)')],
  ])('is refused: %s', async (query, pointer, detail) => {
    const { status, body } = await shop.call('GET', `${shop.path}/history${query}`)
    expect({ status, errors: Object(body).errors }).toEqual({
      status: 422,
      errors: [{ pointer, detail }],
    })
  })

  test('is refused where a cursor is of another history', async () => {
    await shop.patch({ add: ['A', 'B'] })
    const { body } = await shop.history('?limit=1')
    const { status } = await shop.history(`?item=A&cursor=${body.nextCursor}`)
    expect(status).toBe(422)
  })
})

type AdminAnswer = {
  events: (EventAnswer & { namespace: string | null; keyId?: string })[]
  nextCursor: string | null
}

async function paged(query: string): Promise<EventAnswer[]> {
  const events: EventAnswer[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const next = cursor === '' ? '' : `&cursor=${cursor}`
    const { status, body } = await shop.history(query + next)
    expect(status).toBe(200)
    events.push(...body.events)
    cursor = body.nextCursor
  }
  return events
}
