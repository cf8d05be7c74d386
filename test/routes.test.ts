import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import type { Store } from '../src/domain/store.ts'
import { firstMoment, masterKey, origin, type TestApp, testApp } from './support/app.ts'
import { onSqld } from './support/backend.ts'
import type { ListAnswer } from './support/caller.ts'

type Shop = Awaited<ReturnType<TestApp['keyFor']>>
type Created = Record<string, unknown> & { id: string; apiKey: string }
type Listed = { apiKeys: Record<string, unknown>[] }
type KeyPage = Listed & { nextCursor: string | null }

const minuteMs = 60_000
const at = (ms: number) => new Date(firstMoment + ms).toISOString()
const start = at(0)

let app: TestApp
let shop: Shop

beforeEach(async () => {
  app = await testApp()
  shop = await app.keyFor('shop')
})
afterEach(() => app.close())

/** What PATCH answers, with zeros for what is not told. */
const patched = (message: string, counts: Record<string, unknown> = {}) => ({
  success: true,
  message,
  added: 0,
  restored: 0,
  removed: 0,
  released: 0,
  updated: 0,
  unchanged: 0,
  conflicts: [],
  ...counts,
})
const noneLeft = {
  success: false,
  reason: 'none_left',
  message: 'No available items in this namespace',
}
const matched = (item: string, matchedAt = start) => ({
  success: true,
  item,
  data: null,
  expiresAt: null,
  matchedAt,
  alreadyMatched: false,
  message: 'Item successfully matched',
})
const repeated = (item: string, matchedAt = start) => ({
  ...matched(item, matchedAt),
  message: 'Item already assigned to this requestor',
  alreadyMatched: true,
})

/** How the list shows an item that nobody has. */
const available = (item: string, createdAt = start) => ({
  ...{ item, requestor: null, slot: null, data: null, matchedAt: null, heldUntil: null },
  ...{ expiresAt: null, createdAt, batch: null, status: 'available' },
})

/** The live items in their order, and who has each. */
async function holders(of = shop) {
  const { body } = await of.list()
  return body.items.map(({ item, requestor }) => [item, requestor])
}

/** Matches requestors one after the other. */
async function matchAll(...requestors: string[]) {
  for (const requestor of requestors) expect((await shop.match(requestor)).status).toBe(200)
}

const deleteKey = (path: string) => {
  const headers = { 'x-master-api-key': masterKey }
  return app.send(new Request(`${origin}/admin/api-keys/${path}`, { method: 'DELETE', headers }))
}

describe('match', () => {
  test('gives the oldest item, and the same one when asked again', async () => {
    await shop.patch({ add: ['B', 'A'] })
    app.advance(5)
    expect((await shop.match('u')).body).toEqual(matched('B', at(5)))
    app.advance(5)
    expect((await shop.match('u')).body).toEqual(repeated('B', at(5)))
    expect((await shop.match('v')).body).toEqual(matched('A', at(10)))
  })

  test('says so when nothing is left, and still serves who holds an item', async () => {
    expect((await shop.match('u')).body).toEqual(noneLeft)
    await shop.patch({ add: ['A'] })
    expect((await shop.match('u')).body).toEqual(matched('A'))
    expect(await shop.match('v')).toMatchObject({ status: 200, body: noneLeft })
    expect((await shop.match('u')).body).toEqual(repeated('A'))
  })

  test('hands items out in the order they were added, over several calls', async () => {
    await shop.patch({ add: ['9', '10'] })
    await shop.patch({ add: ['1', '9', '5'] })
    const got = []
    for (const requestor of ['a', 'b', 'c', 'd', 'e']) {
      got.push((await shop.match(requestor)).body.item)
    }
    expect(got).toEqual(['9', '10', '1', '5', undefined])
  })

  test('answers 1,000 parallel calls of one requestor with one match', async () => {
    await shop.patch({ add: ['A', 'B', 'C'] })
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => shop.match('u')))
    const bodies = answers.map(({ body }) => body)
    const [first, ...others] = bodies.sort((a) => (a.alreadyMatched ? 1 : -1))
    expect(first).toEqual(matched('A'))
    for (const other of others) expect(other).toEqual(repeated('A'))
    expect((await shop.list('?requestor=u')).body.items).toHaveLength(1)
    expect((await shop.stats()).body).toEqual({
      total: 3,
      matched: 1,
      available: 2,
      held: 0,
      expired: 0,
      ...{ perDay: 1, runsOutAt: '2030-01-03T00:00:00.000Z' },
    })
  })

  test('hands no item out twice when many ask at once', async () => {
    const items = Array.from({ length: 500 }, (_, n) => `I${n}`)
    await shop.patch({ add: items })
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, n) => shop.match(`u${n % 800}`)),
    )
    const got = answers.flatMap(({ body }) => (body.alreadyMatched === false ? body.item : []))
    expect(got.sort()).toEqual(items.sort())
    expect((await shop.stats()).body).toEqual({
      total: 500,
      matched: 500,
      available: 0,
      held: 0,
      expired: 0,
      ...{ perDay: 500, runsOutAt: '2030-01-01T00:00:00.000Z' },
    })
  })

  test('keeps namespaces apart', async () => {
    const other = await app.keyFor('other')
    await shop.patch({ add: ['A'] })
    await other.patch({ add: ['A'] })
    const [here, there] = await Promise.all([shop.match('u'), other.match('u')])
    expect([here.body, there.body]).toEqual([matched('A'), matched('A')])
    expect((await shop.match('v')).body).toEqual(noneLeft)
  })
})

