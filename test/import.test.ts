import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { connect } from 'node:net'
import { changeItems } from '../src/storage/sqlite/item-changes.ts'
import { firstMoment, origin, type TestApp, testApp } from './support/app.ts'
import type { ImportAnswer } from './support/caller.ts'
import { contextAt } from './support/context.ts'
import { withServers } from './support/instances.ts'
import type { Server } from './support/server.ts'

const csv = 'text/csv'
const ndjson = 'application/x-ndjson'
const path = '/namespaces/shop/items'
const limitBytes = 4 * 2 ** 20

let app: TestApp
let shop: Awaited<ReturnType<TestApp['keyFor']>>

beforeEach(async () => {
  app = await testApp({ importLimitBytes: limitBytes })
  shop = await app.keyFor('shop')
})
afterEach(() => app.close())

/** What an import answers, with zeros for what is not told. */
const imported = (message: string, counts: Partial<ImportAnswer> = {}) => ({
  success: true,
  message,
  received: 0,
  added: 0,
  restored: 0,
  unchanged: 0,
  invalid: 0,
  errors: [],
  ...counts,
})
const added = (n: number) => imported(`Added ${n} items`, { received: n, added: n })

/** The live items, in their order. */
async function items() {
  return (await shop.list()).body.items.map(({ item }) => item)
}

/** Imports and returns what became items and which lines were invalid. */
async function outcome(body: string | Uint8Array, type: string) {
  const { status, body: answer } = await shop.import(body, type)
  expect(status).toBe(200)
  const { received, added, restored, unchanged, invalid, errors } = answer
  expect(received).toBe(added + restored + unchanged + invalid)
  expect(errors).toHaveLength(Math.min(invalid, 100))
  return { items: await items(), invalid: errors.map(({ line }) => line) }
}

function send(body: RequestInit['body'], headers: Record<string, string> = {}, query = '') {
  const all = { 'x-api-key': shop.apiKey, 'content-type': 'text/plain', ...headers }
  return app.send(new Request(origin + path + query, { method: 'POST', headers: all, body }))
}

/** A body that comes in these pieces, with an error at the end when `breaks`. */
const piecewise = (pieces: readonly (string | Uint8Array)[], breaks = false) => {
  const rest = [...pieces]
  return new ReadableStream({
    pull(controller) {
      const piece = rest.shift()
      if (piece !== undefined) controller.enqueue(Buffer.from(piece))
      else if (breaks) controller.error(new Error('The connection was closed.'))
      else controller.close()
    },
  })
}

describe('an import', () => {
  test('adds items in their order, and adds nothing when it is sent again', async () => {
    expect((await shop.import('B\nA\nC\n')).body).toEqual(added(3) as never)
    expect(await items()).toEqual(['B', 'A', 'C'])
    expect((await shop.import('B\nA\nC\n')).body).toEqual(
      imported('No changes made', { received: 3, unchanged: 3 }) as never,
    )
    expect((await shop.match('u')).body).toMatchObject({ item: 'B' })
  })

  test('counts a repeated line as unchanged, and skips bad ones', async () => {
    const { body } = await shop.import('A\nA\n \nB\na\tb\nA')
    const rule = expect.stringMatching(/^must be 1 to 1024 characters/)
    expect(body).toEqual(
      imported('Added 2 items', {
        ...{ received: 6, added: 2, unchanged: 2, invalid: 2 },
        errors: [
          { line: 3, detail: rule },
          { line: 5, detail: rule },
        ],
      }) as never,
    )
  })

  test('brings removed items back, those handed out to their requestors', async () => {
    await shop.import('A\nB\nC')
    await shop.match('u')
    await shop.patch({ remove: ['A', 'B'] })
    expect((await shop.import('C\nD\nA\nB\nA')).body).toEqual(
      imported('Added 1 items, Restored 2 items', {
        ...{ received: 5, added: 1, restored: 2, unchanged: 2 },
      }) as never,
    )
    expect((await shop.match('v')).body).toMatchObject({ item: 'B' })
    expect((await shop.match('u')).body).toMatchObject({ item: 'A', alreadyMatched: true })
  })

  test('leaves an item removed whose requestor holds another by now, and tells its lines', async () => {
    await shop.import('A\nB')
    await shop.match('u')
    await shop.patch({ remove: ['A'] })
    await shop.match('u')
    const detail = 'its requestor holds another item by now'
    expect((await shop.import('C\nA\n\nA\n ')).body).toMatchObject({
      ...{ received: 4, added: 1, restored: 0, unchanged: 0, invalid: 3 },
      errors: [
        { line: 2, detail },
        { line: 4, detail },
        { line: 5, detail: expect.stringContaining('must be') },
      ],
    })
    expect(await items()).toEqual(['B', 'C'])
  })

  test('of nothing changes nothing', async () => {
    for (const type of ['text/plain', csv, ndjson]) {
      for (const body of ['', '\n', '\r\n\n\r\n', '\ufeff', '\ufeff\r\n']) {
        expect((await shop.import(body, type)).body).toEqual(imported('No changes made') as never)
      }
    }
    expect((await send(null)).status).toBe(200)
  })

  test('tells the first 100 errors and counts all', async () => {
    const { body } = await shop.import(`${' \n'.repeat(250)}A`)
    expect(body).toMatchObject({ received: 251, invalid: 250, added: 1 })
    expect(body.errors.map(({ line }) => line)).toEqual(
      Array.from({ length: 100 }, (_, n) => n + 1),
    )
  })

  test('never repeats what it was sent', async () => {
    const marker = 'mArKeR'
    const lines = [`${marker}\t`, `"${marker}`, `{"${marker}":1}`, `{"item":"\\u0000${marker}"}`]
    for (const type of ['text/plain', csv, ndjson]) {
      const { body } = await shop.import(lines.join('\n'), type)
      expect(body.invalid).toBeGreaterThan(0)
      expect(JSON.stringify(body)).not.toContain(marker)
    }
  })

  test('takes what a list shows as NDJSON, whatever the items are', async () => {
    const odd = ['"', '\\', '=1+1', "'=1", '\ufeffa', 'a,b', 'a"b', '😀', ' x ', 'a\u2028b', '{}']
    // Some are no new items, but an earlier version took them.
    const stored = { namespace: 'shop', add: odd, remove: [], release: [] }
    await changeItems(app.db, stored, contextAt(firstMoment))
    await shop.match('u')
    const accept = { accept: ndjson }
    const { body } = await shop.call<string>('GET', path, undefined, accept)
    const copy = await app.keyFor('copy')
    expect((await copy.import(body, ndjson)).body).toEqual(added(odd.length) as never)
    expect((await copy.list()).body.items.map(({ item }) => item)).toEqual(odd)
  })
})

