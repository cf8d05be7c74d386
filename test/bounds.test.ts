import { afterEach, beforeEach, expect, test } from 'bun:test'
import { origin, type TestApp, testApp } from './support/app.ts'
import { seriesValue } from './support/exposition.ts'

const MiB = 2 ** 20
const unavailable = { status: 503, retry: '1', code: 'unavailable' }

let app: TestApp
let shop: Awaited<ReturnType<TestApp['keyFor']>>

beforeEach(async () => {
  app = await testApp()
  shop = await app.keyFor('shop')
})
afterEach(() => app.close())

/** A body that stays open until it is ended. */
function openBody() {
  let end = (_text: string) => {}
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      end = (text) => {
        controller.enqueue(new TextEncoder().encode(text))
        controller.close()
      }
    },
  })
  return { body, end }
}

async function send(method: string, type: string, headers: object = {}) {
  const { body, end } = openBody()
  const url = `${origin}/namespaces/shop/items`
  const all = { 'x-api-key': shop.apiKey, 'content-type': type, ...headers }
  const answer = app.send(new Request(url, { method, headers: all, body }))
  return { answer, end }
}

async function told(answer: Promise<Response>) {
  const { status, headers, body } = await answer
  const { code } = (await new Response(body).json()) as { code: string }
  return { status, retry: headers.get('retry-after'), code }
}

const level = async (name: string) =>
  seriesValue((await app.master<string>('GET', '/metrics')).body, name)

/** Waits until a gauge says so. */
async function until(name: string, value: number): Promise<void> {
  while ((await level(name)) !== value) await new Promise(setImmediate)
}

test('bodies past 64 MiB in all are a 503 before they are read, until others are answered', async () => {
  const announced = { 'content-length': String(16 * MiB) }
  const patch = () => send('PATCH', 'application/json', announced)
  await until('zaas_http_body_bytes', 0)
  const open = await Promise.all([patch(), patch(), patch(), patch()])
  await until('zaas_http_body_bytes', 64 * MiB)

  expect(await told((await patch()).answer)).toEqual(unavailable)
  open[0]?.end('{"add":["A"]}')
  expect((await open[0]?.answer)?.status).toBe(200)
  open[1]?.end('{')
  expect((await open[1]?.answer)?.status).toBe(400)
  await until('zaas_http_body_bytes', 32 * MiB)
  expect((await shop.patch({ add: ['B'] })).status).toBe(200)

  for (const { end } of open.slice(2)) end('{}')
  for (const { answer } of open.slice(2)) expect((await answer).status).toBe(200)
  await until('zaas_http_body_bytes', 0)
})

test('a body of unknown length counts as it comes', async () => {
  const { answer, end } = await send('PATCH', 'application/json')
  end(`{"add":["A"]}${' '.repeat(1_000)}`)

  expect((await answer).status).toBe(200)
  await until('zaas_http_body_bytes', 0)
})

test('a ninth import is a 503, until one of the others has ended', async () => {
  const open = await Promise.all(Array.from({ length: 8 }, () => send('POST', 'text/plain')))
  await until('zaas_imports_running', 8)

  expect(await told((await send('POST', 'text/plain')).answer)).toEqual(unavailable)
  open[0]?.end('A\n')
  expect((await open[0]?.answer)?.status).toBe(200)
  expect((await shop.import('B\n')).body).toMatchObject({ added: 1 })

  for (const { end } of open.slice(1)) end('C\n')
  await Promise.all(open.map(({ answer }) => answer))
  expect(await level('zaas_imports_running')).toBe(0)
})

test('a 65th list is a 503, until one of the others has ended or its caller has gone', async () => {
  await shop.patch({ add: Array.from({ length: 300 }, (_, n) => `item-${n}`) })
  const headers = { 'x-api-key': shop.apiKey }
  const list = async () => app.send(new Request(`${origin}/namespaces/shop/items`, { headers }))
  const open: Response[] = []
  while (open.length < 64) open.push(await list())

  expect(await told(list())).toEqual(unavailable)
  expect((await shop.list('?limit=1')).body.items).toHaveLength(1)
  expect(JSON.parse((await open[0]?.text()) ?? '').items).toHaveLength(300)
  await open[1]?.body?.cancel()
  expect(await level('zaas_lists_running')).toBe(62)
  expect((await list()).status).toBe(200)
})

test('HEAD of a list holds none of these places', async () => {
  const headers = { 'x-api-key': shop.apiKey }
  const url = `${origin}/namespaces/shop/items`
  await shop.patch({ add: Array.from({ length: 300 }, (_, n) => `item-${n}`) })
  for (let n = 0; n < 65; n++) {
    expect((await app.send(new Request(url, { method: 'HEAD', headers }))).status).toBe(200)
  }
})
