import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { digestOf, scopes } from '../src/domain/api-key.ts'
import { examples } from '../src/http/openapi/examples.ts'
import { changeItems } from '../src/storage/sqlite/stock/change-items.ts'
import { masterKey, origin, type TestApp, testApp } from './support/app.ts'
import { contextAt } from './support/context.ts'

// What callers are told, and how what they mean is read.

type Problem = { code: string; errors: { pointer: string; detail: string }[] }
type Schema = { properties: Record<string, { type: unknown }>; required?: string[] }
type Document = {
  servers: unknown
  tags: { name: string }[]
  paths: Record<string, Record<string, { tags: string[]; requestBody?: { content: Content } }>>
}
type Content = Record<string, { schema: Schema; example: object }>

let app: TestApp
let shop: Awaited<ReturnType<TestApp['keyFor']>>
let document: Document

beforeAll(async () => {
  app = await testApp()
  shop = await app.keyFor('shop')
  await shop.patch({ add: ['A', 'B'] })
  document = (await app.nobody<Document>('GET', '/swagger/json')).body
})
afterAll(() => app.close())

/** Asks with both kinds of key, and returns what was wrong. */
async function errorsOf(method: string, path: string, body?: unknown) {
  const headers = { 'x-api-key': shop.apiKey, 'x-master-api-key': masterKey }
  const answer = await app.nobody<Problem>(method, path, body, headers)
  expect([answer.status, answer.body.code]).toEqual([422, 'invalid'])
  return answer.body.errors
}

const matchProperties =
  'must be an object with no other properties than requestor, slot, replace, holdSeconds'

describe('an optional property that is null', () => {
  const bodies = () =>
    Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { requestBody }]) => {
        const json = requestBody?.content['application/json']
        return json ? { path, method: method.toUpperCase(), ...json } : []
      }),
    )

  test('counts as left out in every JSON body of the document, which says so', async () => {
    let tried = 0
    for (const { path, method, schema, example } of bodies()) {
      const fresh = await testApp({ webhooksAllowPrivate: true })
      const { apiKey } = await fresh.keyFor('summer-sale', { scopes: [...scopes] })
      // The address of the example leads nowhere.
      const url = 'http://127.0.0.1:9/'
      const webhook = { url, events: ['stock.low'] }
      const made = await fresh.master<{ id: string }>('POST', '/admin/webhooks', webhook)
      for (const [name, { type }] of Object.entries(schema.properties)) {
        const required = schema.required?.includes(name) ?? false
        expect([method, path, name, [type].flat().includes('null')]).toEqual([
          ...[method, path, name],
          !required,
        ])
        const headers = { 'x-api-key': apiKey, 'x-master-api-key': masterKey }
        const at = path.replace('{namespace}', 'summer-sale').replace('{id}', made.body.id)
        const body = { ...example, ...('url' in example && { url }), [name]: null }
        const { status } = await fresh.nobody(method, at, body, headers)
        expect([method, path, name, status]).toEqual([method, path, name, required ? 422 : 200])
        tried++
      }
      await fresh.close()
    }
    expect(tried).toBeGreaterThanOrEqual(11)
  })

  test('leaves the others to their work', async () => {
    const change = { add: ['C'], remove: null, release: null }
    expect((await shop.patch(change)).body).toMatchObject({ message: 'Added 1 items' })
    const stock = { items: ['A', 'B'], removeMatched: null }
    expect((await shop.put(stock)).body).toMatchObject({ message: 'Removed 1 items' })
    const key = { namespace: 'n', apiKey: null, name: null, scopes: null, expiresAt: null }
    expect((await app.master('POST', '/admin/api-keys', key)).body).toMatchObject({
      apiKey: expect.stringMatching(/^zaas_/),
      name: null,
      scopes: ['match', 'read', 'write'],
      expiresAt: null,
    })
  })

  test('is still unknown where it is unknown, and wrong where it is required', async () => {
    expect(await errorsOf('POST', '/namespaces/shop/match', { requestor: 'u', x: null })).toEqual([
      { pointer: '#', detail: matchProperties },
    ])
    expect(await errorsOf('PATCH', '/namespaces/shop/items', { add: null, x: null })).toEqual([
      {
        pointer: '#',
        detail:
          'must be an object with no other properties than add, remove, release, set, batch, note',
      },
    ])
    expect(await errorsOf('PUT', '/namespaces/shop/items', { items: null })).toEqual([
      { pointer: '#/items', detail: 'must be a list of at most 100000 items' },
    ])
    expect(await errorsOf('PATCH', '/namespaces/shop/items', { add: ['D', null] })).toEqual([
      { pointer: '#/add/1', detail: expect.stringMatching(/^must be a string: 1 to 1024 /) },
    ])
  })
})