// biome-ignore format: a table
const uploads: [string, string, string | Uint8Array, string[], number[]][] = [
  ['text', 'text/plain', 'A\nB', ['A', 'B'], []],
  ['text with CRLF', 'text/plain', 'A\r\nB\r\n\r\nC\r', ['A', 'B', 'C'], []],
  ['text with a byte order mark', 'text/plain', '\ufeffA\n\ufeffB', ['A', '\ufeffB'], []],
  ['text as it is', 'text/plain', '"A"\n B \n1,2\n{"item":"x"}', ['"A"', ' B ', '1,2', '{"item":"x"}'], []],
  ['text with a lone CR', 'text/plain', 'A\rB\nC', ['C'], [1]],
  ['text that is not UTF-8', 'text/plain', Buffer.from('A\nB\xe9\nC', 'latin1'), ['A', 'C'], [2]],
  ['a cut character', 'text/plain', Buffer.from('A\n😀').subarray(0, 4), ['A'], [2]],
  ['UTF-16', 'text/plain', Buffer.from('\ufeffA\nB', 'utf16le'), [], [1, 2]],
  ['NUL', 'text/plain', 'A\0\nB', ['B'], [1]],
  ['1,024 characters', 'text/plain', `${'😀'.repeat(1_024)}\n${'a'.repeat(1_025)}`, ['😀'.repeat(1_024)], [2]],

  ['a column named item', csv, 'name,item\nx,A\ny,B\n', ['A', 'B'], []],
  ['a first row with a mark', csv, '\ufeffitem,name\r\nA,x\r\n', ['A'], []],
  ['a quoted header with a mark', csv, '\ufeff"name","item"\nx,A\n', ['A'], []],
  ['no header', csv, 'A,x\nB,y', ['A', 'B'], []],
  ['a header that is no header', csv, 'Item,x\nB,item', ['Item', 'B'], []],
  ['empty lines first', csv, '\n\r\nname,item\nx,A', ['A'], []],
  ['one column', csv, 'A\n\nB', ['A', 'B'], []],
  ['quotes', csv, '"A","x"\n"B""C"\n"D,E"\n""\n', ['A', 'B"C', 'D,E'], [4]],
  ['white space', csv, ' A ,x\n" B "', [' A ', ' B '], []],
  ['a line break in a cell', csv, 'item,note\r\nA,"a\r\nb\r\n\r\n"\r\nB,\r\n"C\nD",\n ,x', ['A', 'B'], [7, 9]],
  ['a missing cell', csv, 'note,item\nx\ny,A\nz,', ['A'], [2, 4]],
  ['more cells than in the first row', csv, 'A\nB,x,y', ['A', 'B'], []],
  ['a quote inside', csv, 'A\nB"C\nD', ['A', 'D'], [2]],
  ['text behind a quote', csv, 'A\n"B"C\nD\n"E" ,""\nF', ['A', 'D', 'F'], [2, 4]],
  ['a quote left open', csv, 'A\n"B\nC\nD', ['A', 'C', 'D'], [2]],
  ['a quote left open, in a header', csv, '"x\nname,item\ny,A', ['A'], [1]],
  ['quotes left open', csv, 'A\n"B\n"C\nD\n"E', ['A', 'D'], [2, 3, 5]],
  ['a cell that is not UTF-8', csv, Buffer.from('A,\xe9\nB,e', 'latin1'), ['B'], [1]],
  ['a lone CR', csv, 'A\rB\nC', ['C'], [1]],

  ['strings and objects', ndjson, '"A"\n{"item":"B"}\r\n {"item" : "C"} \n', ['A', 'B', 'C'], []],
  ['escapes', ndjson, '"\\u0041"\n"\\ud83d\\ude00"', ['A', '😀'], []],
  ['bad escapes', ndjson, '"\\ud83d"\n"\\u0000"\n"\\ufffd"\n"\\n"\nA', [], [1, 2, 3, 4, 5]],
  ['other values', ndjson, '1\nnull\n["A"]\n{}\n{"item":1}\n""\ntrue\n"B"', ['B'], [1, 2, 3, 4, 5, 6, 7]],
  ['broken JSON', ndjson, '{"item":"A"\n"B""C"\n{"item":"D"}{"item":"E"}\n \n"F"', ['F'], [1, 2, 3, 4]],
  ['unknown names', ndjson, '{"item":"A","x":1}\n{"Item":"B"}\n{"item":"C","__proto__":1}', [], [1, 2, 3]],
  ['a name twice', ndjson, '{"item":"A","item":"A"}\n{"item":"B","\\u0069tem":"C"}', [], [1, 2]],
  ['a part of a row', ndjson, '{"item":"A","requestor":null}', [], [1]],
  ['deep JSON', ndjson, `${'['.repeat(30_000)}\n"A"`, ['A'], [1]],
  ['a string that is not UTF-8', ndjson, Buffer.from('"A\xe9"\n{"item":"B"}', 'latin1'), ['B'], [1]],
]

