import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { scopes as allScopes, type Scope } from '../../src/domain/api-key.ts'
import { firstMoment, masterKey, origin, type TestApp, testApp } from '../support/app.ts'

type Access = 'anyone' | 'master' | Scope
type Document = { openapi: string; paths: Record<string, Record<string, unknown>> }
type Row = { access: Access; body?: object; text?: string; undocumented?: boolean }
type Refusal = { status: number; code: string }

/** Every route, whom it opens to, and a body that would change something if it were let through. */
const matrix: Record<string, Row> = {
  'GET /': { access: 'anyone' },
  'GET /health/live': { access: 'anyone' },
  'GET /health/ready': { access: 'anyone' },
  'GET /swagger': { access: 'anyone', undocumented: true },
  'GET /swagger/page.js': { access: 'anyone', undocumented: true },
  'GET /swagger/style.css': { access: 'anyone', undocumented: true },
  'GET /swagger/swagger-ui-bundle.js': { access: 'anyone', undocumented: true },
  'GET /swagger/swagger-ui.css': { access: 'anyone', undocumented: true },
  'GET /console': { access: 'anyone', undocumented: true },
  'GET /console/main.js': { access: 'anyone', undocumented: true },
  'GET /console/style.css': { access: 'anyone', undocumented: true },
  'GET /docs': { access: 'anyone', undocumented: true },
  'GET /docs/api.md': { access: 'anyone', undocumented: true },
  'GET /docs/backup.md': { access: 'anyone', undocumented: true },
  'GET /docs/deploy.md': { access: 'anyone', undocumented: true },
  'GET /docs/http-server.md': { access: 'anyone', undocumented: true },
  'GET /docs/imports.md': { access: 'anyone', undocumented: true },
  'GET /docs/legacy-import.md': { access: 'anyone', undocumented: true },
  'GET /docs/operations.md': { access: 'anyone', undocumented: true },
  'GET /docs/recipes.md': { access: 'anyone', undocumented: true },
  'GET /docs/scaling.md': { access: 'anyone', undocumented: true },
  'GET /docs/webhooks.md': { access: 'anyone', undocumented: true },
  'GET /swagger/json': { access: 'anyone', undocumented: true },
  'POST /namespaces/:namespace/match': { access: 'match', body: { requestor: 'intruder' } },
  'POST /namespaces/:namespace/match/batch': {
    access: 'match',
    body: { requestors: ['intruder'] },
  },
  'POST /namespaces/:namespace/confirm': {
    access: 'match',
    body: { requestor: 'intruder', item: 'A' },
  },
  'GET /namespaces/:namespace': { access: 'read' },
  'PATCH /namespaces/:namespace': { access: 'manage', body: { paused: true } },
  'GET /namespaces/:namespace/batches': { access: 'read' },
  'GET /namespaces/:namespace/batches/:batch': { access: 'read' },
  'DELETE /namespaces/:namespace/batches/:batch': { access: 'write' },
  'GET /namespaces/:namespace/history': { access: 'read' },
  'POST /namespaces/:namespace/forget': { access: 'write', body: { requestor: 'ann' } },
  'GET /namespaces/:namespace/items': { access: 'read' },
  'GET /namespaces/:namespace/stats': { access: 'read' },
  'GET /namespaces/:namespace/stats/history': { access: 'read' },
  'PATCH /namespaces/:namespace/items': { access: 'write', body: { add: ['X'], remove: ['A'] } },
  'PUT /namespaces/:namespace/items': { access: 'write', body: { items: ['X'] } },
  'POST /namespaces/:namespace/items': { access: 'write', text: 'X\n' },
  'POST /admin/api-keys': { access: 'master', body: { namespace: 'shop' } },
  'GET /admin/api-keys': { access: 'master' },
  'DELETE /admin/api-keys/:apiKey': { access: 'master' },
  'GET /admin/namespaces': { access: 'master' },
  'PATCH /admin/namespaces/:namespace': { access: 'master', body: { paused: true } },
  'GET /admin/history': { access: 'master' },
  'POST /admin/forget': { access: 'master', body: { requestor: 'ann' } },
  'POST /admin/webhooks': {
    access: 'master',
    body: { url: 'https://1.1.1.1/', events: ['stock.low'] },
  },
  'GET /admin/webhooks': { access: 'master' },
  'GET /admin/webhooks/:id': { access: 'master' },
  'PATCH /admin/webhooks/:id': { access: 'master', body: { disabled: true } },
  'DELETE /admin/webhooks/:id': { access: 'master' },
  'POST /admin/webhooks/:id/rotate': { access: 'master' },
  'POST /admin/webhooks/:id/test': { access: 'master' },
  'GET /admin/webhooks/:id/deliveries': { access: 'master' },
  'POST /admin/webhooks/:id/deliveries/:delivery/retry': { access: 'master' },
  'GET /metrics': { access: 'master' },
}
const routes = Object.entries(matrix).map(([route, row]) => {
  const [method = '', pattern = ''] = route.split(' ')
  return { route, method, pattern, ...row }
})
const guarded = routes.filter(({ access }) => access !== 'anyone')
const forKeys = guarded.filter(({ access }) => access !== 'master')

