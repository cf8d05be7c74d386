import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync } from 'node:fs'
import { connect } from 'node:http2'
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
import { forEachOf } from '../support/instances.ts'
import { type Server, startServer } from '../support/server.ts'

// What the proxies forbid by path is reached by no other spelling of it. Run by `bun run test:operations`.

const folder = tempFolder()
const pages = ['admin/namespaces', 'metrics', 'console']
const forbidden = /^\/(admin|metrics|console)\b/
const atOnce = 8
let server: Server

beforeAll(async () => {
  server = await startServer(`file:${join(folder.path, 'zaas.db')}`)
})
afterAll(async () => {
  await server.stop('SIGKILL')
  folder.remove()
})

const targets = (page: string) => [
  `/${page}`,
  `/${page}?x`,
  `/${page}#x`,
  `/${page}/`,
  `/${page}/.`,
  `/${page}/x/..`,
  `/${page};x`,
  `/${page}%2f`,
  `/${page}%20`,
  `/${page}%00`,
  `/${page}%0d%0a`,
  `/${page.toUpperCase()}`,
  `/%${page.charCodeAt(0).toString(16)}${page.slice(1)}`,
  `//${page}`,
  `///${page}`,
  `/./${page}`,
  `/%2e/${page}`,
  `/.//${page}`,
  `/;/${page}`,
  `/x/../${page}`,
  `/.\\${page}`,
  `\\${page}`,
  `/\\${page}`,
  `/%5c${page}`,
  page,
  `*/${page}`,
  `/namespaces/../${page}`,
  `/namespaces/%2e%2e/${page}`,
  `/namespaces/.%2E/${page}`,
  `/namespaces/%252e%252e/${page}`,
  `/namespaces/..%2f${page}`,
  `/namespaces/..%5c${page}`,
  `/namespaces/..\\${page}`,
  `/namespaces\\..\\${page}`,
  `/namespaces/x\\..\\..\\${page}`,
  `/namespaces/x/..;/..;/${page}`,
  `/namespaces/x/items/../../../${page}`,
  `/namespaces/x/items/..%2f..%2f..%2f${page}`,
  `/namespaces//../../${page}`,
  `/namespaces/x#/../../${page}`,
  `/namespaces/x?/../../${page}`,
  `/namespaces/x%3f/../../${page}`,
  `/namespaces/x%23/../../${page}`,
  `/namespaces/x%00/../../${page}`,
  `/namespaces/x /../../${page}`,
  `/namespaces/x\t/../../${page}`,
  `/namespaces/x\0/../../${page}`,
  `/namespaces/x\xff/../../${page}`,
  `/${page}/../namespaces/x`,
  `http://${host}/${page}`,
  `http://${host}/namespaces/../${page}`,
  `http://elsewhere.example/${page}`,
  `http:/${page}`,
  `http:///${page}`,
  `http://${host}\\${page}`,
  `https://x@${host}/${page}`,
]

const key = `x-master-api-key: ${masterKey}`
const whole = (...lines: string[]) => [...lines, key, 'Connection: close', '', ''].join('\r\n')

/** Requests that are odd in something else than their target. */
const oddRequests = (page: string) => {
  const inside = `GET /${page} HTTP/1.1\r\nHost: ${host}\r\n${key}\r\n\r\n`
  return [
    whole(`CONNECT /${page} HTTP/1.1`, `Host: ${host}`),
    whole(`CONNECT ${host}:443 HTTP/1.1`, `Host: ${host}`),
    whole(`OPTIONS /${page} HTTP/1.1`, `Host: ${host}`),
    whole(`HEAD /${page} HTTP/1.1`, `Host: ${host}`),
    whole(`GET /${page} HTTP/1.0`),
    whole(`GET /${page} HTTP/1.0`, `Host: ${host}`),
    whole(`GET /${page} HTTP/1.1`),
    whole(`GET /${page} HTTP/1.1`, 'Host:'),
    whole(`GET /${page} HTTP/1.1`, 'Host: localhost'),
    whole(`GET /${page} HTTP/1.1`, `Host: ${host}/namespaces/x?`),
    whole(`GET /namespaces/x HTTP/1.1`, `Host: ${host}/${page}?`),
    whole(`GET /namespaces/x HTTP/1.1`, `Host: ${host}/${page}#`),
    whole(`GET /${page} HTTP/1.1`, `Host: ${host}`, `Host: ${host}`),
    whole(`GET /${page} HTTP/1.1`, `Host: ${host}`, 'Host: localhost'),
    whole(`GET /namespaces/x HTTP/1.1 /${page} HTTP/1.1`, `Host: ${host}`),
    whole(`GET /namespaces/x HTTP/1.1`, `Host: ${host}`, `X-Original-URL: /${page}`),
    whole(`GET /namespaces/x HTTP/1.1`, `Host: ${host}`, `X-Rewrite-URL: /${page}`),
    whole(`GET /${page} HTTP/1.1`, `Host: ${host}`, 'X-Forwarded-For: 10.0.0.1'),
    whole(`GET /${page} HTTP/1.1`, `Host: ${host}`, 'x: a\0b'),
    whole(`GET /${page} HTTP/1.1`, `Host: ${host}`, 'x: a\rb'),
    whole(`GET /${page} HTTP/1.1`, `Host: ${host}`, 'x : y'),
    whole(`GET /${page} HTTP/1.1`, ` Host: ${host}`),
    whole(`GET /${page} HTTP/2.0`, `Host: ${host}`),
    whole(`GET /${page}`),
    `GET /${page} HTTP/1.1\nHost: ${host}\n${key}\nConnection: close\n\n`,
    // A second request, for those that read the length of the first otherwise.
    ...[
      [`Content-Length: ${inside.length}`, 'Transfer-Encoding: chunked'],
      [`Content-Length: ${inside.length + 5}`, 'Transfer-Encoding: xchunked'],
      [`Content-Length: ${inside.length + 5}`, 'Transfer-Encoding : chunked'],
      ['Content-Length: 5', `Content-Length: ${inside.length + 5}`],
      ['Content-Length: +5'],
    ].map((lengths) =>
      [
        `POST /namespaces/x/match HTTP/1.1`,
        `Host: ${host}`,
        ...lengths,
        '',
        `0\r\n\r\n${inside}`,
      ].join('\r\n'),
    ),
    `POST /namespaces/x/match HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n5;a\nb\r\nxxxxx\r\n0\r\n\r\n${inside}`,
  ]
}