describe('an upload with', () => {
  test.each(uploads)('%s', async (_, type, body, expected, invalid) => {
    expect(await outcome(body, type)).toEqual({ items: expected, invalid })
  })

  const brief = uploads.filter(([, , body]) => body.length < 5_000)
  test.each(brief)('%s, a byte at a time', async (_, type, body, expected, invalid) => {
    const pieces = Array.from(Buffer.from(body), (byte) => Uint8Array.of(byte))
    const response = await send(piecewise(pieces), { 'content-type': type })
    const { errors } = (await response.json()) as ImportAnswer
    expect({ items: await items(), invalid: errors.map(({ line }) => line) }).toEqual({
      items: expected,
      invalid,
    })
  })

  test.each([
    ['text/plain', 'item-', ''],
    [csv, '"item-', '"'],
    [ndjson, '{"item":"item-', '"}'],
  ])('lines around every boundary of a block: %s', async (type, before, after) => {
    const names = Array.from({ length: 12_000 }, (_, n) => `item-${n}-${'x'.repeat(n % 37)}`)
    const lines = names.map((name) => before + name.slice(5) + after)
    lines.splice(7_000, 0, '\t')
    expect(await outcome(lines.join('\r\n'), type)).toEqual({ items: names, invalid: [7_001] })
  })

  const long = 'x'.repeat(64 * 1024)
  test.each([
    ['text/plain', long],
    ['text/plain', 'x'.repeat(2 ** 20)],
    ['text/plain', '\r'.repeat(200_000)],
    [csv, long],
    [csv, `"${long}"`],
    [ndjson, `"${long}"`],
  ])('a line that is too long: %s', async (type, line) => {
    const quote = type === ndjson ? '"' : ''
    const body = ['A', line, 'B', line].map((each) => (each === line ? line : quote + each + quote))
    expect(await outcome(body.join('\n'), type)).toEqual({ items: ['A', 'B'], invalid: [2, 4] })
  })

  test('a quote left open far from the end', async () => {
    const names = Array.from({ length: 20_000 }, (_, n) => `item-${n}`)
    const body = `A\n"B\n${names.join('\n')}`
    expect(await outcome(body, csv)).toEqual({ items: ['A', ...names], invalid: [2] })
  })

  test('a row of CSV that spans blocks', async () => {
    const note = `"${'note\n'.repeat(8_000)}"`
    const rows = Array.from({ length: 5 }, (_, n) => `${note},item-${n}`)
    const { items: names, invalid } = await outcome(`note,item\n${rows.join('\n')}\n ,\t`, csv)
    expect(names).toEqual(['item-0', 'item-1', 'item-2', 'item-3', 'item-4'])
    expect(invalid).toEqual([2 + 5 * 8_001])
  })

  test('20,000 lines in two blocks, none of which is CSV', async () => {
    const { body } = await shop.import(`${'"x"y\n'.repeat(20_000)}A`, csv)
    expect(body).toMatchObject({ received: 20_001, invalid: 20_000, added: 1 })
  })
})