const unauthenticated = { status: 401, code: 'unauthenticated' }
const forbidden = { status: 403, code: 'forbidden' }
const insufficient = { status: 403, code: 'insufficient_scope' }

/** What a caller may send instead of the right key; on a master route none of it is more than a 401. */
const wrongCredentials: Record<string, Refusal> = {
  'no key': unauthenticated,
  'an empty key': unauthenticated,
  'an unknown key': unauthenticated,
  "another namespace's key": forbidden,
  'a deleted key': unauthenticated,
  'an expired key': unauthenticated,
  'a key that lacks the scope': insufficient,
  "a key's id": unauthenticated,
  'the master key as x-api-key': unauthenticated,
  'an API key as x-master-api-key': unauthenticated,
  'the x-api-key header twice': unauthenticated,
  'the x-master-api-key header twice': unauthenticated,
  'an unknown master key': unauthenticated,
  'two master keys with a comma': unauthenticated,
  'an unknown bearer token': unauthenticated,
  "another namespace's key as a bearer token": forbidden,
  'a deleted key as a bearer token': unauthenticated,
  'an expired key as a bearer token': unauthenticated,
  'a key that lacks the scope as a bearer token': insufficient,
  'an empty bearer token': unauthenticated,
  'the authorization header twice': unauthenticated,
  'a right key as a token behind a comma': unauthenticated,
  'a key as the name of the scheme': unauthenticated,
  'the keys as passwords': unauthenticated,
  'an unknown key beside the right one as a bearer token': unauthenticated,
  'an empty key beside the right one as a bearer token': unauthenticated,
}

const brokenBodies: Record<string, { body: string; headers?: Record<string, string> }> = {
  'an empty body': { body: '' },
  'truncated JSON': { body: '{"requestor":"' },
  'a repeated name': { body: '{"requestor":"a","requestor":"b"}' },
  'an unknown property': { body: '{"requester":1}' },
  'a form': {
    body: 'requestor=a',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  },
  'an announced giant': { body: '{}', headers: { 'content-length': '99999999999' } },
  'a giant': { body: `{"requestor":"${'a'.repeat(5_000)}"}` },
}

let app: TestApp
let victim: string
const headersOf = new Map<string, [string, string][]>()

