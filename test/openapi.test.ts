import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { scopes } from '../src/domain/api-key.ts'
import type { statusOf } from '../src/http/middleware/problems.ts'
import { examples } from '../src/http/openapi/examples.ts'
import { limits } from '../src/limits.ts'
import { masterKey, origin, type TestApp, testApp } from './support/app.ts'
import { openApiFiles } from './support/openapi.ts'
import { root } from './support/process.ts'

type Media = { example?: unknown; examples?: Record<string, { value: Problem }> }
type Problem = { code: keyof typeof statusOf; status: number; detail: string; errors?: unknown }
type Operation = {
  operationId: string
  summary: string
  description: string
  security?: Record<string, unknown>[]
  parameters: { name: string; in: string; example?: unknown }[]
  requestBody?: { content: Record<string, Media> }
  responses: Record<string, { description: string; content: Record<string, Media> }>
}
type Document = { paths: Record<string, Record<string, Operation>> }

const document: Document = await Bun.file(join(root, 'openapi.json')).json()
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    operation,
  })),
)
type Documented = (typeof operations)[number]

const namespace = 'summer-sale'
let app: TestApp
/** The key that the examples make, and its id. */
let made: { apiKey: string; id: string }

/** The webhook and the delivery that the examples make. Its receiver never answers, so that nothing becomes of it. */
let hook: { id: string; delivery: string }
const exampleReceiver = 'https://hooks.example.com/zaas'
const silent = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: () => new Promise<Response>(() => {}),
})
const receiver = `http://127.0.0.1:${silent.port}/zaas`

beforeAll(async () => {
  app = await testApp({ webhooksAllowPrivate: true })
})
afterAll(async () => {
  await app.close()
  await silent.stop(true)
})

test('openapi.json and the types of the client are those of the routes: bun run openapi', async () => {
  for (const [path, text] of Object.entries(await openApiFiles())) {
    expect([path, await Bun.file(join(root, path)).text()]).toEqual([path, text])
  }
})

describe('the examples, played in their order', () => {
  test('are there for every operation', () => {
    expect(Object.keys(examples).sort()).toEqual(operations.map(({ name }) => name).sort())
  })

  test.each(Object.keys(examples))('%s', async (name) => {
    const documented = operations.find((each) => each.name === name)
    if (!documented) throw new Error('There is no such operation.')
    const { operation } = documented
    const bodies = Object.entries(operation.requestBody?.content ?? { '': {} })
    const answers = Object.entries(operation.responses['200']?.content ?? {})
    for (const [type, { example: body }] of bodies) {
      for (const [accept, { example: shown }] of answers) {
        const answer = await send(documented, { ...(type && { body, type }), headers: { accept } })
        expect([type, accept, answer.status]).toEqual([type, accept, 200])
        expect(answer.type.split(';')).toContain(accept)
        if (name === 'GET /metrics') {
          // The example has a few of the lines.
          const lines = String(answer.body).split('\n')
          expect(lines).toEqual(expect.arrayContaining(String(shown).split('\n')))
        } else expect(withoutChance(answer.body)).toEqual(withoutChance(shownFor(type, shown)))
        if (name === 'POST /admin/api-keys') made = answer.body as typeof made
        const { id } = Object(answer.body)
        if (name === 'POST /admin/webhooks') hook = { id, delivery: '' }
        if (name === 'POST /admin/webhooks/{id}/test') hook.delivery = id
      }
    }
  })
})

describe.each(operations)('$name', (documented) => {
  const { operation } = documented

  test('has all that a reader and a generator ask for', () => {
    expect(operation.operationId).toMatch(/^[a-z][A-Za-z]+$/)
    expect(operation.summary).toMatch(/^[A-Z].{5,59}[^.]$/)
    expect(operation.description).toMatch(/^\w.{10,}\.$/s)
    for (const { content } of Object.values(operation.responses)) {
      for (const media of Object.values(content)) {
        expect(media.example ?? media.examples).toBeDefined()
      }
    }
  })

  test('shows each of its problems as zaas tells it', async () => {
    const { '200': _, ...failures } = operation.responses
    for (const [status, { content }] of Object.entries(failures)) {
      const shown = Object.entries(content['application/problem+json']?.examples ?? {})
      expect(shown.length).toBeGreaterThan(0)
      for (const [code, { value }] of shown) {
        expect([code, String(value.code), value.status]).toEqual([code, code, Number(status)])
        const answer = await provoke(value.code, documented)
        if (answer) expect(withoutChance(answer.body)).toEqual(withoutChance(value))
        else expect(['internal', 'unavailable', ...breakingOff]).toContain(code)
      }
    }
  })

  // An upload that breaks off needs a socket: test/processes/uploads.ts.
  const breakingOff =
    documented.name === 'POST /namespaces/{namespace}/items' ? ['malformed_body'] : []
})

