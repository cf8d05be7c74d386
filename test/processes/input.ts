import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { changeItems } from '../../src/storage/sqlite/stock/change-items.ts'
import { masterKey, origin, type TestApp, testApp } from '../support/app.ts'
import { contextAt } from '../support/context.ts'

type Refusal = { status: number; code: string; pointers?: string[] }
type Problem = Record<string, unknown> & { errors?: { pointer: string; detail: string }[] }

/** Stands in every bad request that has room for it; no answer may hold it. */
const marker = 'mArKeR-5150'

const match = 'POST /namespaces/shop/match'
const patch = 'PATCH /namespaces/shop/items'
const put = 'PUT /namespaces/shop/items'
const list = 'GET /namespaces/shop/items'
const stats = 'GET /namespaces/shop/stats'
const createKey = 'POST /admin/api-keys'
const listKeys = 'GET /admin/api-keys'
const deleteKey = 'DELETE /admin/api-keys/key_00000000'

const malformed = { status: 400, code: 'malformed_body' }
const tooLarge = { status: 413, code: 'body_too_large' }
const unsupported = { status: 415, code: 'unsupported_media_type' }
const notFound = { status: 404, code: 'not_found' }
const invalid = (...pointers: string[]) => ({ status: 422, code: 'invalid', pointers })

/** How long a refusal of the largest body may compute; it holds up everyone else. */
const refusalMaxMs = 2_000

const limitBytes = 16 * 2 ** 20
const bytesOf = (text: string) => new TextEncoder().encode(text)
const nested = (levels: number, open = '[', close = ']') =>
  open.repeat(levels) + (open === '[' ? '' : '1') + close.repeat(levels)

let app: TestApp
let shop: Awaited<ReturnType<TestApp['keyFor']>>

beforeAll(async () => {
  app = await testApp()
  shop = await app.keyFor('shop')
  await shop.patch({ add: ['A', 'B', 'C'] })
  await shop.match('holder')
})
afterAll(() => app.close())

function send(route: string, body?: RequestInit['body'], headers: Record<string, string> = {}) {
  const [method = '', path = ''] = route.split(' ')
  const all = new Headers({
    ...(body !== undefined && { 'content-type': 'application/json' }),
    'x-api-key': shop.apiKey,
    'x-master-api-key': masterKey,
    ...headers,
  })
  if (all.get('content-type') === 'none') all.delete('content-type')
  return app.send(new Request(origin + path, { method, headers: all, body: body ?? null }))
}

/** Every row of the database, with the times of use left out, which a key notes behind its answers. */
async function everyRow() {
  const results = await app.db.write([
    { sql: 'SELECT * FROM items ORDER BY id', params: [] },
    { sql: 'SELECT id, namespace, scopes, deleted_at FROM api_keys ORDER BY rowid', params: [] },
  ])
  return results.map(({ rows }) => rows.map((row) => Object.values(row)))
}

/** Sends a bad request, checks what holds for each of them, and returns what was wrong with it. */
async function refusalOf(...request: Parameters<typeof send>): Promise<Refusal> {
  const before = await everyRow()
  const response = await send(...request)
  const text = await response.text()
  expect(text).not.toContain(marker)
  expect(JSON.stringify([...response.headers])).not.toContain(marker)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('cache-control')).toBe('no-store')
  const { status, code, errors, ...rest } = JSON.parse(text) as Problem
  expect(status).toBe(response.status)
  expect(rest).toEqual({
    type: expect.any(String),
    title: expect.any(String),
    detail: expect.any(String),
    requestId: response.headers.get('x-request-id'),
  })
  for (const error of errors ?? []) {
    expect(error).toEqual({
      pointer: expect.stringMatching(/^#(\/|$)/),
      detail: expect.stringMatching(/^\w/),
    })
  }
  expect(await everyRow()).toEqual(before)
  const pointers = errors?.map(({ pointer }) => pointer).sort()
  return { status: response.status, code: String(code), ...(pointers && { pointers }) }
}

/**
 * The same, of a large body, within `refusalMaxMs` of this process's own time: that of the clock depends
 * on what else the machine does.
 */
async function quickRefusalOf(route: string, body: string): Promise<Refusal> {
  const before = process.cpuUsage()
  const refusal = await refusalOf(route, body)
  const { user, system } = process.cpuUsage(before)
  // The room that a body takes is given back behind its answer.
  await new Promise(setImmediate)
  expect((user + system) / 1_000).toBeLessThan(refusalMaxMs)
  return refusal
}

