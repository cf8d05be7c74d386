import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { origin, type TestApp, testApp } from '../support/app.ts'
import { seriesValue } from '../support/exposition.ts'

const MiB = 2 ** 20
const unavailable = { status: 503, retry: '1', code: 'unavailable' }

type Key = Awaited<ReturnType<TestApp['keyFor']>>

let app: TestApp
let shop: Key
/** Of another namespace, with a share of its own. */
let attic: Key

beforeEach(async () => {
  app = await testApp()
  shop = await app.keyFor('shop')
  attic = await app.keyFor('attic')
})
afterEach(() => app.close())

/** A body of some white space that stays open until it is ended. */
function openBody(bytes: number) {
  let end = (_text: string) => {}
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(Buffer.alloc(bytes, ' '))
      end = (text) => {
        controller.enqueue(new TextEncoder().encode(text))
        controller.close()
      }
    },
  })
  return { body, end }
}

async function send(method: string, type: string, bytes = 0, key = shop) {
  const { body, end } = openBody(bytes)
  const url = `${origin}/namespaces/${key === shop ? 'shop' : 'attic'}/items`
  const headers = { 'x-api-key': key.apiKey, 'content-type': type }
  const answer = app.send(new Request(url, { method, headers, body }))
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

test('bodies past 64 MiB in all are a 503, until others are answered; matches go on', async () => {
  const bytes = 16 * MiB - 100
  const patch = (key = shop) => send('PATCH', 'application/json', bytes, key)
  await until('zaas_http_body_bytes', 0)
  const open = await Promise.all([patch(), patch(), patch(attic), patch(attic)])
  await until('zaas_http_body_bytes', 4 * bytes)

  const third = app.keyFor('cellar')
  expect(await told((await patch()).answer)).toEqual(unavailable)
  expect((await (await third).patch({ add: ['A'] })).status).toBe(200)
  expect((await shop.match('r')).status).toBe(200)
  open[0]?.end('{"add":["A"]}')
  expect((await open[0]?.answer)?.status).toBe(200)
  open[1]?.end('{')
  expect((await open[1]?.answer)?.status).toBe(400)
  await until('zaas_http_body_bytes', 2 * bytes)
  expect((await shop.patch({ add: ['B'] })).status).toBe(200)

  for (const { end } of open.slice(2)) end('{}')
  for (const { answer } of open.slice(2)) expect((await answer).status).toBe(200)
  await until('zaas_http_body_bytes', 0)
})

test('a large body counts as it comes, whatever length it says, and a small one not at all', async () => {
  const headers = { 'x-api-key': shop.apiKey, 'content-type': 'application/json' }
  for (const length of [16 * MiB, 100]) {
    const { body, end } = openBody(50)
    const all = { ...headers, 'content-length': String(length) }
    const url = `${origin}/namespaces/shop/items`
    const answer = app.send(new Request(url, { method: 'PATCH', headers: all, body }))
    await until('zaas_http_body_bytes', length === 100 ? 0 : 50)
    end('{"add":["A"]}')

    expect((await answer).status).toBe(200)
    await until('zaas_http_body_bytes', 0)
  }
})

test('a body whose caller goes away is a 400', async () => {
  for (const length of ['16777216', '100', undefined]) {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) })
    const headers = { 'x-api-key': shop.apiKey, 'content-type': 'application/json' }
    const url = `${origin}/namespaces/shop/match`
    const all = { ...headers, ...(length && { 'content-length': length }) }
    const answer = await app.send(new Request(url, { method: 'POST', headers: all, body }))

    expect(await answer.json()).toMatchObject({ status: 400, code: 'malformed_body' })
  }
})

test('a ninth import is a 503, until one of the others has ended', async () => {
  const open = await Promise.all(
    [shop, shop, shop, shop, attic, attic, attic, attic].map((key) =>
      send('POST', 'text/plain', 0, key),
    ),
  )
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
  await attic.patch({ add: Array.from({ length: 300 }, (_, n) => `item-${n}`) })
  const list = async (key = shop) => {
    const headers = { 'x-api-key': key.apiKey }
    const url = `${origin}/namespaces/${key === shop ? 'shop' : 'attic'}/items`
    return app.send(new Request(url, { headers }))
  }
  const open: Response[] = []
  while (open.length < 32) open.push(await list())
  while (open.length < 64) open.push(await list(attic))

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
    const { status, body } = await app.send(new Request(url, { method: 'HEAD', headers }))
    expect({ status, body }).toEqual({ status: 200, body: null })
  }
  expect(await level('zaas_lists_running')).toBe(0)
})

describe('the share of one namespace', () => {
  test('is half of the bytes of bodies, and the others have the rest', async () => {
    const bytes = 16 * MiB - 100
    const open = await Promise.all([1, 2].map(() => send('PATCH', 'application/json', bytes)))
    await until('zaas_http_body_bytes', 2 * bytes)

    expect(await told((await send('PATCH', 'application/json', bytes)).answer)).toEqual(unavailable)
    const other = await send('PATCH', 'application/json', bytes, attic)
    await until('zaas_http_body_bytes', 3 * bytes)
    for (const { end } of [...open, other]) end('{"add":["A"]}')
    const answers = await Promise.all([...open, other].map(({ answer }) => answer))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    await until('zaas_http_body_bytes', 0)
    expect((await shop.patch({ add: ['B'] })).status).toBe(200)
  })

  test('is half of the imports', async () => {
    const open = await Promise.all([1, 2, 3, 4].map(() => send('POST', 'text/plain')))
    await until('zaas_imports_running', 4)

    expect(await told((await send('POST', 'text/plain')).answer)).toEqual(unavailable)
    expect((await attic.import('A\n')).body).toMatchObject({ added: 1 })
    for (const { end } of open) end('A\n')
    for (const { answer } of open) expect((await answer).status).toBe(200)
    expect((await shop.import('B\n')).body).toMatchObject({ added: 1 })
  })

  test('is half of the whole lists', async () => {
    const items = Array.from({ length: 300 }, (_, n) => `item-${n}`)
    for (const key of [shop, attic]) await key.patch({ add: items })
    const headers = { 'x-api-key': shop.apiKey }
    const list = async () => app.send(new Request(`${origin}/namespaces/shop/items`, { headers }))
    const open: Response[] = []
    while (open.length < 32) open.push(await list())

    expect(await told(list())).toEqual(unavailable)
    expect((await attic.list()).body.items).toHaveLength(300)
    await Promise.all(open.map((response) => response.body?.cancel()))
    expect((await shop.list()).body.items).toHaveLength(300)
  })
})