beforeAll(async () => {
  app = await testApp({ bodyLimitBytes: 4_096 })
  const shop = await app.keyFor('shop')
  await shop.patch({ add: ['A', 'B', 'C'], batch: 'june' })
  await shop.match('holder')
  await addWebhook(app)
  const other = await app.keyFor('other')
  const deleted = await app.keyFor('shop')
  await deleted.stats()
  const deletion = new Request(`${origin}/admin/api-keys/${deleted.id}`, { method: 'DELETE' })
  deletion.headers.set('x-master-api-key', masterKey)
  expect((await app.send(deletion)).status).toBe(200)
  const expiresAt = new Date(firstMoment + 1_000).toISOString()
  const expiring = await app.keyFor('shop', { expiresAt })
  expect((await expiring.stats()).status).toBe(200)
  app.advance(1_000)
  victim = shop.id
  for (const scope of allScopes) {
    const scopes = allScopes.filter((each) => each !== scope)
    const { apiKey } = await app.keyFor('shop', { scopes })
    headersOf.set(`a key that lacks the scope ${scope}`, [['x-api-key', apiKey]])
    headersOf.set(`a key that lacks the scope as a bearer token ${scope}`, [bearer(apiKey)])
  }
  // Each is right for some of the routes.
  const beside = (key: string): [string, string][] => [
    ['x-api-key', key],
    ['x-master-api-key', key],
  ]
  const credentials: Record<string, [string, string][]> = {
    'no key': [],
    'an empty key': [
      ['x-api-key', ''],
      ['x-master-api-key', ''],
    ],
    'an unknown key': [['x-api-key', 'zaas_0000000000000000000000000000000000']],
    "another namespace's key": [['x-api-key', other.apiKey]],
    'a deleted key': [['x-api-key', deleted.apiKey]],
    'an expired key': [['x-api-key', expiring.apiKey]],
    "a key's id": [['x-api-key', shop.id]],
    'the master key as x-api-key': [['x-api-key', masterKey]],
    'an API key as x-master-api-key': [['x-master-api-key', shop.apiKey]],
    'the x-api-key header twice': [
      ['x-api-key', shop.apiKey],
      ['x-api-key', shop.apiKey],
    ],
    'the x-master-api-key header twice': [
      ['x-master-api-key', masterKey],
      ['x-master-api-key', masterKey],
    ],
    'an unknown master key': [['x-master-api-key', 'not-the-master-key']],
    'two master keys with a comma': [['x-master-api-key', `${masterKey},${masterKey}`]],
    'an unknown bearer token': [bearer('zaas_0000000000000000000000000000000000')],
    "another namespace's key as a bearer token": [bearer(other.apiKey)],
    'a deleted key as a bearer token': [bearer(deleted.apiKey)],
    'an expired key as a bearer token': [bearer(expiring.apiKey)],
    'an empty bearer token': [['authorization', 'Bearer ']],
    'the API key': [['x-api-key', shop.apiKey]],
    'the master key': [['x-master-api-key', masterKey]],
    'the API key as a bearer token': [bearer(shop.apiKey)],
    'the master key as a bearer token': [bearer(masterKey)],
  }
  for (const [name, headers] of Object.entries(credentials)) headersOf.set(name, headers)
  for (const [kind, key] of [
    ['master', masterKey],
    ['key', shop.apiKey],
  ] as const) {
    const wrong: Record<string, [string, string][]> = {
      'the authorization header twice': [bearer(key), bearer(key)],
      'a right key as a token behind a comma': [['authorization', `Bearer x, Bearer ${key}`]],
      'a key as the name of the scheme': [['authorization', key]],
      'the keys as passwords': [['authorization', `Basic ${key}`]],
      'an unknown key beside the right one as a bearer token': [...beside('unknown'), bearer(key)],
      'an empty key beside the right one as a bearer token': [...beside(''), bearer(key)],
    }
    for (const [name, headers] of Object.entries(wrong)) headersOf.set(`${name} ${kind}`, headers)
  }
})
afterAll(() => app.close())

type Body = string | ReadableStream<Uint8Array>
type Route = { method: string; pattern: string; access: Access; text?: string }

const bearer = (key: string): [string, string] => ['authorization', `Bearer ${key}`]

function credentialsOf(name: string, { access }: Route): [string, string][] {
  const kind = access === 'master' ? 'master' : 'key'
  const names = [name, `${name} ${access}`, `${name} ${kind}`, `${name} match`]
  const known = names.find((each) => headersOf.has(each))
  if (known === undefined) throw new Error(`There are no such credentials: ${name}`)
  return headersOf.get(known) ?? []
}

const expectedOf = (refusal: Refusal, { access }: Route) =>
  access === 'master' ? unauthenticated : refusal

/** A body that is text, where it is not JSON. */
const typeOf = ({ text }: Route) => (text === undefined ? 'application/json' : 'text/plain')

async function ask(
  route: Route,
  credentials: [string, string][],
  { body, query = '', headers = {} }: { body?: Body; query?: string; headers?: object } = {},
) {
  const { method, pattern } = route
  const path = pathOf(pattern, victim) + query
  const all = new Headers({ 'content-type': typeOf(route), ...headers })
  for (const [name, value] of credentials) all.append(name, value)
  const request = new Request(origin + path, { method, headers: all, ...(body && { body }) })
  const response = await app.send(request)
  const { status } = response
  if (status === 401) expect(response.headers.get('www-authenticate')).toBe(challengeTo(all))
  else expect(response.headers.has('www-authenticate')).toBe(false)
  const type = response.headers.get('content-type') ?? ''
  if (!type.startsWith('application/problem')) return { status }
  const { code } = (await response.json()) as { code: string }
  return { status, code }
}

/** An error is told only to who presented a token (RFC 6750, 3.1). */
function challengeTo(headers: Headers): string {
  const token = /^bearer \S/i.test(headers.get('authorization') ?? '')
  return token ? 'Bearer realm="zaas", error="invalid_token"' : 'Bearer realm="zaas"'
}

