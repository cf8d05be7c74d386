import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { keepOpen } from '../../src/http/server/peer.ts'
import { type Fault, full, mutant } from '../faults/form.ts'
import { Connection } from '../support/connection.ts'
import { report } from '../support/figures.ts'
import { withServers } from '../support/instances.ts'
import type { Server } from '../support/server.ts'

const dripMs = 2_000
const lookMs = 50
/** Heads end after 10 s, by Bun; bodies below 16 KiB/s and answers that nobody takes after 30 s. */
const closedMaxMs = 50_000
const listed = 100_000

test('a connection that is kept open outlasts one that is not, until it may idle again', async () => {
  const idle = Promise.withResolvers<void>()
  const server: Bun.Server<undefined> = Bun.serve({
    ...{ port: 0, hostname: '127.0.0.1', idleTimeout: 1, development: false, reusePort: false },
    fetch: async (request) => {
      const letIdle = request.url.endsWith('/kept') ? keepOpen(server, request, 1) : () => {}
      await idle.promise
      letIdle()
      return new Response('done')
    },
  })
  const closed = async (path: string) => {
    const { promise, resolve } = Promise.withResolvers<string>()
    let received = ''
    const socket = connect({ host: '127.0.0.1', port: Number(server.port) }, () =>
      socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`),
    )
    socket.on('data', (data) => {
      received += data
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(received))
    return promise
  }
  const kept = closed('/kept')

  expect(await closed('/other')).toBe('')
  idle.resolve()
  expect(await kept).toEndWith('done')
  await server.stop(true)
}, 30_000)

type Kind = 'head' | 'body' | 'receiver'
type Slow = { kind: Kind; socket: Socket }

test('slow sockets keep nobody else waiting, and the server closes them', async () => {
  const counts = full
    ? { head: 950, body: 950, receiver: 100 }
    : { head: 40, body: 40, receiver: 2 }
  const { liveMaxMs, open } = await openSlow('slow sockets', counts, full ? closedMaxMs : 500)

  expect(liveMaxMs).toBeLessThan(full ? 250 : 2_000)
  if (full) expect(open).toEqual({ head: 0, body: 0, receiver: 0 })
}, 120_000)

test.if(full)(
  'the same check catches a server that waits for ever',
  async () => {
    const counts = { head: 10, body: 10, receiver: 10 }
    const fault = mutant('waits for ever')
    const { open } = await openSlow('slow sockets, mutant', counts, closedMaxMs, fault)

    expect(open.body + open.receiver).toBeGreaterThan(0)
  },
  120_000,
)

/** Opens slow sockets; how long the slowest /health/live took meanwhile, and what is open in the end. */
async function openSlow(
  name: string,
  counts: Record<Kind, number>,
  forMs: number,
  fault: Fault = {},
) {
  return await withServers(
    1,
    async ([server]) => {
      if (!server) throw new Error('There is no server.')
      const shop = await server.keyFor('shop')
      const filler = 'x'.repeat(100)
      await shop.patch({ add: Array.from({ length: listed }, (_, n) => `${filler}-${n}`) })
      // Opened before the clock starts: two thousand at once keep this process busy, too.
      const slow = await Promise.all(
        Object.entries(counts).flatMap(([kind, count]) =>
          Array.from({ length: count }, () => open(server, kind as Kind, shop.apiKey)),
        ),
      )
      const drip = setInterval(() => {
        for (const { kind, socket } of slow) if (kind !== 'receiver') socket.write('x')
      }, dripMs)
      const startedAt = performance.now()
      let liveMaxMs = 0
      let stillOpen = counts
      do {
        liveMaxMs = Math.max(liveMaxMs, await timeOfLive(server))
        stillOpen = openOnes(server, slow)
      } while (sum(stillOpen) > 0 && performance.now() - startedAt < forMs)
      const tookMs = Math.round(performance.now() - startedAt)
      clearInterval(drip)
      for (const { socket } of slow) socket.destroy()
      report(name, { ...counts, liveMaxMs, tookMs, open: stillOpen })
      return { liveMaxMs, open: stillOpen }
    },
    fault,
  )
}

function open({ port }: Server, kind: Kind, apiKey: string): Promise<Slow> {
  const key = `host: localhost\r\nx-api-key: ${apiKey}\r\n`
  const start = {
    head: 'GET / HTTP/1.1\r\nhost: localhost\r\nx-slow: ',
    body: `POST /namespaces/shop/match HTTP/1.1\r\n${key}content-type: application/json\r\ncontent-length: 1000\r\n\r\n`,
    receiver: `GET /namespaces/shop/items HTTP/1.1\r\n${key}\r\n`,
  }
  const { promise, resolve } = Promise.withResolvers<Slow>()
  const socket = connect({ host: '127.0.0.1', port }, () => {
    socket.write(start[kind])
    resolve({ kind, socket })
  })
  socket.on('error', () => resolve({ kind, socket }))
  if (kind === 'receiver') socket.pause()
  else socket.resume()
  return promise
}

const sum = ({ head, body, receiver }: Record<Kind, number>) => head + body + receiver

/** How long a new connection takes to tell that the process runs; after a pause. */
async function timeOfLive({ port }: Server): Promise<number> {
  await Bun.sleep(lookMs)
  const startedAt = performance.now()
  const connection = await Connection.open(port)
  expect((await connection.request('GET', '/health/live', {})).status).toBe(200)
  connection.close()
  return Math.round(performance.now() - startedAt)
}

/** Going by the server's side: a receiver that takes nothing does not see that it was cut off. */
function openOnes({ port }: Server, slow: readonly Slow[]): Record<Kind, number> {
  const established = '01'
  const callers = new Set(
    readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/[\s:]+/))
      .filter(([, , local, , , state]) => state === established && portOf(local) === port)
      .map(([, , , , remote]) => portOf(remote)),
  )
  const count = (kind: Kind) =>
    slow.filter((it) => it.kind === kind && callers.has(it.socket.localPort ?? 0)).length
  return { head: count('head'), body: count('body'), receiver: count('receiver') }
}

const portOf = (hex: string | undefined) => Number.parseInt(hex ?? '', 16)