describe('the list', () => {
  test('shows live items in the order they were added', async () => {
    await shop.patch({ add: ['B', 'A', 'gone'] })
    app.advance(1)
    await shop.patch({ add: ['C'], remove: ['gone'] })
    app.advance(1)
    await shop.match('u')
    expect((await shop.list()).body).toEqual({
      items: [
        { ...available('B'), requestor: 'u', matchedAt: at(2), status: 'matched' },
        available('A'),
        available('C', at(1)),
      ],
      nextCursor: null,
    })
  })

  test.each([
    ['', 'ABCDE'],
    ['?status=matched', 'AB'],
    ['?status=available', 'CDE'],
    ['?item=B', 'B'],
    ['?item=b', ''],
    ['?item=gone', ''],
    ['?requestor=u', 'A'],
    ['?requestor=u&item=B', ''],
    ['?requestor=v&item=B&status=matched', 'B'],
    ['?requestor=nobody', ''],
    ['?item=C&status=matched', ''],
    ['?limit=2', 'AB'],
    ['?limit=1000', 'ABCDE'],
    ['?limit=1&status=available', 'C'],
    ['?order=asc', 'ABCDE'],
    ['?order=desc', 'EDCBA'],
    ['?order=desc&status=matched', 'BA'],
    ['?order=desc&status=available&limit=2', 'ED'],
  ])('with %j holds %j', async (query, expected) => {
    await shop.patch({ add: ['A', 'gone', 'B', 'C', 'D', 'E'], remove: [] })
    await shop.patch({ remove: ['gone'] })
    await matchAll('u', 'v')
    const { status, body } = await shop.list(query)
    expect([status, body.items.map(({ item }) => item).join('')]).toEqual([200, expected])
  })

  test.each(['', '&status=available', '&status=matched', '&order=desc'])(
    'in pages holds the same as in a stream of 5,000 items %j',
    async (filter) => {
      await shop.patch({ add: Array.from({ length: 5_001 }, (_, n) => `item-${n}`) })
      await shop.patch({ remove: ['item-2500'] })
      await Promise.all(Array.from({ length: 100 }, (_, n) => shop.match(`u${n}`)))
      const streamed = (await shop.list(`?${filter}`)).body
      for (const limit of [7, 1_000].slice(filter === '&status=matched' ? 0 : 1)) {
        const paged: ListAnswer['items'] = []
        let query: string | null = ''
        while (query !== null) {
          const { body } = await shop.list(`?limit=${limit}${filter}${query}`)
          expect(body.items.length).toBeLessThanOrEqual(limit)
          paged.push(...body.items)
          query = body.nextCursor && `&cursor=${body.nextCursor}`
        }
        expect(paged).toEqual(streamed.items)
      }
      const length = ['', '&order=desc'].includes(filter)
        ? 5_000
        : filter === '&status=matched'
          ? 100
          : 4_900
      expect(streamed).toEqual({ items: expect.any(Array), nextCursor: null })
      expect(streamed.items).toHaveLength(length)
    },
  )

  test('ends with no cursor when the last page is full, and streams on from a cursor', async () => {
    await shop.patch({ add: ['A', 'B', 'C', 'D'] })
    const first = (await shop.list('?limit=2')).body
    const second = (await shop.list(`?limit=2&cursor=${first.nextCursor}`)).body
    expect(second).toMatchObject({ items: [{ item: 'C' }, { item: 'D' }], nextCursor: null })
    expect((await shop.list(`?cursor=${first.nextCursor}`)).body).toEqual(second)
  })

  test('never matches, nor does the count', async () => {
    await shop.patch({ add: ['A'] })
    for (const query of ['', '?requestor=u', '?item=A&requestor=u', '?limit=1']) {
      await shop.list(query)
    }
    expect((await shop.stats()).body).toEqual({
      total: 1,
      matched: 0,
      available: 1,
      held: 0,
      expired: 0,
      ...{ perDay: 0, runsOutAt: null },
    })
    expect((await shop.match('v')).body).toEqual(matched('A'))
  })

  test('of an empty namespace is empty', async () => {
    const empty = { items: [], nextCursor: null }
    expect([(await shop.list()).body, (await shop.list('?limit=5')).body]).toEqual([empty, empty])
    expect((await shop.stats()).body).toEqual({
      total: 0,
      matched: 0,
      available: 0,
      held: 0,
      expired: 0,
      ...{ perDay: 0, runsOutAt: null },
    })
  })

  test('that cannot be read is an error, in a stream as in a page', async () => {
    await app.db.write([{ sql: 'ALTER TABLE items RENAME TO lost', params: [] }])
    for (const query of ['?limit=1', '']) {
      expect(await shop.list(query)).toMatchObject({ status: 500, body: { code: 'internal' } })
    }
  })
})