const pathOf = (pattern: string, apiKey: string) =>
  pattern
    .replace(':namespace', 'shop')
    .replace(':batch', 'june')
    .replace(':apiKey', apiKey)
    .replace(':id', 'whk_1')
    .replace(':delivery', 'msg_1')

/** A webhook with a delivery, to which nothing is sent: its address is that of nobody. */
const addWebhook = ({ db }: TestApp) =>
  db.write([
    {
      sql: `INSERT INTO webhooks (id, url, events, on_stock, secret, created_at)
            VALUES ('whk_1', 'https://127.0.0.1:9/', 'stock.low', 1, 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD', 0)`,
      params: [],
    },
    {
      sql: `INSERT INTO deliveries (message, webhook, event, at, payload, status)
            VALUES ('msg_1', 'whk_1', 'webhook.test', 0, '{}', 'failed')`,
      params: [],
    },
  ])

/** Every row of the database, once the writes that stand in the queue are done. */
async function everyRow() {
  const results = await app.db.write([
    { sql: 'SELECT * FROM items ORDER BY id', params: [] },
    { sql: 'SELECT * FROM api_keys ORDER BY rowid', params: [] },
    { sql: 'SELECT * FROM namespaces ORDER BY namespace', params: [] },
    { sql: 'SELECT * FROM webhooks ORDER BY id', params: [] },
    { sql: 'SELECT * FROM deliveries ORDER BY id', params: [] },
  ])
  return results.map(({ rows }) => rows.map((row) => Object.values(row)))
}

describe('the OpenAPI document', () => {
  const document = async () => {
    const { status, body } = await app.nobody<Document>('GET', '/swagger/json')
    expect(status).toBe(200)
    return body
  }

  test('is valid OpenAPI 3.1', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(await document())
    expect({ valid, errors, version: validator.version }).toEqual({
      valid: true,
      errors: undefined,
      version: '3.1',
    })
  })

  test('and this matrix know the same routes', async () => {
    const documented = Object.entries((await document()).paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(
        (method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      ),
    )
    const known = routes.filter(({ undocumented }) => !undocumented).map(({ route }) => route)
    expect(documented.sort()).toEqual(known.sort())
  })

  test('leaves out no route of the app that this matrix does not know', () => {
    const served = app.app.routes.map(({ method, path }) => `${method} ${path}`)
    expect(served.sort()).toEqual(Object.keys(matrix).sort())
  })

  test('says which files the items come and go in', async () => {
    const items = (await document()).paths['/namespaces/{namespace}/items']
    const typesOf = (body: object) => Object.keys((body as { content: object }).content)
    const { post, get } = items as Record<string, { requestBody: object; responses: object[] }>
    expect(typesOf(Object(post?.requestBody))).toEqual([
      'text/plain',
      'text/csv',
      'application/x-ndjson',
    ])
    expect(typesOf(Object(get?.responses[200]))).toEqual([
      'application/json',
      'text/csv',
      'application/x-ndjson',
    ])
  })

  test('says which key opens which route', async () => {
    const { paths } = await document()
    for (const { method, pattern, access, undocumented } of routes) {
      if (undocumented) continue
      const path = pattern.replaceAll(/:(\w+)/g, '{$1}')
      const operation = paths[path]?.[method.toLowerCase()]
      const scheme = access === 'master' ? 'masterKey' : 'apiKey'
      const either = [{ [scheme]: [] }, { [`${scheme}AsToken`]: [] }]
      if (access === 'anyone') expect(operation).not.toHaveProperty('security')
      else expect(operation).toHaveProperty('security', either)
    }
  })
})

describe.each(guarded)('$route', (route) => {
  const body = route.text ?? (route.body && JSON.stringify(route.body))

  test.each(Object.entries(wrongCredentials))('refuses %s', async (name, refusal) => {
    const before = await everyRow()
    const answer = await ask(route, credentialsOf(name, route), body ? { body } : {})
    expect(answer).toEqual(expectedOf(refusal, route))
    expect(await everyRow()).toEqual(before)
  })

  test('refuses the other kind of key, whatever it opens elsewhere', async () => {
    const name = route.access === 'master' ? 'the API key' : 'the master key'
    for (const each of [name, `${name} as a bearer token`]) {
      const answer = await ask(route, credentialsOf(each, route), body ? { body } : {})
      expect([each, answer]).toEqual([each, unauthenticated])
    }
  })

  test('tells an unauthorised caller nothing about its query', async () => {
    for (const [name, refusal] of Object.entries(wrongCredentials)) {
      const query = '?limit=abc&limit=1&unknown=%ff'
      const answer = await ask(route, credentialsOf(name, route), { query, ...(body && { body }) })
      expect([name, answer]).toEqual([name, expectedOf(refusal, route)])
    }
  })
})