/** The answer that is shown is to the first type: how another was read is told of that one. */
function shownFor(type: string, shown: unknown): unknown {
  return type === 'text/csv' || type === 'application/x-ndjson'
    ? { ...Object(shown), read: expectedRead[type] }
    : shown
}

const expectedRead = {
  'text/csv': {
    ...{ encoding: 'utf-8', delimiter: ';', header: ['Code', 'Value'], column: 1 },
    ...{ ignored: ['Value'], lines: 3 },
  },
  'application/x-ndjson': {
    ...{ encoding: 'utf-8', delimiter: null, header: null, column: null, ignored: [], lines: 2 },
  },
}

type Message = {
  body?: unknown
  type?: string
  query?: string
  headers?: Record<string, string>
  key?: string
  batch?: string
  id?: string
}

async function send({ path, method, operation }: Documented, message: Message) {
  const { body, type, query = '', headers = {}, key, batch = 'june', id = hook?.id } = message
  const apiKey = key ?? made?.apiKey
  const [security] = operation.security ?? []
  const response = await app.send(
    new Request(
      origin +
        path
          .replace('{namespace}', namespace)
          .replace('{batch}', batch)
          .replace('{apiKey}', made?.id)
          .replace('{id}', id)
          .replace('{delivery}', hook?.delivery) +
        query,
      {
        method,
        headers: {
          ...(security && 'apiKey' in security && { 'x-api-key': apiKey }),
          ...(security && 'masterKey' in security && { 'x-master-api-key': key ?? masterKey }),
          ...(type && { 'content-type': type }),
          ...headers,
        },
        ...(body !== undefined && {
          body: (typeof body === 'string' ? body : JSON.stringify(body)).replace(
            exampleReceiver,
            receiver,
          ),
        }),
      },
    ),
  )
  const text = await response.text()
  const answered = response.headers.get('content-type') ?? 'text/plain'
  return {
    status: response.status,
    type: answered,
    body: /json$|json;/.test(answered) && !answered.includes('ndjson') ? JSON.parse(text) : text,
  }
}

/** Requests that break a rule, where an unknown query parameter is not the example. */
const invalid: Record<string, Message> = {
  'POST /admin/api-keys': { body: {} },
  'PATCH /namespaces/{namespace}/items': { body: { add: ['A'], remove: ['A'] } },
  'POST /namespaces/{namespace}/match': { body: {} },
  'POST /namespaces/{namespace}/match/batch': { body: {} },
  'POST /namespaces/{namespace}/confirm': { body: { requestor: 'user-123' } },
  'PATCH /namespaces/{namespace}': { body: { lowStockBelow: 0 } },
  'PATCH /admin/namespaces/{namespace}': { body: { lowStockBelow: 0 } },
  'PUT /namespaces/{namespace}/items': { body: {} },
  'POST /namespaces/{namespace}/items': { query: '?header=maybe' },
  'GET /namespaces/{namespace}/items': { query: '?limit=0' },
  'GET /namespaces/{namespace}/batches': { query: '?limit=0' },
  'GET /namespaces/{namespace}/stats/history': { query: '?step=week' },
  'GET /admin/namespaces': { query: '?limit=0' },
  'GET /namespaces/{namespace}/history': { query: '?limit=0' },
  'GET /admin/history': { query: '?limit=0' },
  'POST /namespaces/{namespace}/forget': { body: {} },
  'POST /admin/forget': { body: {} },
  'GET /admin/api-keys': { query: '?namespace=-' },
  'POST /admin/webhooks': { body: { url: receiver } },
  'PATCH /admin/webhooks/{id}': { body: { disabled: 1 } },
  'GET /admin/webhooks': { query: '?limit=0' },
  'GET /admin/webhooks/{id}/deliveries': { query: '?limit=0' },
}