describe('PATCH', () => {
  beforeEach(async () => {
    await shop.patch({ add: ['A', 'B', 'C'] })
    await matchAll('u')
  })

  test.each([
    ['adds', { add: ['D', 'E'] }, patched('Added 2 items', { added: 2 })],
    ['adds once', { add: ['D', 'D'] }, patched('Added 1 items', { added: 1 })],
    ['adds the same', { add: ['A', 'B'] }, patched('No changes made', { unchanged: 2 })],
    ['removes', { remove: ['A', 'B'] }, patched('Removed 2 items', { removed: 2 })],
    ['removes once', { remove: ['B', 'B'] }, patched('Removed 1 items', { removed: 1 })],
    ['removes nothing', { remove: ['?'] }, patched('No changes made', { unchanged: 1 })],
    ['releases', { release: ['A'] }, patched('Released 1 items', { released: 1 })],
    ['releases once', { release: ['A', 'A'] }, patched('Released 1 items', { released: 1 })],
    ['releases nothing', { release: ['B', '?'] }, patched('No changes made', { unchanged: 2 })],
    ['nothing', {}, patched('No changes made')],
    ['empty lists', { add: [], remove: [], release: [] }, patched('No changes made')],
    [
      'all at once',
      { add: ['D', 'E', 'B'], remove: ['C', '?'], release: ['A'] },
      patched('Added 2 items, Removed 1 items, Released 1 items', {
        ...{ added: 2, removed: 1, released: 1, unchanged: 2 },
      }),
    ],
  ])('%s', async (_, body, expected) => {
    expect(await shop.patch(body)).toMatchObject({ status: 200, body: expected })
    expect((await shop.patch(body)).body).toMatchObject({
      ...{ message: 'No changes made', added: 0, restored: 0, removed: 0, released: 0 },
    })
  })

  test('names what it did in the words of the contract', async () => {
    const { body } = await shop.patch({ add: ['D', 'E'], remove: ['B'] })
    expect(body['message']).toBe('Added 2 items, Removed 1 items')
  })

  test('lets the requestor of a removed item match anew', async () => {
    await shop.patch({ remove: ['A'] })
    expect(await holders()).toEqual([
      ['B', null],
      ['C', null],
    ])
    expect((await shop.match('u')).body).toEqual(matched('B'))
  })

  test('brings a removed available item back as it was', async () => {
    await shop.patch({ remove: ['B'] })
    app.advance(1)
    expect((await shop.patch({ add: ['B'] })).body).toEqual(
      patched('Restored 1 items', { restored: 1 }),
    )
    expect((await shop.list('?item=B')).body.items).toEqual([available('B')])
  })

  test('brings a removed matched item back to its requestor and to nobody else', async () => {
    await shop.patch({ remove: ['A', 'B', 'C'] })
    app.advance(1)
    await shop.patch({ add: ['A'] })
    expect((await shop.match('v')).body).toEqual(noneLeft)
    expect((await shop.match('u')).body).toEqual(repeated('A'))
  })

  test('leaves an item removed whose requestor has another by now, and names it', async () => {
    await shop.patch({ remove: ['A'] })
    await matchAll('u')
    const conflict = patched('Added 1 items', { added: 1, conflicts: ['A'] })
    expect((await shop.patch({ add: ['D', 'A'] })).body).toEqual(conflict)
    expect(await holders()).toEqual([
      ['B', 'u'],
      ['C', null],
      ['D', null],
    ])
    expect((await shop.match('u')).body).toEqual(repeated('B'))
    expect((await shop.patch({ add: ['A'], remove: ['B'] })).body).toEqual(
      patched('Restored 1 items, Removed 1 items', { restored: 1, removed: 1 }),
    )
    expect((await shop.match('u')).body).toEqual(repeated('A'))
  })

  test('restores one of several items of a requestor', async () => {
    await shop.patch({ remove: ['A'] })
    await matchAll('u')
    await shop.patch({ remove: ['B'] })
    const { body } = await shop.patch({ add: ['B', 'A'] })
    expect(body).toEqual(patched('Restored 1 items', { restored: 1, conflicts: ['A'] }))
    expect((await shop.match('u')).body).toEqual(repeated('B'))
  })

  test('puts a released item at the end of the queue, for whoever comes', async () => {
    await shop.patch({ release: ['A'] })
    expect(await holders()).toEqual([
      ['B', null],
      ['C', null],
      ['A', null],
    ])
    expect((await shop.match('u')).body).toEqual(matched('B'))
    await matchAll('v')
    expect((await shop.match('w')).body).toEqual(matched('A'))
  })

  test('keeps the earlier match of a released item in the history', async () => {
    await shop.patch({ release: ['A'] })
    await matchAll('v', 'w', 'x')
    const { rows } = await app.db.read({
      sql: "SELECT requestor, deleted_at FROM items WHERE item = 'A' ORDER BY id",
      params: [],
    })
    expect(rows.map((row) => Object.values(row))).toEqual([
      ['u', firstMoment],
      ['x', null],
    ])
  })

  test('brings a released and removed item back available', async () => {
    await shop.patch({ release: ['A'] })
    await shop.patch({ remove: ['A'] })
    await shop.patch({ add: ['A'] })
    expect((await shop.list('?item=A')).body.items).toMatchObject([{ requestor: null }])
  })

  test('does all of it or nothing', async () => {
    const before = await holders()
    for (const bad of [{ add: ['D', 1] }, { add: ['D'], release: ['D'] }, { add: ['D'], x: [] }]) {
      const { status } = await shop.patch({ remove: ['B'], ...bad })
      expect([status, await holders()]).toEqual([422, before])
    }
  })
})

