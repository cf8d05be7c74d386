import { expect, test } from 'bun:test'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { masterKey } from '../support/app.ts'
import { report } from '../support/figures.ts'
import { forEachOf, withServers } from '../support/instances.ts'
import { root } from '../support/process.ts'
import { randomFrom, seedFor } from '../support/seed.ts'
import type { Server } from '../support/server.ts'
import { type Fault, full, mutant } from './form.ts'
import { mutated } from './mutate.ts'

const count = full ? 20_000 : 100
const connections = 64
/** A request that a fault has left unfinished is not answered before the server gives up on it. */
const silentMs = 2_000
/** Uploads that a fault has left unfinished are in use until then, and are bounded: an honest 503. */
const shed = '"detail":"Too many imports are running.","code":"unavailable"'
/** Stands in every value that is sent: an error that shows it shows the caller's own input. */
const canary = 'canary'

test(
  `${count} requests with faulty bytes get no 5xx but 505, learn nothing, and leave the server ready`,
  async () => {
    const { faults, statuses } = await sendFaulty('requests', count)

    expect(faults).toEqual([])
    expect(statuses).toContainKeys(
      full ? ['200', '400', '401', '404', '405', '415', '422'] : ['400'],
    )
  },
  full ? 600_000 : 60_000,
)

test.if(full)(
  'the same check catches a server that takes any host for part of a URL',
  async () => {
    const { faults } = await sendFaulty('requests, mutant', count, mutant('trusts the host'))

    expect(faults[0]).toMatch(/answered HTTP\/1\.1 500/)
  },
  600_000,
)

/** Sends mutants of requests to every route, until a fault is found. */
async function sendFaulty(name: string, countMax: number, fault: Fault = {}) {
  const random = randomFrom(seedFor(name))
  const faults: string[] = []
  const statuses: Record<string, number> = {}
  return await withServers(
    1,
    async ([server], path) => {
      if (!server) throw new Error('There is no server.')
      const { apiKey } = await server.keyFor('shop')
      const requests = corpus(apiKey, (await server.keyFor('other')).apiKey)
      const leak = new RegExp(`SQLITE|SQL error|node_modules|${dirname(path)}|${root}|^ +at `, 'm')
      await forEachOf(Array.from({ length: countMax }), connections, async () => {
        if (faults.length > 0) return
        const request = mutated(requests, random)
        const answer = await answerTo(server, request)
        for (const { status, text } of answersIn(answer)) {
          statuses[status] = (statuses[status] ?? 0) + 1
          const shows = status >= 400 && text.includes(canary)
          const fails = status >= 500 && status !== 505 && !text.includes(shed)
          if (fails || shows || leak.test(text)) {
            faults.push(`${JSON.stringify(request.toString('latin1'))} was answered ${text}`)
          }
        }
      })
      const ready = await fetch(`${server.origin}/health/ready`)
      if (!ready.ok || server.child.exitCode !== null) faults.push('is not ready any more')
      report(name, { requests: countMax, statuses })
      return { faults, statuses }
    },
    fault,
  )
}

/** A valid request for every route and body type. */
function corpus(apiKey: string, otherKey: string): Buffer[] {
  const key = `x-api-key: ${apiKey}`
  const master = `x-master-api-key: ${masterKey}`
  const json = 'content-type: application/json'
  const requestTo = (line: string, headers: string[], body = '') => {
    const length = body && `content-length: ${Buffer.byteLength(body)}`
    const head = [`${line} HTTP/1.1`, 'host: localhost', ...headers, length].filter(Boolean)
    return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`)
  }
  const items = '/namespaces/shop/items'
  return [
    ...['/', '/health/live', '/health/ready', '/swagger', '/swagger/json', '/metrics'].map((path) =>
      requestTo(`GET ${path}`, []),
    ),
    requestTo('POST /namespaces/shop/match', [key, json], `{"requestor":"${canary}-1"}`),
    requestTo(`GET ${items}?status=matched&limit=3&requestor=${canary}-1`, [key]),
    requestTo(`GET ${items}`, [key, 'accept: text/csv']),
    requestTo('GET /namespaces/shop/stats', [key]),
    requestTo(`PATCH ${items}`, [key, json], `{"add":["${canary}-1","${canary}-2"]}`),
    requestTo(
      `PATCH ${items}`,
      [key, json],
      `{"remove":["${canary}-1"],"release":["${canary}-2"]}`,
    ),
    requestTo(`PUT ${items}`, [key, json], `{"items":["${canary}-1"],"removeMatched":false}`),
    requestTo(`POST ${items}`, [key, 'content-type: text/plain'], `${canary}-3\r\n${canary}-4\r\n`),
    requestTo(`POST ${items}`, [key, 'content-type: text/csv'], `item,a\n"${canary}-5",b\n`),
    requestTo(
      `POST ${items}`,
      [key, 'content-type: application/x-ndjson'],
      `"${canary}-6"\n{"item":"${canary}-7"}\n`,
    ),
    requestTo(
      'POST /admin/api-keys',
      [master, json],
      `{"namespace":"${canary}","scopes":["read"]}`,
    ),
    requestTo('GET /admin/api-keys?namespace=shop', [master]),
    requestTo(`DELETE /admin/api-keys/${otherKey}?namespace=${canary}`, [master]),
    requestTo(`DELETE /admin/api-keys/${canary}`, [master]),
    requestTo(`POST ${items}`, [key, 'content-type: text/plain', 'transfer-encoding: chunked'], ''),
  ]
}

/** What comes back on a connection of its own until it is whole, or the server stays silent. */
function answerTo({ port }: Server, request: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let received = ''
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(request))
    socket.setTimeout(silentMs, () => socket.destroy())
    socket.on('error', () => {})
    socket.on('close', () => resolve(received))
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      if (isWhole(received)) socket.destroy()
    })
  })
}

function isWhole(received: string): boolean {
  const bodyAt = received.indexOf('\r\n\r\n') + 4
  const length = /^content-length: *(\d+)/im.exec(received)?.[1]
  return bodyAt >= 4 && length !== undefined && received.length >= bodyAt + Number(length)
}

/** The answers on one connection: a mutant can be several requests. */
const answersIn = (received: string) =>
  received
    .split(/(?=^HTTP\/1\.1 \d)/m)
    .filter(Boolean)
    .map((text) => ({ status: Number(text.split(' ')[1]), text }))
