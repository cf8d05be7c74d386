import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { limits } from '../src/limits.ts'
import { masterKey, tempFolder, testApp } from './support/app.ts'
import { rawAnswer } from './support/raw.ts'
import { type Server, startServer } from './support/server.ts'

const folder = tempFolder()
let server: Server

beforeAll(async () => {
  server = await startServer(`file:${join(folder.path, 'zaas.db')}`)
  const shop = await server.keyFor('shop')
  await shop.patch({ add: ['A'] })
})
afterAll(async () => {
  await server.stop('SIGKILL')
  folder.remove()
})

/** What an operator gets who sends this target as it stands. */
async function ask(target: string, line = `GET ${target} HTTP/1.1\r\nHost: localhost`) {
  const head = `${line}\r\nx-master-api-key: ${masterKey}\r\nconnection: close\r\n\r\n`
  const answer = await rawAnswer(server.port, head)
  const bodyAt = answer.indexOf('\r\n\r\n') + 4
  return { status: Number(answer.split(' ')[1]), body: answer.slice(bodyAt) }
}

const dots = 'The path of the request must have no segments . and .., percent-encoded or not.'
const backslash = 'The path of the request must have no backslash that is not percent-encoded.'
const control = 'The path of the request must have no control characters, percent-encoded or not.'
const fragment = 'The target of the request must have no fragment.'
const form = 'The target of the request must be a path, with or without a query.'
const respelled =
  'The path of the request must be written without dot segments, backslashes and //.'

test.each([
  ['/./admin/namespaces', dots],
  ['/x/../admin/namespaces', dots],
  ['/namespaces/../admin/namespaces', dots],
  ['/namespaces/%2e%2e/admin/namespaces', dots],
  ['/namespaces/.%2E/admin/namespaces', dots],
  ['/%2e/admin/namespaces', dots],
  ['/admin/namespaces/.', dots],
  ['/admin/namespaces/x/..', dots],
  ['/..', dots],
  ['/nowhere/./at/all', dots],
  ['http://localhost/x/../admin/namespaces', dots],
  ['/admin/namespaces/../namespaces?limit=1', dots],
  ['/.\\admin/namespaces', backslash],
  ['/\\admin/namespaces', backslash],
  ['/admin\\namespaces', backslash],
  ['/x\\..\\admin/namespaces', backslash],
  ['/admin/x\\%2e%2e\\namespaces', backslash],
  ['/admin/%5c\\..\\namespaces?a=%5c%5c', backslash],
  ['/namespaces/a\\..\\shop/items', backslash],
  ['/admin/namespaces%00', control],
  ['/admin/namespaces%0d%0a', control],
  ['/admin%1f/namespaces', control],
  ['/admin/namespaces%7f', control],
  ['/admin/namespaces\x7f', control],
  ['/admin//namespaces%09', control],
  ['/admin/namespaces#x', fragment],
  ['/admin/namespaces?limit=1#x', fragment],
  ['/x//../../admin/namespaces', respelled],
  ['//../admin/namespaces', respelled],
  [`/${'x/'.repeat(9)}${'../'.repeat(9)}admin/namespaces`, respelled],
  ['/x//..\\..\\admin/namespaces', respelled],
])('the target %j is a 400', async (target, detail) => {
  const { status, body } = await ask(target)

  expect({ status, ...JSON.parse(body) }).toEqual({
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    detail,
    code: 'malformed_body',
    requestId: expect.any(String),
  })
})

test.each([
  ['CONNECT', 'localhost:443'],
  ['CONNECT', 'http:443'],
])('%s %s is a 400', async (method, target) => {
  const { status, body } = await ask('', `${method} ${target} HTTP/1.1\r\nHost: localhost`)

  expect([status, JSON.parse(body).detail]).toEqual([400, form])
})

test.each([
  '//admin/namespaces',
  '/admin//namespaces',
  '/%61dmin/namespaces',
  '/admin%2fnamespaces',
  '/admin/namespaces%2f',
  '/ADMIN/namespaces',
  '/admin;x/namespaces',
  '/admin/namespaces;x',
  '/admin/namespaces/',
  '/namespaces/x/..;/admin/namespaces',
  '/admin/...',
  '/admin/namespaces%20',
  `/${'x/'.repeat(20)}y`,
])('the target %j is no route', async (target) => {
  expect(await ask(target)).toMatchObject({ status: 404 })
})

test.each(['/namespaces/..%2fadmin%2fnamespaces', '/namespaces/..%5cadmin%5cnamespaces'])(
  'the target %j is that of a namespace, whose key a master key is not',
  async (target) => {
    expect(await ask(target)).toMatchObject({ status: 401 })
  },
)

test.each([
  '*',
  'admin/namespaces',
  '\\admin/namespaces',
  '/admin/name\0spaces',
  '/admin /x',
  '/a\tb',
])('the target %j gets no answer but one of Bun', async (target) => {
  const { status, body } = await ask(target)

  expect([[400, 505].includes(status), body]).toEqual([true, ''])
})

test.each([
  ['/admin/namespaces', 200],
  ['/admin/namespaces?limit=..', 422],
  ['http://elsewhere.example/admin/namespaces', 200],
])('the target %j is as good as the path in it', async (target, status) => {
  expect(await ask(target)).toMatchObject({ status })
})

test('a key of backslashes can still be deleted, percent-encoded', async () => {
  const apiKey = 'a\\b#c\\..\\d%5c'
  const made = await server.send(
    new Request(`${server.origin}/admin/api-keys`, {
      method: 'POST',
      headers: { 'x-master-api-key': masterKey, 'content-type': 'application/json' },
      body: JSON.stringify({ namespace: 'shop', apiKey }),
    }),
  )
  expect(made.status).toBe(200)
  const line = `DELETE /admin/api-keys/${encodeURIComponent(apiKey)} HTTP/1.1\r\nHost: localhost`

  expect(await ask('', line)).toMatchObject({ status: 200 })
})

test('without a Host, HTTP/1.1 is a 400, and HTTP/1.0 is held to the same paths', async () => {
  expect(await ask('', 'GET /admin/namespaces HTTP/1.1')).toEqual({ status: 400, body: '' })
  expect(await ask('', 'GET /admin/namespaces HTTP/1.0')).toMatchObject({ status: 200 })
  const absolute = 'GET http://localhost/admin/namespaces HTTP/1.0'
  expect(await ask('', absolute)).toMatchObject({ status: 200 })
  for (const path of ['/x/../admin/namespaces', '/.\\admin/namespaces', '//../admin/namespaces'])
    expect(await ask('', `GET ${path} HTTP/1.0`)).toMatchObject({ status: 400 })
})

test('a refused request has its line in the log, without its path', async () => {
  const line = `DELETE /x/../admin/api-keys/zaas_SECRET HTTP/1.1\r\nHost: localhost\r\nx-request-id: refused-1`
  const { body } = await ask('', line)
  expect(JSON.parse(body).requestId).toBe('refused-1')
  const logged = () => server.lines.filter(({ requestId }) => requestId === 'refused-1')
  while (logged().length === 0) await Bun.sleep(10)

  expect(logged()).toEqual([
    expect.objectContaining({ method: 'DELETE', route: null, status: 400, msg: 'request' }),
  ])
  expect(JSON.stringify(server.lines)).not.toContain('SECRET')
})

test('no route has more segments than are looked at', async () => {
  const { app, close } = await testApp()
  await close()
  const lengths = app.routes.map(({ path }) => path.split('/').length - 1)

  expect(Math.max(...lengths)).toBeLessThanOrEqual(limits.http.pathSegmentsMax)
})
