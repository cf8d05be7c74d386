import { beforeAll, expect, test } from 'bun:test'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { masterKey, tempFolder } from '../support/app.ts'
import { callerOf } from '../support/caller.ts'
import { withServers } from '../support/instances.ts'
import { freePort, memoryOf, Output, root } from '../support/process.ts'
import { startReceiver } from '../support/receiver.ts'
import { type Server, startServer } from '../support/server.ts'
import {
  startRedirectingReceiver,
  startSocketReceiver,
  startTricklingReceiver,
} from '../support/socket-receiver.ts'

// Webhooks of real servers and real receivers, on loopback.

const waitMaxMs = 60_000
const memoryMaxBytes = 150 * 2 ** 20
const env = { WEBHOOKS_ALLOW_PRIVATE: 'true' }
const fastClock = join(root, 'test/support/fast-clock.ts')

type Made = { id: string; secret: string }
type Delivery = {
  id: string
  event: string
  status: string
  attempts: number
  lastStatus: number | null
}

const masterOf = (server: Server) =>
  callerOf(server.send, server.origin, { 'x-master-api-key': masterKey })

async function create(server: Server, url: string, webhook: object = {}): Promise<Made> {
  const body = { url, events: ['items.removed', 'stock.exhausted'], ...webhook }
  return (await masterOf(server)<Made>('POST', '/admin/webhooks', body)).body
}

async function deliveriesOf(server: Server, { id }: Made): Promise<Delivery[]> {
  const path = `/admin/webhooks/${id}/deliveries`
  return (await masterOf(server)<{ deliveries: Delivery[] }>('GET', path)).body.deliveries
}

/** Waits until what is listed for a webhook is as it should be. */
async function until(
  server: Server,
  webhook: Made,
  holds: (deliveries: Delivery[]) => boolean,
): Promise<Delivery[]> {
  const end = performance.now() + waitMaxMs
  for (;;) {
    const deliveries = await deliveriesOf(server, webhook)
    if (holds(deliveries)) return deliveries
    if (performance.now() > end) throw new Error(`It stays ${JSON.stringify(deliveries)}`)
    await Bun.sleep(50)
  }
}
const all = (status: string) => (deliveries: Delivery[]) =>
  deliveries.length > 0 && deliveries.every((each) => each.status === status)

/** Writes the same again and again, as fast as it is read. */
function flood(socket: Socket, head: string, chunk: string): void {
  socket.write(head)
  const pump = () => {
    while (!socket.destroyed && socket.write(chunk));
  }
  socket.on('drain', pump)
  pump()
}

test('an event reaches its receiver, signed, and is listed as delivered', async () => {
  const receiver = startReceiver()
  await withServers(
    1,
    async ([server]) => {
      if (!server) throw new Error('There is no server.')
      const webhook = await create(server, receiver.url)
      const shop = await server.keyFor('shop')
      await shop.patch({ add: ['CODE-1'] })
      await shop.match('user-123')
      await receiver.until(1)
      const [one] = receiver.received
      if (!one) throw new Error('Nothing came.')
      const headers = {
        'webhook-id': one.id,
        'webhook-timestamp': one.timestamp,
        'webhook-signature': one.signature,
      }
      expect(new Webhook(webhook.secret).verify(one.text, headers)).toEqual({
        type: 'stock.exhausted',
        timestamp: expect.any(String),
        data: {
          ...{ namespace: 'shop', available: 0, lowStockBelow: null },
          ...{ total: 1, matched: 1, held: 0 },
          ...{ perDay: expect.any(Number), daysLeft: 0 },
        },
      })
      expect(one.text).not.toMatch(/CODE-1|user-123/)
      expect(await until(server, webhook, all('delivered'))).toMatchObject([
        { id: one.id, event: 'stock.exhausted', attempts: 1, lastStatus: 200 },
      ])
    },
    { env },
  )
  receiver.stop()
}, 120_000)