describe('a body that is no JSON', () => {
  test.each([
    ['empty', ''],
    ['only white space', '  \n'],
    ['truncated in a name', `{"${marker}`],
    ['truncated in a value', `{"requestor":"${marker}`],
    ['truncated in an escape', '{"requestor":"\\u00'],
    ['truncated before its end', `{"requestor":"${marker}"`],
    ['followed by more', `{"requestor":"${marker}"}{}`],
    ['a bare word', marker],
    ['with single quotes', `{'requestor':'${marker}'}`],
    ['with a trailing comma', `{"requestor":"${marker}",}`],
    ['with a comment', `{"requestor":"a"/*${marker}*/}`],
    ['NaN', '{"requestor":NaN}'],
    ['with a raw control character', '{"requestor":"a\u0000b"}'],
    ['with a raw line break', '{"requestor":"a\nb"}'],
    ['invalid UTF-8 in a value', Uint8Array.of(...bytesOf('{"requestor":"a'), 0xff, 0x22, 0x7d)],
    ['overlong UTF-8', Uint8Array.of(...bytesOf('{"requestor":"'), 0xc0, 0xaf, 0x22, 0x7d)],
    [
      'a surrogate in UTF-8',
      Uint8Array.of(...bytesOf('{"requestor":"'), 0xed, 0xa0, 0x80, 0x22, 0x7d),
    ],
    ['UTF-16', Uint8Array.from(Buffer.from(`{"requestor":"${marker}"}`, 'utf16le'))],
    ['a name twice', `{"requestor":"${marker}","requestor":"b"}`],
    ['a name twice with equal values', `{"requestor":"${marker}","requestor":"${marker}"}`],
    ['a name twice, once escaped', `{"requestor":"${marker}","\\u0072equestor":"b"}`],
    ['__proto__ twice', '{"requestor":"a","__proto__":1,"__proto__":2}'],
    ['a name twice, deep inside', '{"requestor":"a","b":[{"c":{"d":1,"d":1}}]}'],
    ['a name twice beside one with colons', '{"::":"::","requestor":"a","requestor":"\\":"}'],
  ])('is refused: %s', async (_, body) => {
    expect(await refusalOf(match, body)).toEqual(malformed)
    for (const route of [patch, put, createKey]) {
      expect((await send(route, body)).status).toBe(400)
    }
  })

  test.each([match, patch, put, createKey])('is refused when it is missing: %s', async (route) => {
    expect(await refusalOf(route, undefined, { 'content-type': 'application/json' })).toEqual(
      malformed,
    )
    expect(await refusalOf(route)).toEqual(unsupported)
  })
})

describe('nested JSON', () => {
  test('is told like any wrong value when it is shallow', async () => {
    const shallow = nested(16)
    expect(await refusalOf(match, shallow)).toEqual(invalid('#'))
    expect(await refusalOf(match, `{"requestor":${shallow}}`)).toEqual(invalid('#/requestor'))
    expect(await refusalOf(patch, `{"add":${shallow}}`)).toEqual(invalid('#/add/0'))
  })

  const nearLimit = limitBytes / 2 - 100
  test.each([
    ['arrays', match, nested(100_000)],
    ['objects', match, nested(100_000, '{"a":', '}')],
    ['arrays and objects', match, nested(50_000, '[{"a":', '}]')],
    ['in a value', match, `{"requestor":${nested(100_000)}}`],
    ['in an unknown value', match, `{"requestor":"a","x":${nested(100_000)}}`],
    ['in a list', patch, `{"add":${nested(100_000)}}`],
    ['objects in a list', put, `{"items":[${nested(100_000, '{"a":', '}')}]}`],
    ['in scopes', createKey, `{"namespace":"n","scopes":${nested(100_000)}}`],
    ['10,000 levels', match, nested(10_000)],
    ['30,000 levels', match, nested(30_000)],
    ['near the limit', match, nested(nearLimit)],
    ['near the limit, in a list', patch, `{"add":${nested(nearLimit)}}`],
    ['truncated', match, '['.repeat(100_000)],
    ['objects, truncated', match, '{"a":'.repeat(100_000)],
    ['up to the limit, truncated', match, '['.repeat(limitBytes)],
  ])('is not read when it is deep: %s', async (_, route, body) =>
    expect(await quickRefusalOf(route, body)).toEqual(malformed),
  )

  test('may hold brackets in its text', async () => {
    const requestor = `\\"${'[{'.repeat(100)}`
    const brackets = await app.keyFor('brackets')
    expect((await brackets.match(requestor)).status).toBe(200)
  })
})