describe('PUT', () => {
  const put = (message: string, counts = {}) => ({
    ...patched(message, counts),
    kept: 0,
    ...counts,
  })

  beforeEach(async () => {
    await shop.patch({ add: ['A', 'B', 'C'] })
    await matchAll('u')
  })

  test.each([
    ['the same', { items: ['A', 'B', 'C'] }, put('No changes made', { unchanged: 3 }), 'ABC'],
    ['repeats', { items: ['A', 'B', 'C', 'C'] }, put('No changes made', { unchanged: 3 }), 'ABC'],
    [
      'another list',
      { items: ['C', 'D'] },
      put('Added 1 items, Removed 1 items', { added: 1, removed: 1, unchanged: 1, kept: 1 }),
      'ACD',
    ],
    ['nothing', { items: [] }, put('Removed 2 items', { removed: 2, kept: 1 }), 'A'],
    [
      'nothing, with matched ones',
      { items: [], removeMatched: true },
      put('Removed 3 items', { removed: 3 }),
      '',
    ],
    [
      'without matched ones',
      { items: ['B', 'C'], removeMatched: false },
      put('No changes made', { unchanged: 2, kept: 1 }),
      'ABC',
    ],
    [
      'a listed matched one',
      { items: ['A'], removeMatched: true },
      put('Removed 2 items', { removed: 2, unchanged: 1 }),
      'A',
    ],
  ])('makes the stock %s, and the second time changes nothing', async (_, body, expected, left) => {
    expect(await shop.put(body)).toMatchObject({ status: 200, body: expected })
    const items = (await holders()).map(([item]) => item)
    expect(items.join('')).toBe(left)
    const { kept, message } = (await shop.put(body)).body
    expect([kept, message]).toEqual([expected.kept, 'No changes made'])
  })

  test('brings removed items back as PATCH does', async () => {
    await shop.patch({ remove: ['A', 'B'] })
    const { body } = await shop.put({ items: ['A', 'B', 'D'] })
    expect(body).toEqual(
      put('Added 1 items, Restored 2 items, Removed 1 items', {
        added: 1,
        restored: 2,
        removed: 1,
      }),
    )
    expect((await shop.match('u')).body).toEqual(repeated('A'))
  })

  test('names what cannot come back, unless it takes away what stands against it', async () => {
    await shop.patch({ remove: ['A'] })
    await matchAll('u')
    expect((await shop.put({ items: ['A'] })).body).toEqual(
      put('Removed 1 items', { removed: 1, kept: 1, conflicts: ['A'] }),
    )
    expect((await shop.put({ items: ['A'], removeMatched: true })).body).toEqual(
      put('Restored 1 items, Removed 1 items', { restored: 1, removed: 1 }),
    )
    expect((await shop.match('u')).body).toEqual(repeated('A'))
  })
})