describe('a detail says first what kind of value is wanted', () => {
  const text = (max: number) =>
    `must be a string: 1 to ${max} characters of well-formed Unicode, without control characters and ` +
    'U+FFFD, not only white space'
  const namespace =
    'must be a string: 1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit'
  const key = 'must be a string: 1 to 255 visible ASCII characters that do not begin with key_'
  const [match, items, keys] = [
    '/namespaces/shop/match',
    '/namespaces/shop/items',
    '/admin/api-keys',
  ]
  test.each([
    ['POST', match, { requestor: 5 }, '#/requestor', `${text(255)}, not beginning with forgotten:`],
    ['POST', match, [], '#', matchProperties],
    ['PATCH', items, { add: 'A' }, '#/add', 'must be a list of at most 100000 items'],
    ['PATCH', items, { add: [5] }, '#/add/0', text(1024)],
    ['PUT', items, { items: [], removeMatched: 1 }, '#/removeMatched', 'must be true or false'],
    ['POST', keys, { namespace: {} }, '#/namespace', namespace],
    ['POST', keys, { namespace: 'n', apiKey: 1 }, '#/apiKey', key],
    ['POST', keys, { namespace: 'n', name: [] }, '#/name', text(255)],
    [
      'POST',
      keys,
      { namespace: 'n', scopes: 'read' },
      '#/scopes',
      'must be a list of match, read, write and manage, each at most once',
    ],
    [
      'POST',
      keys,
      { namespace: 'n', scopes: ['own'] },
      '#/scopes/0',
      'must be a string: match, read, write or manage',
    ],
    [
      'POST',
      keys,
      { namespace: 'n', expiresAt: 1 },
      '#/expiresAt',
      'must be a string: a time in UTC, written like 2030-01-31T23:59:59.000Z',
    ],
  ])('%s %s %j', async (method, path, body, pointer, detail) => {
    expect(await errorsOf(method, path, body)).toContainEqual({ pointer, detail })
  })

  test.each([
    ['limit=0', '#/limit', 'must be a whole number from 1 to 1000 (limit in the query)'],
    [
      'status=x',
      '#/status',
      'must be a string: available, matched, held, expired or removed (status in the query)',
    ],
    ['order=x', '#/order', 'must be a string: asc or desc (order in the query)'],
    ['item=%20', '#/item', `${text(1024)} (item in the query)`],
    ['requestor=', '#/requestor', `${text(255)} (requestor in the query)`],
    [
      'cursor=x',
      '#/cursor',
      'must be a string: a nextCursor of an earlier answer (cursor in the query)',
    ],
  ])('and that it is one of the query: %s', async (query, pointer, detail) => {
    expect(await errorsOf('GET', `/namespaces/shop/items?${query}`)).toEqual([{ pointer, detail }])
  })

  test('and that it is the namespace of the path', async () => {
    // A key cannot be bound to such a namespace; one that an earlier version bound is met here.
    const params = ['key_old', digestOf('old-key'), 'old…', 'a b', 'match read write', 0]
    const sql = `INSERT INTO api_keys (id, digest, masked, namespace, scopes, created_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)`
    await app.db.write([{ sql, params }])
    const answer = await app.nobody<Problem>('GET', '/namespaces/a%20b/stats', undefined, {
      'x-api-key': 'old-key',
    })
    expect(answer.body.errors).toEqual([
      { pointer: '#/namespace', detail: `${namespace} (namespace in the path)` },
    ])
  })
})

describe('an unknown parameter of the query', () => {
  const known = 'known are item, requestor, status, batch, prefix, order, limit, cursor'
  const told = (detail: string) => [{ pointer: '#', detail }]

  test.each([
    ['requester=u', '1st'],
    ['limit=5&LIMIT=5', '2nd'],
    ['limit=5&order=asc&0=x', '3rd'],
    ['limit=5&order=asc&item=A&=x', '4th'],
    ['__proto__=1&x=2', '1st'],
    [`${'item=A&'.repeat(10)}x=1`, '11th'],
  ])('is told by its place: %s', async (query, place) => {
    const errors = await errorsOf('GET', `/namespaces/shop/items?${query}`)
    const detail = `the ${place} parameter of the query is unknown; ${known}`
    expect(errors.filter(({ pointer }) => pointer === '#')).toEqual(told(detail))
  })

  test.each([
    ['GET', '/namespaces/shop/stats', undefined, 'this route takes none'],
    ['POST', '/namespaces/shop/match', { requestor: 'u' }, 'this route takes none'],
    ['DELETE', '/admin/api-keys/key_1', undefined, 'known is namespace'],
    ['GET', '/admin/namespaces', undefined, 'known are prefix, order, limit, cursor'],
    ['GET', '/admin/api-keys', undefined, 'known are namespace, apiKey, limit, cursor'],
  ])('is told with those that are known: %s %s', async (method, path, body, those) => {
    expect(await errorsOf(method, `${path}?x=1`, body)).toEqual(
      told(`the 1st parameter of the query is unknown; ${those}`),
    )
  })
})

