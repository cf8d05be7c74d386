import { expect, test } from 'bun:test'
import { connect } from 'node:net'
import { withServers } from '../support/instances.ts'
import type { Server } from '../support/server.ts'

const path = '/namespaces/shop/items'

const lines = Array.from({ length: 50_000 }, (_, n) => `item-${String(n).padStart(6, '0')}`)
const text = lines.join('\n')

/** Sends the beginning of a request and goes away once the server has added something of it. */
async function breakOff(server: Server, apiKey: string, head: string, body: string) {
  const socket = connect({ host: '127.0.0.1', port: server.port })
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${apiKey}\r\n` +
      `content-type: text/plain\r\n${head}\r\n\r\n${body}`,
  )
  const shop = server.as('shop', apiKey)
  while ((await shop.stats()).body.total === 0) await Bun.sleep(10)
  socket.destroy()
  while (!server.lines.some(isImport)) await Bun.sleep(10)
}
const isImport = ({ method, route }: Record<string, unknown>) =>
  method === 'POST' && route === '/namespaces/:namespace/items'

test.each([
  ['of a known length', `content-length: ${text.length}`, text.slice(0, 400_007)],
  [
    'in chunks',
    'transfer-encoding: chunked',
    `${(400_007).toString(16)}\r\n${text.slice(0, 400_007)}\r\n`,
  ],
])(
  'an upload %s that breaks off has added whole lines, and again adds the rest',
  async (_, head, body) => {
    await withServers(1, async ([server]) => {
      if (!server) throw new Error('There is no server.')
      const shop = await server.keyFor('shop')
      await breakOff(server, shop.apiKey, head, body)
      expect(server.lines.filter(isImport)).toMatchObject([{ status: 400 }])
      expect(server.lines.filter(({ level }) => level === 50)).toEqual([])
      const prefix = (await shop.list()).body.items.map(({ item }) => item)
      expect(prefix).toEqual(lines.slice(0, prefix.length))
      const rest = lines.length - prefix.length
      expect((await shop.import(text)).body).toMatchObject({ added: rest, invalid: 0 })
    })
  },
  30_000,
)

test('curl uploads a file, and is told at once when it is too large', async () => {
  const small = { env: { IMPORT_LIMIT_BYTES: String(text.length) } }
  await withServers(
    1,
    async ([server]) => {
      if (!server) throw new Error('There is no server.')
      const { apiKey } = await server.keyFor('shop')
      const upload = (body: string) =>
        Bun.$`curl -s -X POST ${server.origin}${path} --data-binary @- \
          -H ${`x-api-key: ${apiKey}`} -H 'content-type: text/plain' < ${Buffer.from(body)}`.json()
      expect(await upload(text)).toMatchObject({ received: 50_000, added: 50_000 })
      expect(await upload(`${text}\n`)).toMatchObject({ status: 413, code: 'body_too_large' })
    },
    small,
  )
}, 30_000)

// As text, which has no byte order mark.
const heading = 'item,requestor,slot,data,matchedAt,heldUntil,expiresAt,createdAt,batch,status\r\n'

test('a list that is empty in every format ends', async () => {
  await withServers(1, async ([server]) => {
    if (!server) throw new Error('There is no server.')
    const { call } = await server.keyFor('shop')
    for (const accept of ['application/x-ndjson', 'text/csv']) {
      const { status, body } = await call<string>('GET', path, undefined, { accept })
      expect([status, body]).toEqual([200, accept === 'text/csv' ? heading : ''])
    }
  })
}, 30_000)
