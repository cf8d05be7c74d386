import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { changeItems } from '../src/storage/sqlite/stock/change-items.ts'
import { firstMoment, origin, type TestApp, testApp } from './support/app.ts'
import { contextAt } from './support/context.ts'

const csv = 'text/csv'
const ndjson = 'application/x-ndjson'
const path = '/namespaces/shop/items'
const start = new Date(firstMoment).toISOString()
const heading = 'item,requestor,slot,data,matchedAt,heldUntil,expiresAt,createdAt,batch,status'
const typeOf = {
  json: 'application/json;charset=utf-8',
  csv: 'text/csv;charset=utf-8',
  ndjson: 'application/x-ndjson;charset=utf-8',
}

let app: TestApp
let shop: Awaited<ReturnType<TestApp['keyFor']>>

beforeEach(async () => {
  app = await testApp()
  shop = await app.keyFor('shop')
})
afterEach(() => app.close())

const list = (accept: string, query = '') =>
  shop.call<string>('GET', path + query, undefined, { accept })
const ndjsonOf = (rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

test('a list as CSV has a header, and quotes what needs it', async () => {
  // One is no new item, but an earlier version took it.
  const add = ['A', 'B,"C"', ' x ', 'x|y', '😀']
  await changeItems(
    app.db,
    { namespace: 'shop', add, remove: [], release: [] },
    contextAt(firstMoment),
  )
  await shop.match('u;v')
  const { status, headers, body } = await list(csv)
  expect([status, headers.get('content-type')]).toEqual([200, typeOf.csv])
  expect(body).toBe(
    [
      heading,
      `A,"u;v",,,${start},,,${start},,matched`,
      `"B,""C""",,,,,,,${start},,available`,
      ` x ,,,,,,,${start},,available`,
      `"x|y",,,,,,,${start},,available`,
      `😀,,,,,,,${start},,available`,
      '',
    ].join('\r\n'),
  )
})

test('a list as CSV begins with a byte order mark, by which spreadsheets know UTF-8', async () => {
  const headers = { 'x-api-key': shop.apiKey, accept: csv }
  for (const query of ['', '?limit=1']) {
    const response = await app.send(new Request(origin + path + query, { headers }))
    expect((await response.bytes()).subarray(0, 7)).toEqual(
      Buffer.from('\ufeffitem').subarray(0, 7),
    )
  }
})

test('a list as CSV runs no formula in a spreadsheet', async () => {
  await shop.patch({ add: ['=1+1', '+1', '-1', '@SUM(A1)', '=HYPERLINK("x")', 'a=1'] })
  await shop.match('=cmd')
  const { body } = await list(csv)
  const cells = body.split('\r\n').map((line) => line.replace(/(,[^,]*){6}$/, ''))
  expect(cells.slice(1, -1)).toEqual([
    `'=1+1,'=cmd,,`,
    "'+1,,,",
    "'-1,,,",
    "'@SUM(A1),,,",
    `"'=HYPERLINK(""x"")",,,`,
    'a=1,,,',
  ])
})

test('a list as CSV is imported again as it is, formulas and their guards included', async () => {
  const items = [
    ...['=1+1', "'=1+1", "''=1", "'", "'a", '-1', '＝1', 'A;B', 'A,B', 'A|B', '"A"', 'A"B', 'a b'],
    ...["'-'", '@', 'sep=;', 'item', 'Ä😀', "'+", "'''"],
  ]
  await shop.patch({ add: items })
  await shop.match("'=cmd")
  const { body } = await list(csv)
  expect((await shop.import(body, csv)).body).toMatchObject({
    ...{ status: 422, errors: [{ pointer: '#/matches' }] },
  })
  const copy = await app.keyFor('copy')
  expect((await copy.import(body, csv, '?matches=drop')).body).toMatchObject({
    ...{ added: items.length, invalid: 0, mended: 0 },
    read: { ignored: heading.split(',').filter((name) => !/item|data|expiresAt/.test(name)) },
  })
  expect((await copy.list()).body.items.map(({ item }) => item)).toEqual(items)
  // Only what has the headings of an export has guards.
  const other = await app.keyFor('other')
  await other.import("item,note\n'=1,x\n", csv)
  expect((await other.list()).body.items.map(({ item }) => item)).toEqual(["'=1"])
})

test('a list as NDJSON has the rows of the JSON list, a line each', async () => {
  await shop.patch({ add: ['A', '=1+1', '"\\', 'a\u2028b'] })
  await shop.match('u')
  const { headers, body } = await list(ndjson)
  expect(headers.get('content-type')).toBe(typeOf.ndjson)
  expect(body).toBe(ndjsonOf((await shop.list()).body.items))
})

test('an empty list is a header or nothing', async () => {
  expect((await list(csv)).body).toBe(`${heading}\r\n`)
  expect((await list(ndjson)).body).toBe('')
})

test.each([csv, ndjson])('5,000 items as %s are those of the JSON list', async (type) => {
  const items = Array.from({ length: 5_000 }, (_, n) => `item-${n}`)
  await shop.patch({ add: items })
  await shop.match('u')
  const { body } = await list(type)
  const rows = (await shop.list()).body.items
  const lines = rows.map((row) => Object.values(row).join(','))
  const inCsv = [heading, ...lines, ''].join('\r\n')
  expect(body).toBe(type === csv ? inCsv : ndjsonOf(rows))
  const copy = await app.keyFor('copy')
  const answer = await copy.import(body, type, '?matches=drop')
  expect(answer.body).toMatchObject({ received: 5_000, added: 5_000 })
  expect((await copy.list()).body.items.map(({ item }) => item)).toEqual(items)
})

test.each([csv, ndjson])('pages as %s are linked to one another', async (type) => {
  await shop.patch({ add: ['A', 'B', 'C', 'D', 'E', 'gone'] })
  await shop.match('u')
  const url = `http://localhost${path}?status=available&limit=2`
  const lines: string[] = []
  let next: string | undefined = url
  while (next !== undefined) {
    const { pathname, search } = new URL(next)
    const { headers, body } = await shop.call<string>('GET', pathname + search, undefined, {
      accept: type,
    })
    lines.push(
      ...body
        .trim()
        .split(/\r?\n/)
        .slice(type === csv ? 1 : 0),
    )
    const link = /^<([^>]*)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1]
    next = link === undefined ? undefined : new URL(link, next).href
  }
  expect(lines).toHaveLength(5)
  expect(lines.map((line) => line.match(/gone|[A-E]/)?.[0]).join()).toBe('B,C,D,E,gone')
})