describe('the body of an import', () => {
  const problem = async (response: Response) => {
    const { code, detail } = (await response.json()) as { code: string; detail: string }
    return { status: response.status, code, detail }
  }
  const tooLarge = { status: 413, code: 'body_too_large', detail: expect.any(String) }
  const unsupported = { status: 415, code: 'unsupported_media_type', detail: expect.any(String) }

  test.each([
    'application/json',
    'application/ndjson',
    'application/x-www-form-urlencoded',
    'text/html',
    'text/plainer',
    'text/plain, text/csv',
    'multipart/form-data; boundary=x',
  ])('is refused as %s', async (type) => {
    expect(await problem(await send('A', { 'content-type': type }))).toEqual(unsupported)
    expect(await items()).toEqual([])
  })

  test('is refused without a type, and compressed', async () => {
    const headers = { 'x-api-key': shop.apiKey }
    const body = Buffer.from('A')
    const untyped = new Request(origin + path, { method: 'POST', headers, body })
    expect(await problem(await app.send(untyped))).toEqual(unsupported)
    expect(await problem(await send('A', { 'content-encoding': 'gzip' }))).toEqual(unsupported)
  })

  test.each(['text/plain', 'Text/CSV; header=absent', 'application/x-ndjson ; charset=utf-8'])(
    'is taken as %s',
    async (type) => {
      const body = type.includes('json') ? '"A"' : 'A'
      expect((await send(body, { 'content-type': type })).status).toBe(200)
      expect(await items()).toEqual(['A'])
    },
  )

  test('is refused at once when it says that it is too large', async () => {
    const headers = { 'content-length': String(limitBytes + 1) }
    expect(await problem(await send('A\n', headers))).toEqual(tooLarge)
    expect(await problem(await send('A\n', headers, '?x=1'))).toEqual(tooLarge)
    expect(await items()).toEqual([])
  })

  test('is refused once it is too large when it did not say so, and has added a prefix', async () => {
    const lines = Array.from({ length: 1_000 }, (_, n) => `item-${n}\n`).join('')
    const filler = `${'x'.repeat(1023)}\n`.repeat(limitBytes / 1024)
    const refused = await problem(await send(piecewise([lines, filler])))
    expect(refused).toEqual({ ...tooLarge, detail: expect.stringContaining('have been added') })
    const prefix = await items()
    expect(prefix.length).toBeGreaterThan(0)
    expect(`${lines}${filler}`).toStartWith(`${prefix.join('\n')}\n`)
  })

  test('may be as large as the limit', async () => {
    const body = `${'x'.repeat(1023)}\n`.repeat(limitBytes / 1024)
    expect((await send(body)).status).toBe(200)
    expect((await send(piecewise([body]))).status).toBe(200)
  })

  test('that breaks off has added a prefix without its last line; again adds the rest', async () => {
    const lines = Array.from({ length: 30_000 }, (_, n) => `item-${n}`)
    const text = lines.join('\n')
    const broken = await send(piecewise([text.slice(0, 200_003)], true))
    expect(await problem(broken)).toMatchObject({ status: 400, code: 'malformed_body' })
    const prefix = await items()
    expect(prefix.length).toBeGreaterThan(0)
    expect(prefix).toEqual(lines.slice(0, prefix.length))
    expect((await shop.import(text)).body).toMatchObject({
      ...{ added: lines.length - prefix.length, unchanged: prefix.length, invalid: 0 },
    })
    expect(await items()).toEqual(lines)
  })

  test('is not looked at when the query breaks a rule', async () => {
    expect(await problem(await send('A', {}, '?x=1'))).toMatchObject({ status: 422 })
    expect(await problem(await send('A', { 'content-type': 'text/html' }, '?x=1'))).toEqual(
      unsupported,
    )
    expect(await items()).toEqual([])
  })
})

describe('over a socket', () => {
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

  test('a list that is empty in every format ends', async () => {
    await withServers(1, async ([server]) => {
      if (!server) throw new Error('There is no server.')
      const { call } = await server.keyFor('shop')
      for (const accept of [ndjson, csv]) {
        const { status, body } = await call<string>('GET', path, undefined, { accept })
        expect([status, body.length]).toEqual([200, accept === csv ? 36 : 0])
      }
    })
  }, 30_000)
})
