import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { firstMoment, origin, type TestApp, testApp } from './support/app.ts'

const at = (ms: number) => new Date(firstMoment + ms).toISOString()
const start = at(0)
const items = '/namespaces/shop/items'

let app: TestApp
let shop: Awaited<ReturnType<TestApp['keyFor']>>

beforeEach(async () => {
  app = await testApp()
  shop = await app.keyFor('shop')
})
afterEach(() => app.close())

const patched = (message: string, counts: Record<string, unknown> = {}) => ({
  ...{ success: true, message, added: 0, restored: 0, removed: 0, released: 0, updated: 0 },
  ...{ unchanged: 0, conflicts: [], ...counts },
})
/** How the list shows an item, as one that nobody has unless told. */
const listed = (item: string, rest: Record<string, unknown> = {}) => ({
  ...{ item, requestor: null, slot: null, data: null, matchedAt: null, heldUntil: null },
  ...{ expiresAt: null, createdAt: start, batch: null, status: 'available', ...rest },
})
const rows = async (query = '') => (await shop.list(query)).body.items as unknown[]
const names = async (query = '') => (await shop.list(query)).body.items.map(({ item }) => item)

async function send(method: string, body: string, accept = 'application/json'): Promise<string> {
  const headers = { 'x-api-key': shop.apiKey, 'content-type': 'application/json', accept }
  const request = { method, headers, ...(method !== 'GET' && { body }) }
  return (await app.send(new Request(origin + items, request))).text()
}

/** Where a body breaks a rule, and that nothing was changed by it. */
async function errorsOf(method: string, body: string) {
  const { errors, code }: { errors: { pointer: string; detail: string }[]; code: string } =
    JSON.parse(await send(method, body))
  expect([code, await names()]).toEqual(['invalid', []])
  return errors
}