test('a body full of names is refused without stalling the others', async () => {
  const members = (count: number) => `{${Array.from({ length: count }, (_, n) => `"k${n}":1`)}}`
  expect(await quickRefusalOf(match, members(1_000_000))).toEqual(malformed)
  expect(await refusalOf(match, members(1_001))).toEqual(malformed)
  expect(await refusalOf(match, members(1_000))).toEqual(invalid('#', '#/requestor'))
})

test.each([
  ['numbers', patch, `{"add":[${'1,'.repeat(4e6)}1]}`],
  ['lists', put, `{"items":[${'[],'.repeat(2e6)}1]}`],
  ['scopes', createKey, `{"namespace":"n","scopes":[${'"read",'.repeat(2e6)}"read"]}`],
  ['white space', match, `{"requestor":"${' '.repeat(16e6)}"}`],
  ['letters', match, `{"requestor":"${'a'.repeat(16e6)}"}`],
])('a body full of %s is refused without stalling the others', async (_, route, body) => {
  expect(await quickRefusalOf(route, body)).toMatchObject({ status: 422, code: 'invalid' })
})

// biome-ignore format: a table
const otherTypes = [
  'none', 'text/plain', 'text/json', 'application/jsonp', 'application/problem+json',
  'application/x-ndjson', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x',
  'multipart/form-data', 'application/octet-stream', 'application/json, application/json',
  'text/plain; a=application/json', `application/${marker}`, '/',
]

describe('a content type', () => {
  const body = JSON.stringify({ requestor: 'holder' })

  test.each(otherTypes)('that is not JSON is refused: %s', async (type) => {
    for (const route of [match, patch, put, createKey]) {
      expect(await refusalOf(route, body, { 'content-type': type })).toEqual(unsupported)
    }
  })

  test.each([
    'application/json',
    'Application/JSON',
    'APPLICATION/JSON;CHARSET=UTF-8',
    'application/json; charset=utf-8; x="y"',
    'application/json ; charset=utf-8',
  ])('that is JSON is taken: %s', async (type) => {
    expect((await send(match, body, { 'content-type': type })).status).toBe(200)
  })

  test.each([
    ['a form', new URLSearchParams({ requestor: marker })],
    [
      'a multipart form',
      new Blob([`--x\r\n\r\n${marker}`], { type: 'multipart/form-data; boundary=x' }),
    ],
  ])('of %s is refused with its own body', async (_, form) => {
    const type = form instanceof Blob ? form.type : 'application/x-www-form-urlencoded'
    expect(await refusalOf(match, form, { 'content-type': type })).toEqual(unsupported)
  })

  test('does not unlock a compressed body', async () => {
    const zipped = Bun.gzipSync(body)
    expect(await refusalOf(match, zipped, { 'content-encoding': 'gzip' })).toEqual(unsupported)
  })
})

describe('the body limit', () => {
  const small = 2_048
  const padded = (bytes: number) => JSON.stringify({ requestor: 'u' }).padEnd(bytes, ' ')
  let tight: TestApp
  let call: (body: string | ReadableStream<Uint8Array>, length?: number) => Promise<Response>

  beforeAll(async () => {
    tight = await testApp({ bodyLimitBytes: small })
    const { apiKey } = await tight.keyFor('shop')
    call = (body, length) => {
      const headers = new Headers({ 'content-type': 'application/json', 'x-api-key': apiKey })
      if (length !== undefined) headers.set('content-length', String(length))
      const path = `${origin}/namespaces/shop/match`
      return tight.send(new Request(path, { method: 'POST', headers, body }))
    }
  })
  afterAll(() => tight.close())

  const streamed = (text: string) =>
    new Blob([text]).stream() as unknown as ReadableStream<Uint8Array>

  test.each([
    ['announced', (size: number) => call(padded(size), size)],
    ['unannounced', (size: number) => call(padded(size))],
    ['streamed', (size: number) => call(streamed(padded(size)))],
  ])('is exact for a body that is %s', async (_, ask) => {
    expect((await ask(small)).status).toBe(200)
    const answer = await ask(small + 1)
    expect(answer.status).toBe(413)
    expect(await answer.json()).toMatchObject(tooLarge)
  })

  test('counts bytes, not characters', async () => {
    const astral = JSON.stringify({ requestor: '😀'.repeat(200) })
    expect((await call(astral.padEnd(small - 800, ' '))).status).toBe(200)
    const wide = JSON.stringify({ requestor: '😀'.repeat(600) })
    expect(wide.length).toBeLessThan(small)
    expect((await call(wide)).status).toBe(413)
  })

  test('goes before the content type and the JSON', async () => {
    expect((await call('{'.repeat(small + 1))).status).toBe(413)
    expect((await call('{', small + 1)).status).toBe(413)
  })

  test('ends the reading of an endless body', async () => {
    let pulled = 0
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      pulled++
      controller.enqueue(new Uint8Array(1_024).fill(0x20))
    }
    expect((await call(new ReadableStream({ pull }, { highWaterMark: 0 }))).status).toBe(413)
    expect(pulled).toBeLessThan(10)
  })
})