test('receivers that hang, trickle, flood or redirect hold up neither matches nor another receiver', async () => {
  const good = startReceiver()
  const inside = startReceiver()
  const answer = 'HTTP/1.1 200 OK\r\n'
  const hanging = await startSocketReceiver(() => {})
  const trickling = await startTricklingReceiver()
  const heads = await startSocketReceiver((socket) =>
    flood(socket, answer, `x: ${'y'.repeat(1_000)}\r\n`.repeat(100)),
  )
  const bodies = await startSocketReceiver((socket) =>
    flood(socket, `${answer}content-length: 9999999999999\r\n\r\n`, 'z'.repeat(2 ** 20)),
  )
  const redirecting = await startRedirectingReceiver(inside.url)
  const switching = await startSocketReceiver((socket) =>
    socket.write('HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
  )
  await withServers(
    1,
    async ([server]) => {
      if (!server) throw new Error('There is no server.')
      const [hangs, trickles, , floods, redirects, switches] = await Promise.all(
        [hanging, trickling, heads, bodies, redirecting, switching].map(({ url }) =>
          create(server, url, { events: ['items.removed'] }),
        ),
      )
      if (!hangs || !trickles || !floods || !redirects || !switches) throw new Error('Too few.')
      const webhook = await create(server, good.url, { events: ['items.removed'] })
      const shop = await server.keyFor('shop')
      const items = Array.from({ length: 200 }, (_, n) => `item-${n}`)
      await shop.patch({ add: [...items, 'A', 'B', 'C', 'D', 'E', 'F'] })
      const before = await memoryOf(server)
      for (const item of ['A', 'B', 'C', 'D', 'E', 'F']) await shop.patch({ remove: [item] })
      await good.until(6)
      expect(hanging.open.size).toBe(4)
      const statuses = await Promise.all(
        items.map(async (_, n) => (await shop.match(`u${n}`)).status),
      )
      expect(new Set(statuses)).toEqual(new Set([200]))
      await until(server, webhook, all('delivered'))
      // What is read of its body is bounded, and its status was good.
      await until(server, floods, all('delivered'))
      const redirected = await until(server, redirects, (list) =>
        list.every(({ attempts }) => attempts > 0),
      )
      expect(new Set(redirected.map(({ lastStatus }) => lastStatus))).toEqual(new Set([307]))
      expect(inside.received).toEqual([])
      for (const each of [hangs, trickles, switches]) {
        const tried = await until(server, each, (list) => list.some(({ attempts }) => attempts > 0))
        expect(tried.map(({ status, lastStatus }) => [status, lastStatus])).toEqual(
          Array(6).fill(['pending', null]),
        )
      }
      expect((await memoryOf(server)) - before).toBeLessThan(memoryMaxBytes)
      expect(await server.stop()).toBe(0)
      expect(hanging.open.size).toBe(0)
    },
    { env },
  )
  good.stop()
  inside.stop()
}, 180_000)

test('of two instances on one database, one sends each event', async () => {
  const receiver = startReceiver()
  await withServers(
    2,
    async (instances) => {
      const [server, other] = instances
      if (!server || !other) throw new Error('There are too few servers.')
      const webhook = await create(server, receiver.url, { events: ['items.removed'] })
      const shops = await Promise.all(instances.map((each) => each.keyFor('shop')))
      const items = Array.from({ length: 60 }, (_, n) => `item-${n}`)
      await shops[0]?.patch({ add: items })
      await Promise.all(items.map((item, n) => shops[n % 2]?.patch({ remove: [item] })))
      const delivered = await until(
        other,
        webhook,
        (list) => list.length === items.length && all('delivered')(list),
      )
      expect(receiver.received.map(({ id }) => id).sort()).toEqual(
        delivered.map(({ id }) => id).sort(),
      )
    },
    { env },
  )
  receiver.stop()
}, 120_000)

test('what fails, or what a killed server was sending, is sent again with the same id', async () => {
  let answers = 0
  const receiver = startReceiver(async () => {
    answers++
    if (answers === 1) return new Response('no', { status: 500 })
    if (answers === 2) await new Promise(() => {})
    return new Response('ok')
  })
  const options = {
    env: { ...env, FAST_CLOCK_FROM: String(Date.now()) },
    preload: [fastClock],
  }
  await withServers(
    1,
    async ([server], _path, url) => {
      if (!server) throw new Error('There is no server.')
      const webhook = await create(server, receiver.url)
      await masterOf(server)('POST', `/admin/webhooks/${webhook.id}/test`)
      await receiver.until(2)
      await server.stop('SIGKILL')
      const next = await startServer(url, options)
      try {
        await receiver.until(3)
        expect(await until(next, webhook, all('delivered'))).toMatchObject([
          { event: 'webhook.test', attempts: 2, lastStatus: 200 },
        ])
        expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1)
        expect(new Set(receiver.received.map(({ text }) => text)).size).toBe(1)
      } finally {
        next.child.kill('SIGKILL')
        await next.child.exited
      }
    },
    options,
  )
  receiver.stop()
}, 120_000)