describe('data', () => {
  const odd = '{"2":1.0,"1":1e400,"n":12345678901234567890,"\\u0041":"\\/ \\u00e9é","a":{"b":[]}}'

  test('comes back as it was sent, in a match and in every list', async () => {
    const spaced = odd.replaceAll(/([:,])(?=["{[\d])/g, '$1 ')
    await send('PATCH', `{"add":[{"item":"A","data": ${spaced}\n}, "B"]}`)
    expect(await send('GET', '')).toContain(
      `"item":"A","requestor":null,"slot":null,"data":${odd},`,
    )
    expect(await send('GET', '', 'application/x-ndjson')).toContain(`"data":${odd},`)
    expect(await send('GET', '', 'text/csv')).toContain(`"${odd.replaceAll('"', '""')}"`)
    const headers = { 'x-api-key': shop.apiKey, 'content-type': 'application/json' }
    const match = { method: 'POST', headers, body: '{"requestor":"u"}' }
    const answer = await app.send(new Request(`${origin}/namespaces/shop/match`, match))
    expect(await answer.text()).toContain(`"item":"A","data":${odd},`)
  })

  test('comes back as it was sent by a large body, in PUT too', async () => {
    const filler = Array.from({ length: 5_000 }, (_, n) => `{"item":"item-${n}","data":{"n":${n}}}`)
    await send('PUT', `{"items":[${filler.join(', ')}, {"item":"Z","data":${odd} }]}`)
    expect(await send('GET', '')).toContain(
      `"item":"Z","requestor":null,"slot":null,"data":${odd},`,
    )
    expect(await rows('?item=item-4999')).toEqual([listed('item-4999', { data: { n: 4_999 } })])
  })

  test.each(['PATCH', 'PUT'])('must be an object that is not too long: %s', async (method) => {
    const list = method === 'PATCH' ? 'add' : 'items'
    const detail = expect.stringMatching(/^must be a JSON object of at most 4096 bytes/)
    for (const bad of [
      '[]',
      '1',
      '"{}"',
      'true',
      `{"a":"${'é'.repeat(2_045)}"}`,
      '{"a":"\\ud800"}',
    ]) {
      for (const filler of ['', `"${'x'.repeat(1_000)}",`.repeat(80)]) {
        const body = `{"${list}":[${filler}{"item":"B","data":${bad}}]}`
        const place = filler === '' ? 0 : 80
        expect(await errorsOf(method, body)).toEqual([
          { pointer: `#/${list}/${place}/data`, detail },
        ])
      }
    }
    const longest = `{"a":"${'é'.repeat(2_044)}"}`
    await send(method, `{"${list}":[{"item":"B","data":${longest}}]}`)
    expect(await send('GET', '')).toContain(longest)
  })

  test('that is malformed, or repeats a name, is a 400', async () => {
    for (const bad of ['{"a":1 2}', '{"a":1,"a":2}', '{a:1}']) {
      const answer = JSON.parse(await send('PATCH', `{"add":[{"item":"A","data":${bad}}]}`))
      expect(answer).toMatchObject({ status: 400, code: 'malformed_body' })
    }
  })
})

describe('an item as an object', () => {
  test('is added with its data, expiry and batch, and later ones leave it as it is', async () => {
    const expiresAt = '2030-06-01T00:00:00Z'
    const add = [{ item: 'A', data: { pin: '1' }, expiresAt }, 'B', { item: 'C', data: null }]
    const answer = await shop.patch({ add, batch: 'june', note: 'ordered by phone' })
    expect(answer.body).toEqual(patched('Added 3 items', { added: 3 }))
    await shop.patch({ add: [{ item: 'A', data: { pin: '2' } }, { item: 'A' }], batch: 'july' })
    const batch = 'june'
    expect(await rows()).toEqual([
      listed('A', { data: { pin: '1' }, expiresAt: '2030-06-01T00:00:00.000Z', batch }),
      listed('B', { batch }),
      listed('C', { batch }),
    ])
  })

  test('is the same item as the string, and counts once where both want the same of it', async () => {
    const b = { item: 'B', data: { b: 1 }, expiresAt: at(9_000) }
    const { body } = await shop.patch({
      add: ['A', { item: 'A' }, { item: 'A', data: null, expiresAt: null }, b, { ...b }],
    })
    expect(body).toEqual(patched('Added 2 items', { added: 2 }))
    expect(await rows()).toEqual([
      listed('A'),
      listed('B', { data: { b: 1 }, expiresAt: at(9_000) }),
    ])
    const set = [
      { item: 'A', data: {} },
      { item: 'A', data: {} },
    ]
    const release = [{ item: 'B', requestor: 'u' }, { ...{ item: 'B', requestor: 'u' } }]
    expect((await shop.patch({ set, release })).body).toEqual(
      patched('No changes made', { unchanged: 2 }),
    )
  })

  test('twice in a list in different words is a 422, in a large body too', async () => {
    const detail = 'differs from an earlier element with the same item'
    const filler = Array.from({ length: 5_000 }, (_, n) => `"filler-${n}",`).join('')
    for (const [method, list, elements, large = false] of [
      ['PATCH', 'add', '"A",{"item":"A","data":{"a":1}}', true],
      ['PATCH', 'add', '{"item":"A","data":{"a":1,"b":2}},{"item":"A","data":{"b":2,"a":1}}'],
      ['PATCH', 'add', '{"item":"A","expiresAt":"2031-01-01T00:00:00Z"},"A"'],
      ['PATCH', 'add', '{"item":"A","data":{}},"A"'],
      ['PUT', 'items', '{"item":"A","data":{"a":1}},{"item":"A","data":{"a":1.0}}', true],
      ['PATCH', 'set', '{"item":"A","data":{}},{"item":"A"}'],
      ['PATCH', 'set', '{"item":"A","expiresAt":"never"},{"item":"A","data":{"a":1}}'],
      ['PATCH', 'release', '"A",{"item":"A","requestor":"u"}', true],
      ['PATCH', 'release', '{"item":"A","requestor":"u"},{"item":"A","requestor":"v"}'],
    ] as const) {
      const body = `{"${list}":[${large ? filler : ''}${elements}]}`
      const pointer = `#/${list}/${large ? 5_001 : 1}`
      expect([body, await errorsOf(method, body)]).toEqual([body, [{ pointer, detail }]])
    }
  })

  test('gets and loses its data and its expiry by set', async () => {
    await shop.patch({ add: ['A', { item: 'B', data: { b: 1 }, expiresAt: at(5_000) }] })
    const set = [
      { item: 'A', data: { pin: '1' }, expiresAt: at(9_000) },
      { item: 'B', data: {} },
      { item: 'missing', data: { x: 1 } },
    ]
    expect((await shop.patch({ set })).body).toEqual(
      patched('Updated 2 items', { updated: 2, unchanged: 1 }),
    )
    expect(await rows()).toEqual([
      listed('A', { data: { pin: '1' }, expiresAt: at(9_000) }),
      listed('B', { expiresAt: at(5_000) }),
    ])
    await shop.patch({ set: [{ item: 'B', expiresAt: 'never' }] })
    expect(await rows('?item=B')).toEqual([listed('B')])
  })

  test('is released only while the requestor has it who is named', async () => {
    await shop.patch({ add: ['A'] })
    await shop.match('u')
    const release = (requestor: string) => shop.patch({ release: [{ item: 'A', requestor }] })
    expect((await release('v')).body).toEqual(patched('No changes made', { unchanged: 1 }))
    expect((await release('u')).body).toEqual(patched('Released 1 items', { released: 1 }))
    expect((await release('u')).body).toEqual(patched('No changes made', { unchanged: 1 }))
    expect(await rows()).toMatchObject([{ item: 'A', requestor: null, status: 'available' }])
  })

  test.each([
    ['PATCH', '{"add":[{"item":"A"}],"remove":["A"]}', '#/remove/0', 'is in two of the lists'],
    [
      'PATCH',
      '{"set":[{"item":"A"}],"release":[{"item":"A","requestor":"u"}]}',
      '#/set/0',
      'is in two of the lists',
    ],
    [
      'PATCH',
      '{"add":["A",{"item":"B","expiresAt":"2030-02-30T00:00:00Z"}]}',
      '#/add/1/expiresAt',
      'must be a date and time that exist',
    ],
    [
      'PATCH',
      '{"set":[{"item":"B","expiresAt":"2029-12-31T23:59:59Z"}]}',
      '#/set/0/expiresAt',
      'must be in the future',
    ],
    [
      'PUT',
      '{"items":[{"item":"B","expiresAt":"2030-01-01T00:00:00.000Z"}]}',
      '#/items/0/expiresAt',
      'must be in the future',
    ],
    [
      'PUT',
      '{"items":[{"item":"B","expiresAt":"2031-01-01T00:00:00+01:00"}]}',
      '#/items/0/expiresAt',
      expect.stringContaining('a time in UTC'),
    ],
    [
      'PUT',
      '{"items":[{"item":"B","expires":"2031-01-01T00:00:00Z"}]}',
      '#/items/0',
      'must be an object with no other properties than item, data, expiresAt',
    ],
    ['PATCH', '{"add":[{"item":"B "}]}', '#/add/0', expect.stringContaining('without white space')],
    [
      'PATCH',
      '{"add":[{"item":""}]}',
      '#/add/0/item',
      expect.stringMatching(/^must be a string: 1 to/),
    ],
    ['PATCH', '{"release":[{"item":"A"}]}', '#/release/0/requestor', 'is required'],
    [
      'PATCH',
      '{"release":[{"item":"A","requestor":null}]}',
      '#/release/0/requestor',
      expect.any(String),
    ],
    [
      'PATCH',
      '{"remove":[{"item":"A"}]}',
      '#/remove/0',
      expect.stringMatching(/^must be a string/),
    ],
    ['PATCH', '{"add":["A"],"batch":"a b"}', '#/batch', expect.stringMatching(/^must be a string/)],
    [
      'PATCH',
      `{"add":["A"],"note":"${'x'.repeat(256)}"}`,
      '#/note',
      expect.stringMatching(/^must be a string/),
    ],
    ['PUT', '{"items":["A"],"dryRun":"yes"}', '#/dryRun', 'must be true or false'],
  ])('that breaks a rule changes nothing: %s %s', async (method, body, pointer, detail) => {
    expect(await errorsOf(method, body)).toEqual([{ pointer, detail }])
  })

  test('may be one of 20,000, in each of the lists', async () => {
    const add = Array.from({ length: 20_000 }, (_, n) => ({
      item: `${n}`,
      data: { n },
      expiresAt: at(9_000),
    }))
    expect((await shop.patch({ add })).body).toEqual(
      patched('Added 20000 items', { added: 20_000 }),
    )
    const set = add.map(({ item }) => ({ item, data: {}, expiresAt: 'never' }))
    const release = add.map(({ item }) => ({ item: `-${item}`, requestor: 'u' }))
    expect((await shop.patch({ set, release })).body).toEqual(
      patched('Updated 20000 items', { updated: 20_000, unchanged: 20_000 }),
    )
    expect(await rows('?limit=1')).toEqual([listed('0')])
  })
})

test('a dry run of PUT answers what would be done, and changes nothing', async () => {
  await shop.patch({ add: ['A', 'B', 'C'] })
  await shop.match('u')
  const change = { items: ['C', 'D', { item: 'E', data: { e: 1 } }] }
  const before = await rows()
  const dry = await shop.put({ ...change, dryRun: true })
  expect(await rows()).toEqual(before)
  const { body } = await shop.put({ ...change, dryRun: false })
  expect(body).toEqual({
    ...patched('Added 2 items, Removed 1 items', { added: 2, removed: 1, unchanged: 1 }),
    kept: 1,
  })
  expect(dry.body).toEqual({ ...body, message: `Dry run, nothing was changed: ${body['message']}` })
})

describe('the list', () => {
  beforeEach(async () => {
    await shop.patch({
      add: ['B-2', 'B-1', 'A-1', { item: 'old', expiresAt: at(1_000) }, 'gone', 'C'],
      batch: 'one',
    })
    await shop.match('u')
    await shop.call('POST', '/namespaces/shop/match', {
      requestor: 'h',
      slot: 's',
      holdSeconds: 60,
    })
    await shop.patch({ remove: ['gone'], add: ['D'], batch: 'two' })
    app.advance(1_000)
  })

  test.each([
    ['', ['B-2', 'B-1', 'A-1', 'old', 'C', 'D']],
    ['?status=available', ['A-1', 'C', 'D']],
    ['?status=matched', ['B-2']],
    ['?status=held', ['B-1']],
    ['?status=expired', ['old']],
    ['?status=removed', ['gone']],
    ['?batch=two', ['D']],
    ['?batch=one&status=available', ['A-1', 'C']],
    ['?batch=none', []],
    ['?prefix=B-', ['B-1', 'B-2']],
    ['?prefix=B-&order=desc', ['B-2', 'B-1']],
    ['?prefix=b', []],
    ['?prefix=g&status=removed', ['gone']],
  ])('with %j holds %j', async (query, expected) => {
    expect(await names(query)).toEqual(expected)
    const paged: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const more = cursor === '' ? '' : `&cursor=${cursor}`
      const { body } = await shop.list(`${query || '?'}&limit=1${more}`)
      paged.push(...body.items.map(({ item }) => item))
      cursor = body.nextCursor
    }
    expect(paged).toEqual(expected)
  })

  test('shows who has an item, until when, and what it came with', async () => {
    const batch = 'one'
    expect(await rows('?limit=4')).toEqual([
      listed('B-2', { requestor: 'u', matchedAt: start, batch, status: 'matched' }),
      listed('B-1', {
        ...{ requestor: 'h', slot: 's', matchedAt: start, heldUntil: at(60_000), batch },
        status: 'held',
      }),
      listed('A-1', { batch }),
      listed('old', { expiresAt: at(1_000), batch, status: 'expired' }),
    ])
    expect(await rows('?status=removed')).toEqual([listed('gone', { batch, status: 'removed' })])
    app.advance(60_000)
    expect(await rows('?item=B-1')).toEqual([listed('B-1', { batch })])
  })

  test.each([
    'status=gone',
    'batch=a%20b',
    'prefix=',
    'prefix=a&cursor=YWZ0ZXIgAA',
    'cursor=YWZ0ZXIgQQ',
  ])('is a 422 for %s', async (query) => {
    const { status, body } = await shop.list(`?${query}`)
    expect([status, body]).toMatchObject([422, { code: 'invalid' }])
  })
})