describe('API keys', () => {
  const create = (body: object) => app.master<Created>('POST', '/admin/api-keys', body)
  const list = async (query = '') =>
    (await app.master<Listed>('GET', `/admin/api-keys${query}`)).body.apiKeys
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  const allScopes = ['match', 'read', 'write']

  test('are made with a checksum, shown whole once and masked ever after', async () => {
    const { status, body } = await create({ namespace: 'new' })
    expect([status, body]).toEqual([
      200,
      {
        success: true,
        message: 'API key created successfully',
        id: expect.stringMatching(/^key_./),
        apiKey: expect.stringMatching(/^zaas_[0-9A-Za-z]{33}$/),
        ...{ namespace: 'new', name: null, scopes: allScopes, expiresAt: null, createdAt: start },
      },
    ])
    const [secret, checksum] = [body.apiKey.slice(5, 32), body.apiKey.slice(32)]
    const value = [...checksum].reduce((sum, digit) => sum * 62 + digits.indexOf(digit), 0)
    expect(value).toBe(Bun.hash.crc32(secret))
    const listed = await list('?namespace=new')
    expect(listed).toEqual([
      {
        id: body.id,
        apiKey: `${body.apiKey.slice(0, 9)}…`,
        ...{ namespace: 'new', name: null, scopes: allScopes },
        ...{ createdAt: start, expiresAt: null, lastUsedAt: null },
      },
    ])
    const { rows } = await app.db.read({ sql: 'SELECT * FROM api_keys', params: [] })
    expect(JSON.stringify(rows.map((row) => Object.values(row)))).not.toContain(secret.slice(4))
    expect(JSON.stringify(await list())).not.toContain(secret.slice(4))
  })

  test('are all different', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => create({ namespace: 'new' })))
    expect(new Set(made.map(({ body }) => body.apiKey)).size).toBe(20)
  })

  test('may be brought along, with a name, scopes and an expiry', async () => {
    const given = { namespace: 'new', apiKey: 'my-own-key-123456', name: 'Kassa №1 😀' }
    const { body } = await create({
      ...given,
      scopes: ['write', 'match'],
      expiresAt: '2030-01-01T00:01:00Z',
    })
    const shown = {
      ...given,
      scopes: ['match', 'write'],
      expiresAt: at(minuteMs),
      createdAt: start,
    }
    expect(body).toMatchObject(shown)
    const [listed] = await list('?apiKey=my-own-key-123456')
    expect(listed).toEqual({ ...shown, id: body.id, apiKey: 'my-o…', lastUsedAt: null })
  })

  test('bound to one namespace twice conflict, until the binding is deleted', async () => {
    const body = { namespace: 'new', apiKey: 'my-own-key' }
    const first = await create(body)
    expect(await create({ ...body, scopes: ['read'] })).toMatchObject({
      ...{ status: 409, body: { code: 'conflict', title: 'Conflict', status: 409 } },
    })
    expect((await list('?apiKey=my-own-key')).length).toBe(1)
    expect((await deleteKey(first.body.id)).status).toBe(200)
    expect((await create(body)).status).toBe(200)
  })

  test('open each namespace with the scopes of its binding', async () => {
    const apiKey = 'key-of-two'
    await create({ namespace: 'shop', apiKey, scopes: ['read'] })
    await create({ namespace: 'bar', apiKey, scopes: ['write'] })
    const headers = { 'x-api-key': apiKey }
    const read = (namespace: string) =>
      app.nobody('GET', `/namespaces/${namespace}/stats`, undefined, headers)
    const write = (namespace: string) =>
      app.nobody('PATCH', `/namespaces/${namespace}/items`, {}, headers)
    expect(await read('shop')).toMatchObject({ status: 200 })
    expect(await write('shop')).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } })
    expect(await read('bar')).toMatchObject({ status: 403, body: { code: 'insufficient_scope' } })
    expect(await write('bar')).toMatchObject({ status: 200 })
    expect(await read('baz')).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    await deleteKey(`${apiKey}?namespace=bar`)
    expect(await write('bar')).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    expect(await read('shop')).toMatchObject({ status: 200 })
  })

  test('are listed oldest first, by namespace, by key, or both', async () => {
    for (const namespace of ['n1', 'n2']) {
      app.advance(1)
      await create({ namespace, apiKey: 'shared' })
      await create({ namespace, apiKey: `own-${namespace}` })
    }
    const found = async (query: string) =>
      (await list(query)).map(({ apiKey, namespace }) => `${apiKey}${namespace}`)
    expect((await found('')).slice(1)).toEqual(['s…n1', 'o…n1', 's…n2', 'o…n2'])
    expect(await found('?namespace=n2')).toEqual(['s…n2', 'o…n2'])
    expect(await found('?apiKey=shared')).toEqual(['s…n1', 's…n2'])
    expect(await found('?apiKey=shared&namespace=n2')).toEqual(['s…n2'])
    expect(await found('?apiKey=own-n1&namespace=n2')).toEqual([])
    expect(await found('?apiKey=unknown')).toEqual([])
    await deleteKey('shared?namespace=n1')
    expect(await found('?apiKey=shared')).toEqual(['s…n2'])
  })

  test('are listed in pages that hold the same, also behind a key that is deleted meanwhile', async () => {
    for (let n = 0; n < 7; n++) {
      if (n % 3 === 0) app.advance(1)
      await create({ namespace: 'new' })
    }
    const all = await list('?namespace=new')
    const paged: unknown[] = []
    let query: string | null = ''
    while (query !== null) {
      const { body }: { body: KeyPage } = await app.master(
        'GET',
        `/admin/api-keys?namespace=new&limit=2${query}`,
      )
      paged.push(...body.apiKeys)
      query = body.nextCursor && `&cursor=${body.nextCursor}`
      if (query) await deleteKey(String(body.apiKeys.at(-1)?.['id']))
    }
    expect(paged).toEqual(all)
    const exact = await app.master('GET', '/admin/api-keys?namespace=shop&limit=1')
    expect(exact.body).toEqual({ apiKeys: await list('?namespace=shop'), nextCursor: null })
    expect((await app.master('GET', '/admin/api-keys')).body).not.toHaveProperty('nextCursor')
  })

  test.each([199, 200, 201, 450])(
    'are listed whole in bounded memory: %d of them',
    async (count) => {
      const pages: number[] = []
      const counting = (store: Store): Store => ({
        ...store,
        listApiKeys: async (filter) => {
          const keys = await store.listApiKeys(filter)
          pages.push(keys.length)
          return keys
        },
      })
      const { keyFor, master, db, close } = await testApp({ wrapStore: counting })
      await keyFor('many')
      await db.write([
        {
          sql: `WITH RECURSIVE n(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
              INSERT INTO api_keys (id, digest, masked, namespace, scopes, created_at)
              SELECT 'key_' || n, 'digest-' || n, 'zaas…', 'many', 'match', n FROM n`,
          params: [count],
        },
      ])
      const { body, headers } = await master<Listed>('GET', '/admin/api-keys')
      const paged = await master<Listed>('GET', '/admin/api-keys?limit=1000')

      expect(body).toEqual({ apiKeys: paged.body.apiKeys })
      expect(new Set(body.apiKeys.map((key) => key['id'])).size).toBe(count)
      expect(headers.get('content-type')).toBe('application/json;charset=utf-8')
      expect(Math.max(...pages.slice(0, -1))).toBeLessThanOrEqual(201)
      expect((await master('HEAD', '/admin/api-keys')).status).toBe(200)
      await close()
    },
  )

  test.each(['limit=0', 'limit=1001', 'cursor=x', `cursor=${btoa('after x')}`])(
    'are not listed by the query %s',
    async (query) => {
      expect((await app.master('GET', `/admin/api-keys?${query}`)).status).toBe(422)
    },
  )

  test.each([
    ['by the key, all its bindings', 'shared', 2, []],
    ['by an id, one', 'ID', 1, ['n2']],
    ['by the key, in one namespace', 'shared?namespace=n2', 1, ['n1']],
    ['by an id, in its namespace', 'ID?namespace=n1', 1, ['n2']],
    ['with escapes in the path', 'shar%65d', 2, []],
  ])('are deleted %s', async (_, path, deleted, left) => {
    const { body } = await create({ namespace: 'n1', apiKey: 'shared' })
    await create({ namespace: 'n2', apiKey: 'shared' })
    const response = await deleteKey(path.replace('ID', body.id))
    const answer = { success: true, message: 'API key deleted successfully', deleted }
    expect([response.status, await response.json()]).toEqual([200, answer])
    expect((await list('?apiKey=shared')).map(({ namespace }) => namespace)).toEqual(left)
    expect((await deleteKey(path.replace('ID', body.id))).status).toBe(404)
  })

  test('that are not there are a 404', async () => {
    for (const path of [
      'unknown',
      'key_unknown',
      `${shop.apiKey}?namespace=other`,
      `${shop.id}?namespace=other`,
    ]) {
      const response = await deleteKey(path)
      expect(await response.json()).toMatchObject({ status: 404, code: 'not_found' })
    }
    expect((await shop.stats()).status).toBe(200)
  })

  test.each([{ 'content-type': 'application/json' }, { 'content-type': 'text/plain' }])(
    'are deleted by a client that sends %j with every call',
    async (headers) => {
      expect(
        await app.master('DELETE', `/admin/api-keys/${shop.id}`, undefined, headers),
      ).toMatchObject({
        ...{ status: 200, body: { deleted: 1 } },
      })
    },
  )

  test('with characters that a path escapes are found and deleted', async () => {
    for (const apiKey of ['a/b', 'a%2Fb', 'a?b#c', 'a+b', '...', 'a&b=c;d', '"<\\>"', '~!@$^*()']) {
      await create({ namespace: 'new', apiKey })
      expect(await list(`?apiKey=${encodeURIComponent(apiKey)}`)).toHaveLength(1)
      expect((await deleteKey(encodeURIComponent(apiKey))).status).toBe(200)
      expect(await list(`?apiKey=${encodeURIComponent(apiKey)}`)).toHaveLength(0)
    }
  })

  test('stop working at their expiry, not before', async () => {
    const brief = await app.keyFor('shop', { expiresAt: at(1_000) })
    app.advance(999)
    expect((await brief.stats()).status).toBe(200)
    app.advance(1)
    expect(await brief.stats()).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
    expect((await shop.stats()).status).toBe(200)
  })

  test('note their last use, at most once a minute', async () => {
    const lastUse = async () => {
      await new Promise(setImmediate) // Uses are noted behind the answers,
      await create({ namespace: 'queue' }) // and this write goes behind the notes.
      return (await list('?namespace=shop'))[0]?.['lastUsedAt']
    }
    const seen = [await lastUse()]
    for (const pause of [1, minuteMs - 1, 1, minuteMs]) {
      app.advance(pause)
      await shop.stats()
      seen.push(await lastUse())
    }
    expect(seen).toEqual([null, at(1), at(1), at(1 + minuteMs), at(1 + 2 * minuteMs)])
  })
})