// biome-ignore format: a table
const undecodable = [
  '%zz', '%ff', '%00', 'a%2Fb', 'a%', '%2e%2e', '..', '', 'null', 'undefined', '%20', marker,
]

// biome-ignore format: a table
const noRoutes = [
  '/nowhere', '//', '/Health/live', '/health/live/', '/namespaces/shop/match/', `/${marker}`,
  '/%zz', '/%00',
]

describe('a path', () => {
  const forbidden = { status: 403, code: 'forbidden' }
  test.each([
    ['%zz', forbidden],
    ['%ff', forbidden],
    ['%00', forbidden],
    ['shop%00', forbidden],
    ['a%2Fb', forbidden],
    ['shop%2F..%2Fshop', forbidden],
    ['shop%', forbidden],
    ['%ed%a0%80', forbidden],
    ['__proto__', forbidden],
    ['constructor', forbidden],
    ['%2e%2e', notFound],
    ['.%2E', notFound],
    ['..', notFound],
    // The path is then that of a namespace by the name of match.
    ['.', { status: 405, code: 'method_not_allowed' }],
    ['a/../..', notFound],
    ['a/b', notFound],
    ['', notFound],
  ])('with the namespace "%s" leads nowhere', async (namespace, refusal) => {
    const body = JSON.stringify({ requestor: marker })
    expect(await refusalOf(`POST /namespaces/${namespace}/match`, body)).toEqual(refusal)
  })

  test('may spell a namespace with escapes', async () => {
    expect((await send('GET /namespaces/%73h%6Fp/stats')).status).toBe(200)
  })

  test.each(undecodable)('with the API key "%s" deletes nothing', async (key) => {
    expect(await refusalOf(`DELETE /admin/api-keys/${key}`)).toEqual(notFound)
  })

  test('that cannot be decoded does not stand for a key named like what it decodes to', async () => {
    for (const apiKey of ['null', 'undefined', '%zz', '%ff']) {
      await send(createKey, JSON.stringify({ namespace: 'odd', apiKey }))
    }
    for (const part of ['%zz', '%ff', '%E0%A4%A', '%']) {
      expect([part, await refusalOf(`DELETE /admin/api-keys/${part}`)]).toEqual([part, notFound])
    }
  })

  test.each(noRoutes)('that no route has is a 404 whatever comes with it: %s', async (path) => {
    for (const method of ['POST', 'DELETE']) {
      expect(await refusalOf(`${method} ${path}`, '{', { 'content-type': 'x' })).toEqual(notFound)
    }
  })

  test('asked with a method that it does not have says which it has', async () => {
    const wrong = { status: 405, code: 'method_not_allowed' }
    expect(await refusalOf('DELETE /namespaces/shop/items', `{"${marker}`)).toEqual(wrong)
    const { headers } = await send('DELETE /namespaces/shop/items')
    expect(headers.get('allow')).toBe('GET, HEAD, PATCH, POST, PUT')
  })
})

// biome-ignore format: a table
const onlySpaces = [
  ' ', '   ', '\u00a0', '\u1680', '\u2003\u2009', '\u2028', '\u2029', '\u202f', '\u205f',
  '\u3000', '\ufeff',
]
const badCharacters = [
  ['a NUL', 'a\u0000b'],
  ['a line break', 'a\nb'],
  ['a tab at the end', 'a\t'],
  ['DEL', 'a\u007f'],
  ['a C1 control', 'a\u0085'],
  ['the last C1 control', '\u009f'],
  ['U+FFFD', 'a\ufffd'],
  ['a lone high surrogate', 'a\ud800'],
  ['a lone low surrogate', '\udc00a'],
  ['surrogates in the wrong order', '\udc00\ud800'],
  ['a pair and a half', '\ud83d\ude00\ud83d'],
  ['nothing', ''],
  ...onlySpaces.map((text) => [`only ${JSON.stringify(text)}`, text]),
] as [string, string][]

/** JSON in ASCII, so that a lone surrogate goes out as an escape. */
const ascii = (value: unknown) =>
  JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