describe.each(guarded.filter(({ method }) => method !== 'GET'))('$route', (route) => {
  test.each(Object.entries(brokenBodies))(
    'tells an unauthorised caller nothing about %s',
    async (_, broken) => {
      const before = await everyRow()
      for (const [name, refusal] of Object.entries(wrongCredentials)) {
        const answer = await ask(route, credentialsOf(name, route), broken)
        expect([name, answer]).toEqual([name, expectedOf(refusal, route)])
      }
      expect(await everyRow()).toEqual(before)
    },
  )

  test('reads nothing of the body of an unauthorised caller', async () => {
    let pulled = 0
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      pulled++
      controller.enqueue(new Uint8Array(1_024))
    }
    const body = new ReadableStream({ pull }, { highWaterMark: 0 })
    expect(await ask(route, [], { body })).toEqual(unauthenticated)
    expect(pulled).toBe(0)
  })
})

describe.each(forKeys)('$route', (route) => {
  test.each(['-shop', '%zz', '%ff', '%00', 'a%2Fb', 'a'.repeat(129), 'SHOP', 'shop%20'])(
    'is shut to a key that is not of the namespace %s',
    async (namespace) => {
      const pattern = route.pattern.replace(':namespace', namespace)
      expect(await ask({ ...route, pattern }, [])).toEqual(unauthenticated)
      expect(await ask({ ...route, pattern }, credentialsOf('the API key', route))).toEqual(
        forbidden,
      )
    },
  )
})

describe.each(routes)('$route', (route) => {
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PURGE']
  const allowed = routes
    .filter(({ pattern }) => pattern === route.pattern)
    .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
    .sort()

  test.each(methods.filter((method) => !allowed.includes(method)))(
    'answers %s with 405 before it looks at keys and bodies',
    async (method) => {
      const path = pathOf(route.pattern, victim)
      const body = method === 'GET' || method === 'HEAD' ? null : '{'
      const response = await app.send(new Request(origin + path, { method, body }))
      expect(response.status).toBe(405)
      expect(response.headers.get('allow')).toBe(allowed.join(', '))
    },
  )

  test(`opens to ${opener(route)}`, async () => {
    const fresh = await testApp()
    const scopes = forKeys.includes(route) ? [route.access] : ['read']
    const { id, call } = await fresh.keyFor('shop', { scopes })
    await (await fresh.keyFor('shop')).patch({ add: ['A'], batch: 'june' })
    if (route.pattern.includes('/webhooks/')) await addWebhook(fresh)
    const path = pathOf(route.pattern, id)
    const caller = { master: fresh.master, anyone: fresh.nobody }[String(route.access)] ?? call
    const { status } = await caller(route.method, path, route.text ?? route.body, {
      'content-type': typeOf(route),
    })
    expect(status).toBe(200)
    await fresh.close()
  })
})

describe.each(guarded)('$route', (route) => {
  test.each(['Bearer ', 'bearer ', 'BEARER   '])('opens to the right key as %j', async (scheme) => {
    const fresh = await testApp()
    const { id, apiKey, patch } = await fresh.keyFor('shop', { scopes: [...allScopes] })
    await patch({ add: ['A'], batch: 'june' })
    if (route.pattern.includes('/webhooks/')) await addWebhook(fresh)
    const path = pathOf(route.pattern, id)
    const key = route.access === 'master' ? masterKey : apiKey
    const { status } = await fresh.nobody(route.method, path, route.text ?? route.body, {
      'content-type': typeOf(route),
      authorization: scheme + key,
    })
    expect(status).toBe(200)
    await fresh.close()
  })

  test('lets its own header count, where a token for a proxy comes along', async () => {
    const name = route.access === 'master' ? 'the master key' : 'the API key'
    const headers = credentialsOf(name, route)
    const alone = await ask(route, headers, { query: '?unknown=1' })
    const both = await ask(route, [...headers, bearer('eyJ.of.a-proxy')], { query: '?unknown=1' })
    expect(both).toEqual(alone)
    expect(both.status).not.toBe(401)
  })
})

function opener({ access }: Route): string {
  if (access === 'anyone') return 'anyone'
  return access === 'master' ? 'the master key' : `a key with nothing but the scope ${access}`
}