describe('the namespaces', () => {
  type Namespaces = { namespaces: Record<string, unknown>[]; nextCursor: string | null }
  const list = async (query = '') =>
    (await app.master<Namespaces>('GET', `/admin/namespaces${query}`)).body

  test('are those with a key or an item, by name, with their counts', async () => {
    await shop.patch({ add: ['A', 'B', 'C', 'D'], remove: [] })
    await matchAll('u', 'v')
    await shop.patch({ remove: ['A', 'D'] })
    await app.keyFor('Zoo')
    await app.keyFor('fresh')
    await app.keyFor('fresh')
    const { body } = await app.master<Created>('POST', '/admin/api-keys', { namespace: 'brief' })
    await deleteKey(body.id)

    const none = {
      ...{ total: 0, matched: 0, available: 0, held: 0, expired: 0 },
      ...{ perDay: 0, runsOutAt: null },
    }
    expect(await list()).toEqual({
      namespaces: [
        { namespace: 'Zoo', ...none },
        { namespace: 'fresh', ...none },
        {
          ...{ namespace: 'shop', total: 2, matched: 1, available: 1, held: 0, expired: 0 },
          ...{ perDay: 2, runsOutAt: '2030-01-01T12:00:00.000Z' },
        },
      ],
      nextCursor: null,
    })
    await deleteKey(shop.id)
    expect((await list()).namespaces).toHaveLength(3)
  })

  test('come in pages that hold the same', async () => {
    const names = Array.from({ length: 105 }, (_, n) => `n${n}`)
    await Promise.all(names.map((name) => app.keyFor(name)))
    const all = (await list('?limit=1000')).namespaces
    expect(all.map(({ namespace }) => namespace)).toEqual([...names, 'shop'].sort())

    const first = await list()
    expect(first.namespaces).toEqual(all.slice(0, 100))
    const second = await list(`?cursor=${first.nextCursor}&limit=6`)
    expect(second).toEqual({ namespaces: all.slice(100), nextCursor: null })
    expect((await list('?limit=1')).namespaces).toEqual(all.slice(0, 1))
  })

  test.each(['limit=0', 'limit=1001', 'limit=x', 'namespace=shop', 'limit=1&limit=2'])(
    'refuse the query %s',
    async (query) => {
      expect(await app.master('GET', `/admin/namespaces?${query}`)).toMatchObject({
        ...{ status: 422, body: { code: 'invalid' } },
      })
    },
  )

  test('refuse what is no cursor of theirs', async () => {
    await shop.patch({ add: ['A', 'B'] })
    const { nextCursor } = (await shop.list('?limit=1')).body
    const forged = Buffer.from('after -').toString('base64url')
    for (const cursor of ['', 'x', forged, `${nextCursor}=`]) {
      expect(await app.master('GET', `/admin/namespaces?cursor=${cursor}`)).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '#/cursor' }] },
      })
    }
  })
})