describe('text', () => {
  test.each([
    ...badCharacters,
    ['1,025 characters', 'a'.repeat(1_025)],
    ['1,025 astral characters', '😀'.repeat(1_025)],
    ['a megabyte of spaces', ' '.repeat(2 ** 20)],
  ])('with %s is no item', async (_, item) => {
    expect(await refusalOf(put, ascii({ items: ['fine', item] }))).toEqual(invalid('#/items/1'))
    for (const name of ['add', 'remove', 'release']) {
      const body = ascii({ [name]: [`${marker}`, item] })
      expect(await refusalOf(patch, body)).toEqual(invalid(`#/${name}/1`))
    }
  })

  test.each([
    ...badCharacters,
    ['256 characters', 'a'.repeat(256)],
    ['256 astral characters', '😀'.repeat(256)],
  ])('with %s is no requestor', async (_, requestor) => {
    expect(await refusalOf(match, ascii({ requestor }))).toEqual(invalid('#/requestor'))
  })

  test.each([
    ['requestor', 255],
    ['item', 1_024],
  ])('is counted in code points: %s', async (name, max) => {
    const bounds = await app.keyFor('bounds')
    const ask = (value: string) =>
      name === 'item' ? bounds.patch({ remove: [value] }) : bounds.match(value)
    for (const letter of ['a', 'é', '€', '😀', 'e\u0301'.charAt(1)]) {
      expect((await ask(letter.repeat(max))).status).toBe(200)
      expect((await ask(letter.repeat(max + 1))).status).toBe(422)
    }
  })
})

describe('values', () => {
  // biome-ignore format: a table
  const values = [
    '😀', '👩‍👩‍👧‍👦', 'é', 'e\u0301', 'Å', '\u212b', 'ﬁ', 'fi', 'ß', 'SS', 'i', 'İ', 'ı', '"', "'",
    '`', '\\', '\\\\', '\\u0041', 'A', 'a', '%', '_', '*', '?', '$', '$.x', '{"a":1}', '[1]',
    "'; DROP TABLE items; --", 'a\u2028b', 'a\u2029b', 'a\u00a0b', 'a\ufeffb', '\ufeffa',
    '\u200b', '\u200d', 'x', ' x', 'x ', ' x ', 'x  ', '\u2003x', '<script>', '&amp;', '=1+1',
    '@a', '-1', '+1', '0', '1', '01', '1.0', '1e0', '0x1', '9007199254740993', 'null', 'true',
    'NaN', 'undefined', 'Infinity', '__proto__', 'constructor', 'toString', 'hasOwnProperty',
    '\uffff', '\ufffe', '\ufdd0', '\u{10ffff}', '\ue000', 'שלום', '\u202eabc', 'ไทย', '日本',
    'a/b', 'a?b#c', 'a&b=c', 'a+b', 'a%20b', '%zz', ',', ';', '😀'.repeat(255),
  ]

  test('come back byte for byte and are never taken for one another', async () => {
    const bag = await app.keyFor('bag')
    // Some are no new items, but an earlier version took them.
    const stored = { namespace: 'bag', add: values, remove: [], release: [] }
    expect(await changeItems(app.db, stored, contextAt(1))).toMatchObject({ added: values.length })
    expect((await bag.patch({ add: values })).body).toMatchObject({ unchanged: values.length })
    for (const value of values) {
      expect((await bag.match(value)).body).toMatchObject({ item: value, alreadyMatched: false })
    }
    const row = (value: string) => expect.objectContaining({ item: value, requestor: value })
    expect((await bag.list()).body.items).toEqual(values.map(row))
    for (const value of values) {
      const { body } = await bag.list(`?limit=2&item=${encodeURIComponent(value)}`)
      expect(body.items).toEqual([row(value)])
      const query = new URLSearchParams({ requestor: value, status: 'matched' })
      expect((await bag.list(`?${query}`)).body.items).toEqual([row(value)])
    }
    expect((await bag.patch({ release: values })).body).toMatchObject({ released: values.length })
    expect((await bag.patch({ remove: values })).body).toMatchObject({ removed: values.length })
    expect((await bag.put({ items: values })).body).toMatchObject({ restored: values.length })
  })

  test('that only differ in how they are escaped are the same', async () => {
    const route = 'PATCH /namespaces/shop/items'
    const response = await send(route, '{"remove":["\\u0041\\u0041","AA","\\ud83d\\ude00","😀"]}')
    expect(await response.json()).toMatchObject({ unchanged: 2 })
  })
})