test('a page of JSON has its next one in both places', async () => {
  await shop.patch({ add: ['A', 'B'] })
  const { headers, body } = await shop.list('?limit=1&status=available')
  const query = new URLSearchParams({
    status: 'available',
    limit: '1',
    cursor: `${body.nextCursor}`,
  })
  expect(headers.get('link')).toBe(`<?${query}>; rel="next"`)
  const last = await shop.list(`?${query}`)
  expect([last.headers.get('link'), last.body.nextCursor]).toEqual([null, null])
})

test('filters are the same in each format', async () => {
  await shop.patch({ add: ['A', 'B'] })
  await shop.match('u')
  for (const [query, item] of [
    ['?status=matched', 'A'],
    ['?item=B', 'B'],
    ['?requestor=u', 'A'],
  ] as const) {
    expect((await list(csv, query)).body.split('\r\n')[1]).toStartWith(`${item},`)
    expect(JSON.parse((await list(ndjson, query)).body)).toMatchObject({ item })
  }
})

describe('the format', () => {
  test.each([
    ['', 'json'],
    ['*/*', 'json'],
    ['application/*', 'json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'json'],
    ['text/html', 'json'],
    ['image/png;q=1', 'json'],
    ['nonsense', 'json'],
    [';;,,;q', 'json'],
    ['application/json', 'json'],
    ['text/csv', 'csv'],
    ['TEXT/CSV', 'csv'],
    ['text/*', 'csv'],
    ['text/csv; charset=utf-8', 'csv'],
    ['text/csv;q=0.5, application/json;q=0.4', 'csv'],
    ['text/csv;q=0.5, application/json', 'json'],
    ['text/csv;q=0, */*', 'json'],
    ['*/*;q=0.1, text/csv', 'csv'],
    ['application/x-ndjson', 'ndjson'],
    ['application/json;q=0.9, application/x-ndjson', 'ndjson'],
    ['application/json;q=0, application/*', 'ndjson'],
  ] as const)('for accept: %s is %s', async (accept, format) => {
    for (const query of ['', '?limit=1']) {
      const { status, headers } = await list(accept, query)
      expect([status, headers.get('content-type')]).toEqual([200, typeOf[format]])
      expect(headers.get('vary')).toBe('accept')
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })

  test('is that of JSON for an accept header past 1,024 characters', async () => {
    for (const [length, type] of [
      [1_024, 'text/csv;charset=utf-8'],
      [1_025, 'application/json;charset=utf-8'],
    ] as const) {
      const accept = `text/csv${' '.repeat(length - 'text/csv'.length - 1)},`
      const { headers } = await shop.call('GET', '/namespaces/shop/items', undefined, { accept })
      expect([length, headers.get('content-type')]).toEqual([length, type])
    }
  })

  test('of an error is the same whatever is accepted', async () => {
    const { status, headers } = await list(csv, '?limit=0')
    expect([status, headers.get('content-type')]).toEqual([422, 'application/problem+json'])
  })

  test('of a list that cannot be read is an error', async () => {
    await app.db.write([{ sql: 'ALTER TABLE items RENAME TO lost', params: [] }])
    expect((await list(csv)).status).toBe(500)
  })
})