describe('for everyone', () => {
  test('the API page loads from here only', async () => {
    const { headers, body } = await app.nobody<string>('GET', '/swagger')

    expect(headers.get('content-security-policy')).toStartWith(
      "default-src 'none'; script-src 'self'",
    )
    const loaded = Array.from(body.matchAll(/(?:src|href)="([^"]*)"/g), ([, url]) => String(url))
    expect(loaded).toContain('/swagger/swagger-ui-bundle.js')
    for (const url of loaded.filter((it) => it !== 'data:,')) {
      expect((await app.nobody('GET', url)).status).toBe(200)
    }
  })

  test('the console loads from here only, small, and is kept until it changes', async () => {
    const get = (path: string, headers = {}) =>
      app.nobody<string>('GET', path, undefined, { 'accept-encoding': 'identity', ...headers })
    const { headers, body } = await get('/console')

    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    const loaded = Array.from(body.matchAll(/(?:src|href)="([^"]*)"/g), ([, url]) => String(url))
    expect(loaded).toEqual(['data:,', '/console/style.css', '/console/main.js'])
    for (const url of ['/console', ...loaded.slice(1)]) {
      const whole = await get(url)
      const gzipped = await app.send(
        new Request(origin + url, { headers: { 'accept-encoding': 'br, gzip' } }),
      )
      const bytes = new Uint8Array(await gzipped.arrayBuffer())
      expect(gzipped.headers.get('content-encoding')).toBe('gzip')
      expect(new TextDecoder().decode(Bun.gunzipSync(bytes))).toBe(whole.body)
      expect(bytes.length).toBeLessThan(30_000)
      const etag = whole.headers.get('etag') ?? ''
      expect(await get(url, { 'if-none-match': etag })).toMatchObject({ status: 304, body: '' })
      expect(await get(url, { 'if-none-match': 'W/"old"' })).toMatchObject({ status: 200 })
    }
  })

  test('the root says who is there', async () => {
    expect(await app.nobody('GET', '/')).toMatchObject({ status: 200, body: 'zaas' })
  })

  test.each(['x', 'api', 'api:8080', '[::1]', 'zaas.example.com'])(
    'a route is found under the host name %s',
    async (host) => {
      const response = await app.send(new Request(`http://${host}/health/live`))
      expect([response.status, await response.json()]).toEqual([200, { status: 'live' }])
    },
  )

  test('health tells life, readiness and durability', async () => {
    expect((await app.nobody('GET', '/health/live')).body).toEqual({ status: 'live' })
    const ready = { status: 'ready', durability: 'full' }
    expect((await app.nobody('GET', '/health/ready')).body).toEqual(ready)
  })

  test('the database is asked for its readiness once a second, however many want to know it', async () => {
    let reads = 0
    const counting = (store: Store): Store => ({
      ...store,
      readiness: async () => {
        reads++
        return store.readiness()
      },
    })
    const { nobody, master, announceStop, close } = await testApp({ wrapStore: counting })
    const ready = () => nobody('GET', '/health/ready')
    const answers = await Promise.all([ready(), ready(), master('GET', '/metrics'), ready()])

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(reads).toBe(1)
    announceStop()
    expect((await ready()).body).toMatchObject({ detail: 'Shutting down.' })
    expect(reads).toBe(1)
    await close()
  })

  const unready = { status: 503, code: 'unavailable', title: 'Service Unavailable' }
  test('health is unready with the reason while migrations are pending', async () => {
    await app.db.write([{ sql: 'DELETE FROM __drizzle_migrations', params: [] }])
    const { headers, body } = await app.nobody('GET', '/health/ready')
    expect(body).toMatchObject({ ...unready, detail: 'Migrations are pending.' })
    expect(headers.get('retry-after')).toMatch(/^\d+$/)
    expect((await app.nobody('GET', '/health/live')).status).toBe(200)
  })

  test('health is unready with the reason while shutting down', async () => {
    app.announceStop()
    const { body } = await app.nobody('GET', '/health/ready')
    expect(body).toMatchObject({ ...unready, detail: 'Shutting down.' })
    expect((await shop.match('u')).status).toBe(200)
  })

  test.skipIf(onSqld)(
    'a database file that cannot be used is a 503, and the process lives on',
    async () => {
      for (const suffix of ['', '-wal', '-shm']) {
        writeFileSync(`${app.path}${suffix}`, Buffer.alloc(200_000, 'z'))
      }
      const { body } = await app.nobody('GET', '/health/ready')
      expect(body).toMatchObject(unready)
      expect(await shop.match('u')).toMatchObject({ status: 503, body: { code: 'unavailable' } })
      expect(await app.master('GET', '/admin/namespaces')).toMatchObject({ status: 503 })
      expect((await app.nobody('GET', '/health/live')).status).toBe(200)
    },
  )
})

describe('every answer', () => {
  const get = [
    '/',
    '/health/live',
    '/health/ready',
    '/swagger/json',
    '/namespaces/shop/items',
    '/namespaces/shop/items?limit=1',
    '/namespaces/shop/stats',
    '/admin/api-keys',
  ]
  const ask = (method: string, path: string) => {
    const headers = { 'x-api-key': shop.apiKey, 'x-master-api-key': masterKey }
    return app.send(new Request(origin + path, { method, headers }))
  }

  test.each(get)('to HEAD is that to GET without the body: %s', async (path) => {
    await shop.patch({ add: ['A', 'B'] })
    const [head, full] = [await ask('HEAD', path), await ask('GET', path)]
    expect(await head.text()).toBe('')
    for (const name of ['content-type', 'cache-control']) {
      expect([name, head.headers.get(name)]).toEqual([name, full.headers.get(name)])
    }
    expect(head.status).toBe(200)
  })

  test('says no-store and has a request id', async () => {
    const answers = await Promise.all([
      ...get.map((path) => ask('GET', path)),
      ...['/nowhere', '/namespaces/other/stats', '/namespaces/shop/items?limit=0'].map((path) =>
        ask('GET', path),
      ),
      ask('POST', '/health/live'),
      ask('POST', '/namespaces/shop/match'),
      deleteKey('unknown'),
    ])
    const calls = [
      await shop.match('u'),
      await shop.patch({ add: ['A'] }),
      await shop.put({ items: [] }),
    ]
    for (const { headers } of [...answers, ...calls]) {
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-request-id')).toMatch(/^\d{8}-[\da-z]+$/)
    }
  })
})