const exotic: [string, string][] = [
  ['a space in front', ' A'],
  ['a space behind', 'A '],
  ['a no-break space', 'A\u00a0'],
  ['an ideographic space', '\u3000A'],
  ['a line separator', 'A\u2028'],
  ...Array.from(
    '\ufeff\u200b\u2060\u00ad\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069',
    (unit): [string, string] => [`U+${unit.charCodeAt(0).toString(16)}`, `A${unit}B`],
  ),
]

describe('a new item', () => {
  const detail =
    'must be a string without white space at either end and without the invisible characters U+FEFF, ' +
    'U+200B, U+2060, U+00AD, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069'
  let pool: typeof shop

  beforeAll(async () => {
    pool = await app.keyFor('pool')
    const add = [...exotic.map(([, item]) => `${item.trimEnd()}OLD${item}`), 'GONE ']
    const lists = { remove: [], release: [] }
    await changeItems(app.db, { namespace: 'pool', add, ...lists }, contextAt(1))
    await pool.patch({ remove: ['GONE '] })
  })

  test.each(exotic)(
    'with %s is refused, in PATCH and PUT, and nothing is done',
    async (_, item) => {
      const before = (await pool.stats()).body
      const [patch, put] = [{ add: ['X', item, 'Y'], remove: ['GONE '] }, { items: [item, 'X'] }]
      const { status, body } = await pool.patch(patch)
      expect([status, body['errors']]).toEqual([422, [{ pointer: '#/add/1', detail }]])
      expect((await pool.put(put)).body['errors']).toEqual([{ pointer: '#/items/0', detail }])
      expect((await pool.stats()).body).toEqual(before)
    },
  )

  test('may have such white space inside, and what joins and marks letters', async () => {
    const add = ['a b', 'a\u00a0b', 'a\u2003b', '👩\u200d🚀', 'e\u0301', 'क\u200cष', '日本', 'שלום']
    expect((await pool.patch({ add })).body).toMatchObject({ added: add.length })
    expect((await pool.patch({ remove: add })).body).toMatchObject({ removed: add.length })
  })

  test('is only one that is not stored: live ones and removed ones are let through', async () => {
    const { items } = (await pool.list()).body
    const stored = items.map(({ item }) => item)
    expect(stored).toHaveLength(exotic.length)
    expect((await pool.patch({ add: [...stored, 'GONE '] })).body).toMatchObject({
      ...{ added: 0, restored: 1, unchanged: exotic.length },
    })
    expect((await pool.put({ items: ['GONE ', ...stored] })).body).toMatchObject({
      message: 'No changes made',
    })
    const one = String(stored[0])
    const { body } = await pool.list(`?item=${encodeURIComponent(one)}`)
    expect(body.items.map(({ item }) => item)).toEqual([one])
    expect((await pool.patch({ remove: [one] })).body).toMatchObject({ removed: 1 })
    expect((await pool.patch({ add: [one, `${one} `] })).body['errors']).toEqual([
      { pointer: '#/add/1', detail },
    ])
  })

  test('is one of its own namespace', async () => {
    expect((await shop.patch({ add: ['GONE '] })).status).toBe(422)
  })

  test('is looked for in a list of 20,000, and no more than 100 are told', async () => {
    const big = await app.keyFor('big')
    const add = Array.from({ length: 20_000 }, (_, n) => `${n} `)
    const fresh = (await big.patch({ add })).body['errors'] as { pointer: string }[]
    expect(fresh.map(({ pointer }) => pointer)).toEqual(
      Array.from({ length: 100 }, (_, n) => `#/add/${n}`),
    )
    const stored = { namespace: 'big', add: add.slice(0, -1), remove: [], release: [] }
    await changeItems(app.db, stored, contextAt(1))
    expect((await big.patch({ add })).body['errors']).toEqual([{ pointer: '#/add/19999', detail }])
    const twice = ['A', 'A', ...add.slice(2)]
    expect((await big.put({ items: twice, removeMatched: null })).body['errors']).toEqual([
      { pointer: '#/items/19999', detail },
    ])
    expect((await big.patch({ add: add.slice(0, -1), remove: null })).body).toMatchObject({
      ...{ added: 0, unchanged: 19_999 },
    })
  })
})

