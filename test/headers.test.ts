import { afterAll, beforeAll, expect, test } from 'bun:test'
import { masterKey, origin, type TestApp, testApp } from './support/app.ts'

let app: TestApp
let apiKey: string

beforeAll(async () => {
  app = await testApp()
  const shop = await app.keyFor('shop')
  apiKey = shop.apiKey
  await shop.patch({ add: ['A'] })
})
afterAll(() => app.close())

const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
  app.send(new Request(origin + path, { method, headers }))

test('every answer says nosniff once, whatever its route, status and type', async () => {
  const keys = { 'x-api-key': apiKey, 'x-master-api-key': masterKey }
  const paths = app.app.routes.map(({ method, path }) => ({
    method,
    path: path.replace(':namespace', 'shop').replace(/:\w+/, 'x'),
  }))
  expect(paths.length).toBeGreaterThan(20)
  const asked = [...paths, { method: 'GET', path: '/nowhere' }, { method: 'POST', path: '/' }]
  const types = ['application/json', 'text/csv', 'application/x-ndjson', 'text/html']
  for (const { method, path } of asked) {
    for (const headers of [{}, ...types.map((accept) => ({ ...keys, accept }))]) {
      const answer = await ask(method, path, headers)
      await answer.arrayBuffer()
      const said = answer.headers.get('x-content-type-options')
      expect([method, path, answer.status, said]).toEqual([method, path, answer.status, 'nosniff'])
    }
  }
})

test.each([
  '/swagger',
  '/swagger/page.js',
  '/swagger/style.css',
  '/swagger/swagger-ui-bundle.js',
  '/swagger/swagger-ui.css',
  '/console',
  '/console/main.js',
  '/console/style.css',
])('no other site gets at %s, and a browser that has it keeps that', async (path) => {
  const isolated = {
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  }
  const answer = await ask('GET', path)
  const again = await ask('GET', path, { 'if-none-match': answer.headers.get('etag') ?? '' })

  expect(answer.status).toBe(200)
  expect(Object.fromEntries(answer.headers)).toMatchObject(isolated)
  expect(again.status).toBe(304)
  expect(Object.fromEntries(again.headers)).toMatchObject(isolated)
})

test('no hook makes every request parse cookies and headers, as one that takes its context apart would', () => {
  expect(Reflect.get(app.app, 'inference')).toMatchObject({ cookie: false, headers: false })
})