const requests = pages.flatMap((page) => [
  request('GET', '/namespaces/x/stats'),
  ...targets(page).map((target) => request('GET', target, [key])),
  ...oddRequests(page),
])

const plainRequest = (page: string) => request('GET', `/${page}`, [key])
const plainRequests = pages.map(plainRequest)

describe.each(names)('%s', (name) => {
  test('lets nobody outside at what is for operators, however they spell it', async () => {
    const { routes, answers } = await through(name, '10.0.0.0/8', sendAll)

    expect(routes.filter((route) => forbidden.test(route))).toEqual([])
    expect(answers.filter(({ status, byZaas }) => status === 200 && byZaas)).toEqual([])
    // No limit refused them.
    expect(answers.filter(({ status }) => status === 429)).toEqual([])
    // What is public got through.
    expect(routes).toContain('/namespaces/:namespace/stats')
  })

  test('lets operators at it, so that the check above would notice', async () => {
    const { routes, answers } = await through(name, '127.0.0.0/8', sendAll)

    for (const page of pages) {
      expect(routes).toContain(`/${page}`)
      const plain = plainRequest(page)
      expect(answers.find(({ sent }) => sent === plain)).toMatchObject({ status: 200 })
    }
  })
})

test('Caddy lets nobody outside at it by HTTP/2 either', async () => {
  const sent = pages.flatMap(targets).filter((target) => !/[\0-\x20\x7f-\xff]/.test(target))
  const { routes, answers } = await through('caddy', '10.0.0.0/8', ({ port }) =>
    sendByHttp2(port, sent),
  )

  expect(answers.length).toBe(sent.length)
  expect(routes.filter((route) => forbidden.test(route))).toEqual([])
  expect(answers.filter(({ status, byZaas }) => status === 200 && byZaas)).toEqual([])
  expect(answers.map(({ status }) => status)).toContain(403)
})

/** Caddy answers 200 by itself under a host that it does not know. */
type Answer = { sent: string; status: number; byZaas: boolean }

/** What comes of requests that are sent to a proxy: the answers, and the routes in zaas's own access log. */
async function through(
  name: FrontProxy['name'],
  operators: string,
  send: (proxy: FrontProxy) => Promise<Answer[]>,
) {
  const own = join(folder.path, crypto.randomUUID())
  mkdirSync(own)
  const proxy = await startFrontProxy(name, own, { port: server.port, operators })
  try {
    const begun = await mark()
    const answers = await send(proxy)
    const ended = await mark()
    const routes = server.lines.slice(begun + 1, ended).map(({ route }) => String(route))
    return { routes, answers }
  } finally {
    await proxy.stop()
  }
}

async function sendAll({ port }: FrontProxy): Promise<Answer[]> {
  const answers: Answer[] = []
  await forEachOf(requests, atOnce, async (sent) => {
    let answer = await rawTlsAnswer(port, sent)
    // A proxy that ends a connection without an answer, in which nothing is odd, is asked once more.
    if (answer === '' && plainRequests.includes(sent)) answer = await rawTlsAnswer(port, sent)
    const status = Number(/^HTTP\/1\.\d (\d+)/.exec(answer)?.[1] ?? 0)
    answers.push({ sent, status, byZaas: /^x-request-id:/im.test(answer) })
  })
  return answers
}

async function sendByHttp2(port: number, sent: readonly string[]): Promise<Answer[]> {
  const session = connect(`https://${host}:${port}`, {
    lookup: (_, __, found) => found(null, [{ address: '127.0.0.1', family: 4 }]),
    rejectUnauthorized: false,
  })
  const answers = await Promise.all(
    sent.map(
      (target) =>
        new Promise<Answer>((resolve) => {
          const stream = session.request({ ':path': target, 'x-master-api-key': masterKey })
          stream.on('response', (headers) =>
            resolve({
              sent: target,
              status: Number(headers[':status']),
              byZaas: headers['x-request-id'] !== undefined,
            }),
          )
          stream.on('error', () => resolve({ sent: target, status: 0, byZaas: false }))
          stream.resume()
        }),
    ),
  )
  session.destroy()
  return answers
}

/** Leaves a mark in zaas's log, and says in which of its lines, once it is there. */
async function mark(): Promise<number> {
  const requestId = crypto.randomUUID()
  await fetch(`${server.origin}/health/live`, { headers: { 'x-request-id': requestId } })
  const find = () => server.lines.findIndex((line) => line['requestId'] === requestId)
  while (find() < 0) await Bun.sleep(10)
  return find()
}