test('a refused match says why, before its message', async () => {
  const empty = await app.keyFor('empty')
  const { body } = await empty.match('u')
  expect(Object.entries(body)).toEqual([
    ['success', false],
    ['reason', 'none_left'],
    ['message', 'No available items in this namespace'],
  ])
})

describe('GET /', () => {
  const browsers = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
  const ask = (accept?: string, headers = {}) =>
    app.send(new Request(`${origin}/`, { headers: { ...(accept && { accept }), ...headers } }))

  test.each([undefined, '*/*', 'text/plain', 'application/json', 'text/html;q=0.1, text/plain'])(
    'is zaas for programs: %p',
    async (accept) => {
      const response = await ask(accept)
      expect([response.status, await response.text()]).toEqual([200, 'zaas'])
      expect(response.headers.get('content-type')).toMatch(/^text\/plain/)
      expect(response.headers.get('vary')).toBe('accept')
    },
  )

  test.each([browsers, 'text/html', 'text/html, */*;q=0.1'])(
    'is a page for browsers: %s',
    async (accept) => {
      const response = await ask(accept)
      const { headers } = response
      expect([response.status, headers.get('content-type')]).toEqual([
        200,
        'text/html;charset=utf-8',
      ])
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('vary')).toBe('accept-encoding, accept')
      const html = await response.text()
      const style = /<style>(.*)<\/style>/s.exec(html)?.[1] ?? ''
      const hash = new Bun.CryptoHasher('sha256').update(style).digest('base64')
      const policy = String(headers.get('content-security-policy'))
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain(`style-src 'self' 'sha256-${hash}'`)
      expect(policy).not.toContain('unsafe')
      expect(linksOf(html)).toEqual(['console', 'swagger', 'docs', 'swagger/json'])
      expect(html).not.toMatch(/\bhttps?:|\/\//)
    },
  )

  test('is not sent again to a browser that has it', async () => {
    const etag = String((await ask(browsers)).headers.get('etag'))
    expect((await ask(browsers, { 'if-none-match': etag })).status).toBe(304)
    expect((await ask('*/*', { 'if-none-match': etag })).status).toBe(200)
  })
})

test('the pages at / and /docs lead to one another, and each of their links leads somewhere', async () => {
  const found = new Map<string, string>()
  const headers = { accept: 'text/html' }
  const follow = async (url: URL) => {
    const response = await app.send(new Request(origin + url.pathname, { headers }))
    expect([url.pathname, response.status]).toEqual([url.pathname, 200])
    const html = await response.text()
    found.set(url.pathname, html)
    if (!/^\/(docs.*)?$/.test(url.pathname)) return
    for (const href of linksOf(html)) {
      const next = new URL(href, url)
      if (next.origin === origin && !found.has(next.pathname)) await follow(next)
      if (next.origin === origin && next.hash)
        expect([href, found.get(next.pathname)?.includes(`id="${next.hash.slice(1)}"`)]).toEqual([
          href,
          true,
        ])
    }
  }
  await follow(new URL(`${origin}/`))
  const documents = [...found.keys()].filter((path) => path.startsWith('/docs')).sort()
  const names = [
    'api',
    'backup',
    'deploy',
    'http-server',
    'imports',
    'legacy-import',
    'operations',
    'recipes',
    'scaling',
    'webhooks',
  ]
  expect(documents).toEqual(['/docs', ...names.map((name) => `/docs/${name}.md`)])
  expect(found.get('/docs')).toContain('<h2 id="the-promise">The promise</h2>')
})

const linksOf = (html: string) =>
  Array.from(html.matchAll(/<a href="([^"]+)"/g), ([, href]) => String(href))

describe('the OpenAPI document', () => {
  test('says where it is served, and groups the calls by what they do', () => {
    expect(document.servers).toEqual([{ url: '/' }])
    const groups = [
      'Match',
      'Items',
      'Batches',
      'Stats',
      'History',
      'Settings',
      'Admin',
      'Webhooks',
      'Health',
    ]
    expect(document.tags.map(({ name }) => name)).toEqual(groups)
    const used = Object.values(document.paths).flatMap((operations) =>
      Object.values(operations).flatMap(({ tags }) => tags),
    )
    expect([...new Set(used)].sort()).toEqual([...groups].sort())
  })

  test('has an example of PUT that takes nothing away from what the other examples add', () => {
    const put = examples['PUT /namespaces/{namespace}/items']
    const patch = examples['PATCH /namespaces/{namespace}/items']
    expect(Object(put?.request?.['application/json']).items).toEqual(
      expect.arrayContaining(Object(patch?.request?.['application/json']).add),
    )
    expect(put?.answer['application/json']).toMatchObject({ message: 'No changes made' })
  })
})
