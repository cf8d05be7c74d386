import { Database as Sqlite } from 'bun:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { masterKey, tempFolder } from '../support/app.ts'
import {
  type FrontProxy,
  host,
  names,
  rawTlsAnswer,
  request,
  startFrontProxy,
} from '../support/front-proxies.ts'
import { freePort } from '../support/process.ts'
import { RawConnection } from '../support/raw.ts'
import { matchOf } from '../support/raw-match.ts'
import { type Server, startServer } from '../support/server.ts'

// What the proxies of docs and `deploy/` do for zaas. Run by `bun run test:operations`.

const MiB = 2 ** 20
const folder = tempFolder()
const path = join(folder.path, 'zaas.db')
let server: Server
let shop: Awaited<ReturnType<Server['keyFor']>>

beforeAll(async () => {
  // More than what the proxies let through, to tell whose limit it is.
  server = await startServer(`file:${path}`, { env: { BODY_LIMIT_BYTES: String(64 * MiB) } })
  shop = await server.keyFor('shop')
  await shop.patch({ add: Array.from({ length: 100 }, (_, n) => `ITEM-${n}`) })
})
afterAll(async () => {
  await server.stop('SIGKILL')
  folder.remove()
})

describe.each(names)('%s', (name) => {
  const outside = '10.0.0.0/8'
  const inside = '127.0.0.0/8'
  let proxy: FrontProxy

  beforeAll(async () => {
    proxy = await start(name, server.port, outside)
  })
  afterAll(async () => {
    await proxy.stop()
  })
  const open = () => new RawConnection(proxy.port, { tls: host, quietMs: 8_000 })
  const match = (requestor: string, headers: string[] = []) =>
    matchOf(shop.apiKey, `${name}-${requestor}`, headers)

  test('answers pipelined POSTs, and those with a line end between them', async () => {
    for (const between of ['', '\r\n']) {
      const connection = open()
      connection.send(
        match(`a${between.length}`).whole + between + match(`b${between.length}`).whole,
      )
      const answers = await connection.until(/"item"[\s\S]*"item":"[^"]*"/)
      connection.cut()

      expect(answers.match(/HTTP\/1\.1 \d+|"success":\w+/g)?.join()).toBe(
        'HTTP/1.1 200,"success":true,HTTP/1.1 200,"success":true',
      )
    }
  })

  test('answers who has closed its half of the connection, also when that takes a while', async () => {
    const connection = open()
    const file = new Sqlite(path)
    file.run('BEGIN IMMEDIATE')
    connection.send(match('half').whole)
    connection.end()
    await Bun.sleep(500)
    file.run('ROLLBACK')
    file.close()

    expect(await connection.whole).toMatch(/^HTTP\/1\.1 200 [\s\S]*"success":true/)
  })

  test.each(['100-continue', '100-Continue'])('sends a 100 for Expect: %s', async (expected) => {
    const connection = open()
    const { head, body } = match('expects', [`Expect: ${expected}`])
    connection.send(head)
    await connection.until(/^HTTP\/1\.1 100 Continue\r\n(?:.+\r\n)*\r\n/i)
    connection.send(body)
    await connection.until(/HTTP\/1\.1 200 [\s\S]*"success":true/)
    connection.cut()
  })

  test('says HSTS with every answer', async () => {
    for (const target of ['/namespaces/shop/stats', '/admin/namespaces', '/nowhere']) {
      const answer = await rawTlsAnswer(proxy.port, request('GET', target))
      expect(answer).toMatch(/^strict-transport-security: max-age=31536000\r$/im)
    }
  })

  test('takes large bodies for imports alone', async () => {
    const head = (path: string, type: string, length: number) =>
      request('POST', `/namespaces/shop/${path}`, [
        `x-api-key: ${shop.apiKey}`,
        `content-type: ${type}`,
        `content-length: ${length}`,
      ])
    const lines = `${name}-${'x'.repeat(1_000)}\n`.repeat(17 * 1_024)
    const imported = head('items', 'text/plain', lines.length) + lines
    expect(lines.length).toBeGreaterThan(16 * MiB)
    expect(await rawTlsAnswer(proxy.port, imported)).toMatch(/^HTTP\/1\.1 200 [\s\S]*"added":1,/)

    const refused = head('match', 'application/json', 17 * MiB)
    // Caddy counts what comes; the others go by what is announced, and would cut off what comes.
    const answer = await rawTlsAnswer(
      proxy.port,
      name === 'caddy' ? refused + ' '.repeat(17 * MiB) : refused,
    )
    expect(answer).toMatch(name === 'caddy' ? /^HTTP\/1\.1 (413|502) / : /^HTTP\/1\.1 413 /)
    expect(answer).not.toMatch(/^x-request-id:/im)
  })

  test('closes a head that does not end within some 10 s', async () => {
    const connection = open()
    const startedAt = performance.now()
    connection.send(`GET /namespaces/shop/stats HTTP/1.1\r\nHost: ${host}\r\nx-slow: `)
    const drip = setInterval(() => connection.send('x'), 1_000)
    await connection.whole.catch(() => {})
    clearInterval(drip)

    expect(performance.now() - startedAt).toBeWithin(8_000, 15_000)
  }, 30_000)

  test('has no key and no item in its log, also of requests that are refused or fail', async () => {
    const secrets = [
      request('DELETE', '/admin/api-keys/zaas_SECRET', [`x-master-api-key: ${masterKey}`]),
      request('DELETE', '/admin/api-keys/own-SECRET?namespace=x', ['x-master-api-key: SECRET']),
      request('DELETE', '/ADMIN/API-KEYS/own-SECRET', ['x-master-api-key: SECRET']),
      request('GET', '/admin/api-keys?apiKey=own-SECRET', ['authorization: Bearer SECRET']),
      request('GET', '/namespaces/shop/items?item=SECRET', ['x-api-key: SECRET']),
      request('GET', '/namespaces/zaas_SECRET/stats', ['x-api-key: SECRET']),
    ]
    for (const [port, operators] of [
      [server.port, outside],
      [server.port, inside],
      [freePort(), inside],
    ] as const) {
      const own = await start(name, port, operators)
      for (const secret of secrets) await rawTlsAnswer(own.port, secret)
      await own.stop()
      const log = await own.log()

      expect(log).not.toContain('SECRET')
      expect(log).not.toContain(masterKey)
      expect(log).toContain('/api-keys/***')
      expect(log).toContain('/namespaces/shop/items')
    }
  })
})

/** One of the proxies with a folder of its own. */
function start(name: FrontProxy['name'], port: number, operators: string) {
  const own = join(folder.path, crypto.randomUUID())
  mkdirSync(own)
  return startFrontProxy(name, own, { port, operators })
}