// biome-ignore format: a table
const jsonValues = [
  'null', 'true', '1', '1.5', '"\ud83d\ude00/"', '[]', '{}', '[null]', '[1]', '{"a":[]}',
  '{"length":1}',
]
/** In an optional property. */
const leftOut = 'null'
const wrongOf = (...right: string[]) => jsonValues.filter((json) => !right.includes(json))

describe('a wrong JSON type', () => {
  const text = wrongOf('"\ud83d\ude00/"')
  test.each([
    ['requestor', match, text, ''],
    ['add', patch, wrongOf('[]', leftOut), ''],
    ['remove', patch, wrongOf('[]', leftOut), ''],
    ['release', patch, wrongOf('[]', leftOut), ''],
    ['items', put, wrongOf('[]'), ''],
    ['removeMatched', put, wrongOf('true', leftOut), '"items":["X"],'],
    ['namespace', createKey, wrongOf(), ''],
    ['apiKey', createKey, wrongOf(leftOut), '"namespace":"n",'],
    ['name', createKey, wrongOf('"\ud83d\ude00/"', leftOut), '"namespace":"n",'],
    ['scopes', createKey, wrongOf(leftOut), '"namespace":"n",'],
    ['expiresAt', createKey, wrongOf(leftOut), '"namespace":"n",'],
  ])('for %s is told', async (name, route, wrong, rest) => {
    for (const json of wrong) {
      const { pointers, ...refusal } = await refusalOf(route, `{${rest}"${name}":${json}}`)
      expect([json, refusal]).toEqual([json, { status: 422, code: 'invalid' }])
      expect(pointers?.join()).toMatch(new RegExp(`^#/${name}(/0)?$`))
    }
  })

  test.each([match, patch, put, createKey])('for the whole body is told: %s', async (route) => {
    for (const json of ['null', 'true', '1', `"${marker}"`, '[]', `["${marker}"]`]) {
      const { status, pointers = [] } = await refusalOf(route, json)
      expect([json, status, pointers[0]]).toEqual([json, 422, '#'])
    }
  })
})

// biome-ignore format: a table
const badNamespaces = [
  '', '-a', '.a', '..', 'a b', 'a/b', 'ä', 'a\u0000', 'a\n', 'a%', 'a'.repeat(129), `${marker}!`,
]

// biome-ignore format: a table
const badExpiries = [
  '', marker, '2031-01-01', '2031-01-01T00:00:00', '2031-01-01T00:00:00+01:00',
  '2031-02-30T00:00:00Z', '2031-01-01T24:00:00Z', '2031-13-01T00:00:00Z',
  '2029-12-31T23:59:59.999Z', '2030-01-01T00:00:00.000Z', '1893456000000',
]

describe('a body that breaks a rule', () => {
  test.each([
    ['a misspelt property', match, { requester: marker }, invalid('#', '#/requestor')],
    ['a missing property', match, {}, invalid('#/requestor')],
    ['an unknown property', match, { requestor: 'a', [marker]: 1 }, invalid('#')],
    ['a name with slashes', match, { requestor: 'a', [`a/${marker}/~`]: 1 }, invalid('#')],
    ['a list of the unknown', patch, { [marker]: ['A'] }, invalid('#')],
    ['a list of PUT in PATCH', patch, { items: [marker] }, invalid('#')],
    ['no list', put, { removeMatched: true }, invalid('#/items')],
    ['an unknown property', put, { items: ['A'], [marker]: true }, invalid('#')],
    ['two lists', patch, { add: ['X', marker], remove: [marker] }, invalid('#/remove/0')],
    ['two lists', patch, { add: [marker], release: ['A', marker] }, invalid('#/release/1')],
    ['two lists', patch, { remove: ['A'], release: ['A'] }, invalid('#/release/0')],
    ['a bad value among good ones', patch, { add: ['X', ''], remove: ['A'] }, invalid('#/add/1')],
    ['two bad values', patch, { add: [''], remove: [1] }, invalid('#/add/0', '#/remove/0')],
    ['an unknown property', createKey, { namespace: 'n', [marker]: 1 }, invalid('#')],
    ['no namespace', createKey, { name: marker }, invalid('#/namespace')],
    ['an unknown scope', createKey, { namespace: 'n', scopes: [marker] }, invalid('#/scopes/0')],
    ['no scope', createKey, { namespace: 'n', scopes: [] }, invalid('#/scopes')],
    ['a blank name', createKey, { namespace: 'n', name: ' ' }, invalid('#/name')],
    ['the master key', createKey, { namespace: 'n', apiKey: masterKey }, invalid('#/apiKey')],
    ['an id', createKey, { namespace: 'n', apiKey: `key_${marker}` }, invalid('#/apiKey')],
    ['no ASCII', createKey, { namespace: 'n', apiKey: `é${marker}` }, invalid('#/apiKey')],
    ['a space', createKey, { namespace: 'n', apiKey: `a ${marker}` }, invalid('#/apiKey')],
  ])('is told where: %s', async (_, route, body, refusal) => {
    expect(await refusalOf(route, JSON.stringify(body))).toEqual(refusal)
  })

  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length'])(
    'is told of a property named %s',
    async (name) => {
      for (const value of [
        '1',
        '{}',
        '{"requestor":"x","items":[],"namespace":"n"}',
        'null',
        '[]',
      ]) {
        const extra = `"${name}":${value}`
        expect(await refusalOf(match, `{"requestor":"a",${extra}}`)).toEqual(invalid('#'))
        expect(await refusalOf(match, `{${extra}}`)).toEqual(invalid('#', '#/requestor'))
        expect(await refusalOf(patch, `{"add":["X"],${extra}}`)).toEqual(invalid('#'))
        expect(await refusalOf(put, `{"items":["X"],${extra}}`)).toEqual(invalid('#'))
        expect(await refusalOf(createKey, `{"namespace":"n",${extra}}`)).toEqual(invalid('#'))
      }
    },
  )

  test.each(badNamespaces)('is told of the namespace %j', async (namespace) => {
    const body = JSON.stringify({ namespace })
    expect(await refusalOf(createKey, body)).toEqual(invalid('#/namespace'))
  })

  test.each(badExpiries)('is told of the expiry %j', async (expiresAt) => {
    const body = JSON.stringify({ namespace: 'n', expiresAt })
    expect(await refusalOf(createKey, body)).toEqual(invalid('#/expiresAt'))
  })

  test('gets no more than 100 errors', async () => {
    const { pointers } = await refusalOf(patch, JSON.stringify({ add: Array(100_000).fill('') }))
    expect(pointers).toHaveLength(100)
  })
})

