import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { masterKey, origin, type TestApp, testApp } from '../support/app.ts'
import { tempFolder } from '../support/folder.ts'
import { startServer } from '../support/server.ts'

const shopFront = 'https://shop.example'
const stranger = 'https://evil.example'

let listed: TestApp
let anyone: TestApp
let closed: TestApp
let apiKey: string

beforeAll(async () => {
  listed = await testApp({ corsOrigins: [shopFront, 'http://localhost:3000'], bodyLimitBytes: 100 })
  anyone = await testApp({ corsOrigins: ['*'] })
  closed = await testApp()
  const shop = await listed.keyFor('shop')
  await shop.patch({ add: ['A', 'B', 'C'] })
  apiKey = shop.apiKey
})
afterAll(async () => {
  for (const app of [listed, anyone, closed]) await app.close()
})

type Options = { headers?: Record<string, string>; body?: string }

async function ask(app: TestApp, route: string, { headers = {}, body }: Options = {}) {
  const [method = '', path = ''] = route.split(' ')
  const request = new Request(origin + path, { method, headers, body: body ?? null })
  return app.send(request)
}

/** The headers of an answer that are about origins. */
const corsOf = ({ headers }: Response) =>
  Object.fromEntries([...headers].filter(([name]) => /^(access-control-.*|vary)$/.test(name)))

const exposed = 'x-request-id, retry-after, link, allow, www-authenticate'
const readable = (from: string, vary = 'origin') => ({
  'access-control-allow-origin': from,
  'access-control-expose-headers': exposed,
  vary,
})
const preflight = (from: string, method = 'POST') => ({
  headers: { origin: from, 'access-control-request-method': method },
})