/** Makes an operation fail with this code; undefined where no request can. */
async function provoke(code: Problem['code'], documented: Documented) {
  const { name, operation } = documented
  const [type = ''] = Object.keys(operation.requestBody?.content ?? {})
  const keyWith = async (space: string, scopes: string[]) =>
    (await app.keyFor(space, { scopes })).apiKey
  const key = await keyWith(namespace, [...scopes])
  const opened = operation.security?.some((each) => 'apiKey' in each) ? { key } : {}
  switch (code) {
    case 'unauthenticated':
      return send(documented, { key: 'none' })
    case 'forbidden':
      return send(documented, { key: await keyWith('other', ['match']) })
    case 'insufficient_scope': {
      const others = scopes.filter((scope) => scope !== examples[name]?.scope)
      return send(documented, { key: await keyWith(namespace, others) })
    }
    case 'malformed_body':
      return type === 'application/json'
        ? send(documented, { ...opened, type, body: '{' })
        : undefined
    case 'body_too_large':
      return send(documented, {
        ...opened,
        type,
        body: '',
        headers: { 'content-length': '9999999999' },
      })
    case 'unsupported_media_type':
      return send(documented, { ...opened, type: 'text/html', body: '<p>' })
    case 'invalid':
      return send(documented, { ...opened, type, ...(invalid[name] ?? { query: '?unknown=1' }) })
    case 'not_found':
      return send(documented, {
        ...{ ...opened, batch: 'unknown', id: 'unknown' },
        ...(type && { type, body: {} }),
      })
    case 'conflict': {
      if (name.endsWith('/items')) {
        const keyed = { ...opened, type, headers: { 'idempotency-key': name } }
        await send(documented, { ...keyed, body: name.startsWith('PUT') ? { items: [] } : {} })
        return send(documented, { ...keyed, body: { note: 'another' } })
      }
      if (name.includes('/admin/webhooks')) return provokeConflict(documented)
      const body =
        name === 'POST /admin/api-keys' ? { namespace, apiKey: key } : { requestors: 'folded' }
      return send(documented, { ...opened, type, body })
    }
    case 'unavailable': {
      if (name !== 'GET /health/ready') return undefined
      app.announceStop()
      return send(documented, {})
    }
    default:
      return undefined
  }
}

/** Makes as many webhooks as can be, rotates a secret too often, or disables a webhook. */
async function provokeConflict(documented: Documented) {
  const body = { url: receiver, events: ['stock.low'] }
  const created = await app.master<{ id: string }>('POST', '/admin/webhooks', body)
  const { id } = created.body
  if (documented.name === 'POST /admin/webhooks') {
    const { max } = limits.webhooks
    const fill = `INSERT INTO webhooks (id, url, events, on_stock, secret, created_at)
      WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
      SELECT 'whk_' || n, '', '', 0, '', 0 FROM n`
    await app.db.write([{ sql: fill, params: [max] }])
    const answer = await send(documented, { type: 'application/json', body })
    const empty = `DELETE FROM webhooks WHERE url = ''`
    await app.db.write([{ sql: empty, params: [] }])
    return answer
  }
  for (let n = 0; n < limits.webhooks.earlierSecretsMax; n++)
    await app.master('POST', `/admin/webhooks/${id}/rotate`)
  await app.master('PATCH', `/admin/webhooks/${id}`, { disabled: true })
  return send(documented, { id })
}

/** A value with each time, id and key replaced by its kind. */
function withoutChance(value: unknown): unknown {
  const text = JSON.stringify(value)
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/key_[\w-]+/g, 'ID')
    .replaceAll(/"masterKey":"[\da-f]{8}"/g, '"masterKey":"FINGERPRINT"')
    .replaceAll(/(whk|msg)_[\w-]+/g, 'ID')
    .replaceAll(/whsec_[\w+/=]+/g, 'SECRET')
    .replaceAll(receiver, exampleReceiver)
    .replaceAll(/import-\d{8}T\d{6}Z-[\w-]{1,8}/g, 'BATCH')
    .replaceAll(/zaas_\w{33}/g, 'KEY')
    .replaceAll(/zaas_\w{4}…/g, 'MASKED')
    .replaceAll(/"requestId":"[^"]+"/g, '"requestId":"ID"')
  return JSON.parse(text)
}