describe('100,000 items', () => {
  const many = Array.from({ length: 100_001 }, (_, n) => `many-${n}`)

  test('are the most that a list takes', async () => {
    for (const name of ['add', 'remove', 'release']) {
      expect(await refusalOf(patch, JSON.stringify({ [name]: many }))).toEqual(invalid(`#/${name}`))
    }
    expect(await refusalOf(put, JSON.stringify({ items: many }))).toEqual(invalid('#/items'))
  })

  test('are taken', async () => {
    const { keyFor, close } = await testApp()
    const big = await keyFor('big')
    const items = many.slice(1)
    expect((await big.patch({ add: items })).body).toMatchObject({ added: 100_000 })
    expect((await big.put({ items })).body).toMatchObject({ unchanged: 100_000, kept: 0 })
    expect((await big.stats()).body).toEqual({
      total: 100_000,
      matched: 0,
      available: 100_000,
      held: 0,
      expired: 0,
      ...{ perDay: 0, runsOutAt: null },
    })
    expect((await big.put({ items: [] })).body).toMatchObject({ removed: 100_000 })
    await close()
  })
})

const cursorOf = (text: string) => `cursor=${Buffer.from(text).toString('base64url')}`
// biome-ignore format: a table
const badLimits = [
  '', 'abc', '-1', '0', '1.5', '1e9', '1e2', '1001', '5%20', '%205', '+5', '05', '0x5', '٥', '5,5',
  'Infinity', '99999999999999999999', marker,
]
// biome-ignore format: a table
const badCursors = [
  'after 0', 'after -1', 'after 1.5', 'after 01', 'after  1', 'after 1 ', 'before 1', `after ${marker}`,
  'after 9007199254740993', "after 1' OR 1=1", 'after 1\u0000', 'after',
].map(cursorOf)
/** Queries of the list that break a rule, by the place that is told. */
// biome-ignore format: a table
const badQueries: Record<string, string[]> = {
  '#/limit': [...badLimits.map((limit) => `limit=${limit}`), 'limit=1&limit=1', 'limit=1&limit=2', 'limit'],
  '#/status': ['status=', 'status=Available', `status=${marker}`, 'status=matched&status=available'],
  '#/item': [
    'item', 'item=', 'item=%00', 'item=%0A', 'item=%ff', 'item=%ed%a0%80', 'item=%20', 'item=+',
    'item=%EF%BF%BD', 'item=A&item=A', `item=${'a'.repeat(1_025)}`,
  ],
  '#/requestor': ['requestor=', 'requestor=holder&requestor=x', `requestor=${'a'.repeat(256)}`],
  '#/cursor': [
    'cursor=', 'cursor=MQ', 'cursor=1', 'cursor=%00', 'cursor=💥', 'cursor=null', `cursor=${marker}`,
    ...badCursors, `${cursorOf('after 1')}%3D%3D`, `${cursorOf('after 1')}&${cursorOf('after 1')}`,
  ],
  '#': [
    `${marker}=1`, 'limit[]=1', 'LIMIT=1', '__proto__=1', '__proto__[limit]=1', 'constructor=1', '=1',
  ],
}