describe('a preflight', () => {
  const allows = (methods: string, from: string) => ({
    'access-control-allow-headers':
      'x-api-key, authorization, content-type, x-request-id, idempotency-key',
    'access-control-allow-methods': methods,
    'access-control-allow-origin': from,
    'access-control-expose-headers': exposed,
    'access-control-max-age': '7200',
  })

  test.each([
    ['/namespaces/shop/match', 'POST'],
    ['/namespaces/another/items', 'GET, HEAD, PATCH, POST, PUT'],
    ['/namespaces/shop/stats', 'GET, HEAD'],
  ])('for %s is answered without a key, with the methods that it has', async (path, methods) => {
    const some = await ask(listed, `OPTIONS ${path}`, preflight(shopFront))
    expect([some.status, await some.text()]).toEqual([204, ''])
    expect(corsOf(some)).toEqual({ ...allows(methods, shopFront), vary: 'origin' })
    const all = await ask(anyone, `OPTIONS ${path}`, preflight(stranger))
    expect([all.status, await all.text()]).toEqual([204, ''])
    expect(corsOf(all)).toEqual(allows(methods, '*'))
  })

  test('is logged and counted like every request', async () => {
    const headers = { ...preflight(shopFront).headers, 'x-request-id': 'preflight-1' }
    const response = await ask(listed, 'OPTIONS /namespaces/shop/match', { headers })
    expect(response.headers.get('x-request-id')).toBe('preflight-1')
    await new Promise(setImmediate)
    const line = listed.lines.find(({ requestId }) => requestId === 'preflight-1')
    expect(line).toMatchObject({ method: 'OPTIONS', status: 204, msg: 'request' })
    const { body } = await listed.master<string>('GET', '/metrics')
    expect(body).toMatch(/zaas_http_request_duration_seconds_count\{method="OPTIONS".*status="204"/)
  })

  test.each([
    ['an origin that is not listed', '/namespaces/shop/match', preflight(stranger)],
    [
      'an origin that is only nearly listed',
      '/namespaces/shop/match',
      preflight(`${shopFront}:80`),
    ],
    ['an origin in another case', '/namespaces/shop/match', preflight('https://Shop.example')],
    ['the origin null', '/namespaces/shop/match', preflight('null')],
    [
      'no origin',
      '/namespaces/shop/match',
      { headers: { 'access-control-request-method': 'PUT' } },
    ],
    ['no method asked for', '/namespaces/shop/match', { headers: { origin: shopFront } }],
    ['a route of master keys', '/admin/api-keys', preflight(shopFront)],
    ['the metrics', '/metrics', preflight(shopFront, 'GET')],
    ['the page of the API', '/swagger', preflight(shopFront, 'GET')],
  ])('with %s is a 405 as ever', async (_, path, options) => {
    const response = await ask(listed, `OPTIONS ${path}`, options)
    const asEver = await ask(closed, `OPTIONS ${path}`, options)
    expect([response.status, asEver.status]).toEqual([405, 405])
    expect(response.headers.get('allow')).toBe(String(asEver.headers.get('allow')))
    expect(response.headers.has('access-control-allow-methods')).toBe(false)
  })

  test('of no route is a 404', async () => {
    for (const path of ['/namespaces/shop/nothing', '/namespaces', '/nowhere']) {
      const response = await ask(listed, `OPTIONS ${path}`, preflight(shopFront))
      expect([path, response.status]).toEqual([path, 404])
    }
  })
})

describe('an answer', () => {
  const match = 'POST /namespaces/shop/match'
  const json = { 'content-type': 'application/json' }
  const outcomes: [status: number, route: string, body: string | undefined, headers: object][] = [
    [200, match, '{"requestor":"u"}', json],
    [400, match, '{', json],
    [401, match, '{}', { ...json, 'x-api-key': 'unknown' }],
    [403, 'GET /namespaces/other/stats', undefined, {}],
    [404, 'GET /namespaces/shop/nothing', undefined, {}],
    [405, 'DELETE /namespaces/shop/items', undefined, {}],
    [413, match, `{"requestor":"${'u'.repeat(100)}"}`, json],
    [415, match, '{}', { 'content-type': 'text/html' }],
    [422, match, '{}', json],
    [200, 'POST /namespaces/shop/items', 'D\n', { 'content-type': 'text/plain' }],
    [200, 'GET /namespaces/shop/stats', undefined, {}],
  ]

  test.each(outcomes)('with %s of %s can be read by listed origins alone', async (...outcome) => {
    const [status, route, body, headers] = outcome
    const from = (app: TestApp, caller: string) =>
      ask(app, route, {
        ...(body !== undefined && { body }),
        headers: { 'x-api-key': apiKey, origin: caller, ...headers },
      })
    const read = await from(listed, shopFront)
    expect([read.status, corsOf(read)]).toEqual([status, readable(shopFront)])
    const unread = await from(listed, stranger)
    expect([unread.status, corsOf(unread)]).toEqual([status, { vary: 'origin' }])
    const everyone = await from(anyone, stranger)
    expect(corsOf(everyone)).toEqual({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': exposed,
    })
    expect(corsOf(await from(closed, shopFront))).toEqual({})
  })

  test.each(['', '?limit=1', '?status=matched'])(
    'that is a list, %j, says all it depends on',
    async (query) => {
      const headers = { 'x-api-key': apiKey, origin: shopFront, accept: 'text/csv' }
      const response = await ask(listed, `GET /namespaces/shop/items${query}`, { headers })
      expect([response.status, corsOf(response)]).toEqual([
        200,
        readable(shopFront, 'origin, accept'),
      ])
      await response.text()
    },
  )

  test('outside of /namespaces lets no origin in, not even where all may', async () => {
    const headers = { origin: shopFront, 'x-master-api-key': masterKey }
    for (const path of ['/admin/api-keys', '/admin/namespaces', '/metrics', '/health/live']) {
      for (const app of [listed, anyone]) {
        const response = await ask(app, `GET ${path}`, { headers })
        expect([path, response.status, corsOf(response)]).toEqual([path, 200, {}])
      }
    }
  })

  test('with 503 can be read too, and when to come back', async () => {
    // Room for one body of the largest size, which another caller is still sending.
    const full = await testApp({ corsOrigins: [shopFront], bodyLimitBytes: 64 * 2 ** 20 })
    const { apiKey } = await full.keyFor('shop')
    const headers = { ...json, 'x-api-key': apiKey, origin: shopFront }
    const { promise: taken, resolve: take } = Promise.withResolvers<void>()
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    let pulls = 0
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      if (++pulls === 1) return controller.enqueue(Buffer.alloc(64 * 2 ** 20, '['))
      take()
      await ended
      controller.close()
    }
    const stuck = new ReadableStream({ pull }, { highWaterMark: 0 })
    const post = (body: ReadableStream<Uint8Array>) =>
      full.send(new Request(`${origin}/namespaces/shop/match`, { method: 'POST', headers, body }))
    const first = post(stuck)
    await taken
    const refused = await post(new Blob(['{}']).stream() as unknown as ReadableStream<Uint8Array>)
    expect([refused.status, corsOf(refused)]).toEqual([503, readable(shopFront)])
    expect(refused.headers.get('retry-after')).toBe('1')
    end()
    expect((await first).status).toBe(400)
    await full.close()
  })

  test('allows no credentials', async () => {
    for (const app of [listed, anyone]) {
      const response = await ask(app, 'OPTIONS /namespaces/shop/match', preflight(shopFront))
      expect(response.headers.has('access-control-allow-credentials')).toBe(false)
    }
  })
})

test('the setting CORS_ORIGINS lets an origin in to a real server', async () => {
  const folder = tempFolder()
  const server = await startServer(`file:${folder.path}/zaas.db`, {
    env: { CORS_ORIGINS: `${shopFront}, http://localhost:3000` },
  })
  try {
    const url = `${server.origin}/namespaces/shop/match`
    const asked = await fetch(url, { method: 'OPTIONS', ...preflight('http://localhost:3000') })
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'http://localhost:3000',
    ])
    const refused = await fetch(url, { method: 'POST', headers: { origin: shopFront } })
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([
      401,
      shopFront,
    ])
  } finally {
    await server.stop()
    folder.remove()
  }
})