test('by https, only a certificate that is valid for the name counts', async () => {
  const folder = tempFolder()
  const [keyPath, certPath] = [join(folder.path, 'key.pem'), join(folder.path, 'cert.pem')]
  const made = Bun.spawnSync([
    ...['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2'],
    ...['-keyout', keyPath, '-out', certPath],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
  ])
  expect(made.exitCode).toBe(0)
  let hits = 0
  const tls = {
    key: await Bun.file(keyPath).text(),
    cert: await Bun.file(certPath).text(),
  }
  const receiver = Bun.serve({
    ...{ port: 0, tls },
    fetch: () => {
      hits++
      return new Response()
    },
  })
  const testOn = async (server: Server, host: string) => {
    const webhook = await create(server, `https://${host}:${receiver.port}/`)
    await masterOf(server)('POST', `/admin/webhooks/${webhook.id}/test`)
    const [tried] = await until(server, webhook, (list) => (list[0]?.attempts ?? 0) > 0)
    return [tried?.status, tried?.lastStatus]
  }
  const trusting = { ...env, NODE_EXTRA_CA_CERTS: certPath }
  await withServers(
    1,
    async ([server]) => {
      if (!server) throw new Error('There is no server.')
      expect(await testOn(server, 'localhost')).toEqual(['pending', null])
      expect(hits).toBe(0)
    },
    { env },
  )
  await withServers(
    1,
    async ([server]) => {
      if (!server) throw new Error('There is no server.')
      expect(await testOn(server, 'localhost')).toEqual(['delivered', 200])
      expect(await testOn(server, '127.0.0.1')).toEqual(['pending', null])
      expect(hits).toBe(1)
    },
    { env: trusting },
  )
  await receiver.stop(true)
  folder.remove()
}, 120_000)

test('a name that resolves to another address than the one that was checked is not connected to', async () => {
  const inside = await startSocketReceiver(() => {})
  await withServers(
    1,
    async ([server]) => {
      if (!server) throw new Error('There is no server.')
      const webhook = await create(
        server,
        inside.url.replace('http://127.0.0.1', 'https://rebinding.test'),
      )
      const retried = async (attempts: number) => {
        const [tried] = await until(server, webhook, (list) => list[0]?.attempts === attempts)
        expect(tried).toMatchObject({ status: 'pending', lastStatus: null })
        return tried
      }
      await masterOf(server)('POST', `/admin/webhooks/${webhook.id}/test`)
      const tried = await retried(1)
      const path = `/admin/webhooks/${webhook.id}/deliveries/${tried?.id}/retry`
      await masterOf(server)('POST', path)
      await retried(2)
      expect(inside.accepted()).toBe(0)
    },
    { preload: [join(root, 'test/support/rebinding.ts')] },
  )
}, 120_000)

/** The receivers in the documentation, each as a process on a port. */
const documented: [language: string, run: (code: string) => [string[], string | undefined]][] = [
  ['ts', (code) => [[process.execPath, 'run', '-'], code]],
  ['python', (code) => [['python3', '-c', code], undefined]],
]
let page = ''
beforeAll(async () => {
  page = await Bun.file(join(root, 'docs/webhooks.md')).text()
})

test.each(documented)(
  'the receiver in %s of the documentation takes what is genuine, once',
  async (language, run) => {
    const [, code = ''] =
      new RegExp(`^\`\`\`${language} receiver\n(.*?)^\`\`\``, 'ms').exec(page) ?? []
    expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(24)
    const port = freePort()
    await withServers(
      1,
      async ([server]) => {
        if (!server) throw new Error('There is no server.')
        const url = `http://127.0.0.1:${port}/`
        const [genuine, forged] = [await create(server, url), await create(server, url)]
        const [command, input] = run(code)
        const child = Bun.spawn(command, {
          cwd: root,
          env: { ...process.env, PORT: String(port), WEBHOOK_SECRET: genuine.secret },
          ...{ stdin: input === undefined ? 'ignore' : new Blob([input]), stdout: 'pipe' },
        })
        try {
          const output = new Output(child.stdout)
          await listening(port)
          const shop = await server.keyFor('shop')
          await shop.patch({ add: ['A'] })
          await shop.match('u')
          const told = await output.until(/.*\n/)
          const [type, ...data] = told.split(' ')
          expect([type, JSON.parse(data.join(' '))]).toMatchObject([
            ...['stock.exhausted', { namespace: 'shop', available: 0 }],
          ])
          const [delivered] = await until(server, genuine, all('delivered'))
          await until(server, forged, (list) => list[0]?.lastStatus === 400)
          await masterOf(server)(
            'POST',
            `/admin/webhooks/${genuine.id}/deliveries/${delivered?.id}/retry`,
          )
          await until(server, genuine, (list) => list[0]?.attempts === 2)
          expect(output.text).toBe(told)
        } finally {
          child.kill('SIGKILL')
          await child.exited
        }
      },
      { env },
    )
  },
  120_000,
)

async function listening(port: number): Promise<void> {
  const end = performance.now() + waitMaxMs
  while (performance.now() < end) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    )
    if (answered) return
    await Bun.sleep(50)
  }
  throw new Error('The receiver does not listen.')
}