describe('the log', () => {
  /** The first lines of the log, once there are so many: they are written behind the answers. */
  async function logged(count: number) {
    while (app.lines.length < count) await new Promise(setImmediate)
    return app.lines
  }
  const access = {
    level: 30,
    time: expect.any(String),
    msg: 'request',
    durationMs: expect.any(Number),
  }

  test('has a line for each request, with the pattern of its route', async () => {
    const ours = { namespace: 'shop', keyId: shop.id }
    const fingerprint = createHash('sha256').update(masterKey).digest('hex').slice(0, 8)
    const byMaster = { masterKey: fingerprint }
    const requestId = 'r-1'
    const headers = { 'x-request-id': requestId }
    const match = '/namespaces/:namespace/match'
    const from = (await logged(1)).length
    await shop.call('POST', '/namespaces/shop/match?', { requestor: 'u' }, headers)
    await shop.call('POST', '/namespaces/shop/match', '{', headers)
    await app.nobody('POST', '/namespaces/shop/match', '{', headers)
    await app.master('GET', '/admin/api-keys?namespace=shop', undefined, headers)
    await app.nobody('GET', '/nowhere', undefined, headers)
    await app.nobody('DELETE', '/health/live', undefined, headers)
    expect((await logged(from + 6)).slice(from)).toEqual([
      {
        ...access,
        requestId,
        method: 'POST',
        route: match,
        status: 200,
        ...ours,
        outcome: 'exhausted',
      },
      { ...access, requestId, method: 'POST', route: match, status: 400, ...ours },
      { ...access, requestId, method: 'POST', route: match, status: 401 },
      { ...access, requestId, method: 'GET', route: '/admin/api-keys', status: 200, ...byMaster },
      { ...access, requestId, method: 'GET', route: null, status: 404 },
      { ...access, requestId, method: 'DELETE', route: null, status: 405 },
    ])
  })

  test('has the trace that a request belongs to, if that is well-formed, and answers nothing of it', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const parentId = '00f067aa0ba902b7'
    const sent = [
      `00-${traceId}-${parentId}-01`,
      ...[`00-${traceId.toUpperCase()}-${parentId}-01`, `01-${traceId}-${parentId}-01`],
      ...[`00-${'0'.repeat(32)}-${parentId}-01`, `00-${traceId}-${'0'.repeat(16)}-01`],
      ...[`00-${traceId}-${parentId}-01-more`, `00-${traceId}-${parentId}`, 'x'],
    ]
    const from = (await logged(1)).length
    for (const traceparent of sent) {
      const { headers } = await app.nobody('GET', '/health/live', undefined, { traceparent })
      expect(headers.get('traceparent')).toBeNull()
    }
    const lines = (await logged(from + sent.length)).slice(from)
    const [first, ...others] = lines.map((line) => [line['traceId'], line['parentId']])
    expect(first).toEqual([traceId, parentId])
    expect(others).toEqual(others.map(() => [undefined, undefined]))
  })

  const secret = 's3cr3t'
  async function askEverything() {
    const apiKey = `own-${secret}-key`
    await app.master('POST', '/admin/api-keys', { namespace: 'n', apiKey })
    await app.master('GET', `/admin/api-keys?apiKey=${apiKey}`)
    await deleteKey(apiKey)
    await app.nobody('GET', `/${secret}`)
    await app.nobody('GET', '/admin/api-keys', undefined, { 'x-master-api-key': secret })
    await app.nobody('GET', '/namespaces/shop/items', undefined, { 'x-api-key': secret })
    await shop.patch({ add: [`item-${secret}`, `other-${secret}`] })
    await shop.match(`requestor-${secret}`)
    await shop.list(`?limit=9&item=item-${secret}&requestor=requestor-${secret}`)
    await shop.list(`?cursor=${secret}`)
    await shop.patch({ release: [`item-${secret}`], add: [`item-${secret}`] })
    await shop.put({ items: [`item-${secret}`] })
    await shop.call('POST', '/namespaces/shop/match', `{"requestor":"${secret}`)
    await shop.call('POST', '/namespaces/shop/match', { [secret]: secret })
    return 14
  }
  const everyLine = () => app.lines.map((line) => JSON.stringify(line)).join('\n')

  test('never holds a key, an item or a requestor', async () => {
    await logged((await askEverything()) + 1)
    for (const text of [secret, masterKey, shop.apiKey.slice(9)]) {
      expect(everyLine()).not.toContain(text)
    }
  })

  test('never does even when the database fails, and neither does the answer', async () => {
    await app.db.write([{ sql: 'ALTER TABLE items RENAME TO lost', params: [] }])
    await logged((await askEverything()) + 1)
    expect(app.lines.filter(({ level }) => level === 50).length).toBeGreaterThan(0)
    for (const text of [secret, masterKey, shop.apiKey.slice(9)]) {
      expect(everyLine()).not.toContain(text)
    }
    const { status, body } = await shop.list(`?limit=1&item=item-${secret}`)
    expect([status, body]).toEqual([
      500,
      {
        ...{ type: 'about:blank', title: 'Internal Server Error', status: 500, code: 'internal' },
        ...{
          detail: expect.not.stringMatching(/select|lost|items/i),
          requestId: expect.any(String),
        },
      },
    ] as never)
  })
})