describe('a query', () => {
  const rows = Object.entries(badQueries).flatMap(([pointer, queries]) =>
    queries.map((query) => [query, pointer] as const),
  )
  test.each(rows)('of the list that breaks a rule is told: %s', async (query, pointer) => {
    expect(await refusalOf(`${list}?${query}`)).toEqual(invalid(pointer))
  })

  test.each([
    [match, { requestor: 'nobody' }],
    [patch, { add: ['X'] }],
    [put, { items: ['X'] }],
    [stats, undefined],
    [createKey, { namespace: 'n' }],
    [listKeys, undefined],
    [deleteKey, undefined],
  ])('with an unknown parameter is refused: %s', async (route, body) => {
    const text = body && JSON.stringify(body)
    for (const query of [`${marker}=1`, 'lim', '__proto__=1', 'requestor=a']) {
      const refused = await refusalOf(`${route}?${query}`, text)
      expect([query, refused]).toEqual([query, invalid('#')])
    }
  })

  test.each([
    ['namespace=', '#/namespace'],
    ['namespace=a%2Fb', '#/namespace'],
    ['namespace=shop&namespace=shop', '#/namespace'],
    ['apiKey=', '#/apiKey'],
    [`apiKey=key_${marker}`, '#/apiKey'],
    ['apiKey=%00', '#/apiKey'],
    ['apiKey=a&apiKey=b', '#/apiKey'],
  ])('of the keys that breaks a rule is told: %s', async (query, pointer) => {
    expect(await refusalOf(`${listKeys}?${query}`)).toEqual(invalid(pointer))
    if (query.startsWith('namespace')) {
      expect(await refusalOf(`${deleteKey}?${query}`)).toEqual(invalid(pointer))
    }
  })

  test('may be empty', async () => {
    expect((await send(`${list}?`)).status).toBe(200)
    expect((await send(`${stats}?`)).status).toBe(200)
  })
})

describe('an error', () => {
  test('is a problem document', async () => {
    const response = await send(match, JSON.stringify({ requester: marker }), {
      'x-request-id': 'r-1',
    })
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Unprocessable Entity',
      status: 422,
      detail: 'The request breaks a rule.',
      code: 'invalid',
      requestId: 'r-1',
      errors: [
        { pointer: '#/requestor', detail: 'is required' },
        {
          pointer: '#',
          detail:
            'must be an object with no other properties than requestor, slot, replace, holdSeconds',
        },
      ],
    })
  })
})

describe('a request id', () => {
  test.each(['a', 'A-z_0.9', 'with space', '"<>{}~!', 'a'.repeat(128)])(
    'that is printable ASCII is taken over: %j',
    async (id) => {
      const found = await send(stats, undefined, { 'x-request-id': id })
      expect(found.headers.get('x-request-id')).toBe(id)
      const missed = await send('GET /nowhere', undefined, { 'x-request-id': id })
      expect(missed.headers.get('x-request-id')).toBe(id)
      expect(await missed.json()).toMatchObject({ requestId: id })
    },
  )

  test.each(['', 'a'.repeat(129), 'é', 'a\tb', 'a\u007f', 'a\u00a0b'])(
    'that is not is replaced: %j',
    async (id) => {
      const { headers } = await send(stats, undefined, { 'x-request-id': id })
      expect(headers.get('x-request-id')).toMatch(/^\d{8}-[\da-z]+$/)
    },
  )

  test('is made when there is none, another each time', async () => {
    const ids = await Promise.all([send(stats), send(stats), send('GET /'), send('GET /nowhere')])
    expect(new Set(ids.map(({ headers }) => headers.get('x-request-id'))).size).toBe(4)
  })
})

test('after all of this the service hands out items as before', async () => {
  expect((await shop.stats()).body).toEqual({
    total: 3,
    matched: 1,
    available: 2,
    held: 0,
    expired: 0,
    ...{ perDay: 1, runsOutAt: expect.any(String) },
  })
  expect((await shop.match('holder')).body).toMatchObject({ item: 'A', alreadyMatched: true })
  expect((await shop.match('next')).body).toMatchObject({ item: 'B', alreadyMatched: false })
})
