import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { itemHeadings } from '../../src/http/imports/lines/headings.ts'
import { changeItems } from '../../src/storage/sqlite/stock/change-items.ts'
import { firstMoment, origin, type TestApp, testApp } from '../support/app.ts'
import type { ImportAnswer } from '../support/caller.ts'
import { contextAt } from '../support/context.ts'
import { root } from '../support/process.ts'

const csv = 'text/csv'
const ndjson = 'application/x-ndjson'
const path = '/namespaces/shop/items'
/** What matches=drop leaves unread of an export. */
const ignoredOfExport = [
  ...['requestor', 'slot', 'matchedAt', 'heldUntil', 'createdAt', 'batch', 'status'],
]
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
  batch: expect.stringMatching(/^import-20300101T000000Z-\d{8}$/),
  received: 0,
  added: 0,
  restored: 0,
  matched: 0,
  unchanged: 0,
  invalid: 0,
  leftRemoved: 0,
  expired: 0,
  mended: 0,
  warned: 0,
  warnings: [],
  errors: [],
  ...counts,
  read: {
    encoding: 'utf-8',
    delimiter: null,
    header: null,
    column: null,
    ignored: [],
    lines: counts.received ?? 0,
    ...counts.read,
  },
})
const added = (n: number, counts: Partial<ImportAnswer> = {}) =>
  imported(`Added ${n} items`, { received: n, added: n, ...counts })

/** The live items, in their order. */
async function items() {
  return (await shop.list()).body.items.map(({ item }) => item)
}

/** What became items and which lines were invalid, of an import that has this answer. */
async function outcomeOf({ status, body }: { status: number; body: unknown }) {
  if (status === 422) {
    // Nothing could be used: the first lines are told.
    const { errors = [] } = body as { errors?: { detail: string }[] }
    const lines = errors.map(({ detail }) => Number(/^line (\d+) /.exec(detail)?.[1]))
    return { items: await items(), invalid: lines }
  }
  expect(status).toBe(200)
  const { received, added, restored, unchanged, invalid, leftRemoved, errors } =
    body as ImportAnswer
  expect(received).toBe(added + restored + unchanged + invalid + leftRemoved)
  expect(errors).toHaveLength(Math.min(invalid, 100))
  return { items: await items(), invalid: errors.map(({ line }) => line) }
}
const outcome = async (body: string | Uint8Array, type: string, query = '') =>
  outcomeOf(await shop.import(body, type, query))

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

  test('of nothing is a 422', async () => {
    const nothing = { status: 422, body: { code: 'invalid', detail: expect.any(String) } }
    for (const type of ['text/plain', csv, ndjson]) {
      for (const body of ['', '\n', '\r\n\n\r\n', '\ufeff', '\ufeff\r\n']) {
        expect(await shop.import(body, type)).toMatchObject(nothing)
      }
    }
    expect(await shop.import('item,batch\n', csv)).toMatchObject(nothing)
    expect((await send(null)).status).toBe(422)
    expect(await shop.import(' \nA\tB\n')).toMatchObject({
      ...{
        status: 422,
        body: { errors: [{ detail: expect.stringMatching(/^line 1 must be/) }, {}] },
      },
    })
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
    for (const [type, query] of [['text/plain'], [csv, '?column=1'], [csv], [ndjson]] as const) {
      const { body } = await shop.import(`${lines.join('\n')}\n"A"x\n\u0001\n`, type, query)
      expect(JSON.stringify(body)).toMatch(/"errors":\[\{/)
      expect(JSON.stringify(body)).not.toContain(marker)
    }
  })

  test('takes what a list shows as NDJSON, whatever the items are', async () => {
    const odd = ['"', '\\', '=1+1', "'=1", 'a,b', 'a"b', '😀', 'a\u2028b', '{}', "''", '1E+5']
    // Some are no new items, but an earlier version took them.
    const add = [...odd, ' x ', '\ufeffy']
    await changeItems(
      app.db,
      { namespace: 'shop', add, remove: [], release: [] },
      contextAt(firstMoment),
    )
    await shop.match('u')
    const accept = { accept: ndjson }
    const { body } = await shop.call<string>('GET', path, undefined, accept)
    const copy = await app.keyFor('copy')
    expect((await copy.import(body, ndjson, '?matches=drop')).body).toMatchObject({
      ...{ received: add.length, added: add.length, mended: 2, warned: 2 },
      read: { ignored: ignoredOfExport },
    })
    expect((await copy.list()).body.items.map(({ item }) => item)).toEqual([...odd, 'x', 'y'])
  })
})

type Body = string | Uint8Array
// biome-ignore format: a table
const uploads: [what: string, type: string, body: Body, items: string[], invalid: number[], query?: string][] = [
  ['text', 'text/plain', 'A\nB', ['A', 'B'], []],
  ['text with CRLF', 'text/plain', 'A\r\nB\r\n\r\nC\r', ['A', 'B', 'C'], []],
  ['text with every line end', 'text/plain', '\rA\rB\nC\r\nD\r\r\nE\n\rF\r', ['A', 'B', 'C', 'D', 'E', 'F'], []],
  ['text with a byte order mark', 'text/plain', '\ufeffA\n\ufeffB', ['A', 'B'], []],
  ['text as it is', 'text/plain', '"A"\n1,2\n{"item":"x"}', ['"A"', '1,2', '{"item":"x"}'], []],
  ['white space around text', 'text/plain', ' A\nB\t\n\u00a0C\u3000\n\u2028D\u0085\nE F', ['A', 'B', 'C', 'D', 'E F'], []],
  ['invisible characters', 'text/plain', 'A\u200b1\n\u202aB\u202c\nC\u00ad2\n\u2066D\u2069\u200e\n\u2060', ['A1', 'B', 'C2', 'D'], [5]],
  ['a heading', 'text/plain', '\n Coupon Code \nA\ncoupon code\nCoupon Code', ['A', 'coupon code'], [5]],
  ['a heading that is said to be none', 'text/plain', 'Code\nA', ['Code', 'A'], [], '?header=false'],
  ['a heading that is not known', 'text/plain', 'Was\nA', ['A'], [], '?header=true'],
  ['UTF-16', 'text/plain', Buffer.from('\ufeffA\nB', 'utf16le'), ['A', 'B'], []],
  ['UTF-16, big endian', 'text/plain', Buffer.from('\ufeffA\r\n😀', 'utf16le').swap16(), ['A', '😀'], []],
  ['UTF-16 by its charset', 'text/plain; charset=UTF-16BE', Buffer.from('A\nB', 'utf16le').swap16(), ['A', 'B'], []],
  ['Shift JIS', 'text/plain; charset="shift_jis"', Buffer.from('8365835883670a41', 'hex'), ['テスト', 'A'], []],
  ['KOI8-R', `${csv};charset=koi8-r`, Buffer.from('cbcfc43bc10ac13bc20a', 'hex'), ['а'], []],
  ['1,024 characters', 'text/plain', `${'😀'.repeat(1_024)}\n${'a'.repeat(1_025)}`, ['😀'.repeat(1_024)], [2]],

  ['a column named item', csv, 'name,item\nx,A\ny,B\n', ['A', 'B'], []],
  ['a first row with a mark', csv, '\ufeffitem,name\r\nA,x\r\n', ['A'], []],
  ['a quoted header with marks', csv, '\ufeff\ufeff"name","item"\nx,A\n', ['A'], []],
  ['no header', csv, 'A,x\nB,y', ['A', 'B'], [], '?column=1'],
  ['no header that is known', csv, 'Was;x\nA;y', ['x', 'y'], [], '?column=2'],
  ['a header that is not known', csv, 'Was;x\nA;y', ['A'], [], '?column=was'],
  ['a header that is not known, and a number', csv, 'Was;x\nA;y', ['A'], [], '?column=1&header=true'],
  ['a header that is said to be none', csv, 'code,x\nA,y', ['code', 'A'], [], '?column=1&header=false'],
  ['two known columns', csv, 'code,URL\nA,x', ['x'], [], '?column=url'],
  ['a blank line above a heading', csv, ' \n\t\nCode\nA\nB', ['A', 'B'], []],
  ['empty rows above the headings', csv, ';;\n ; ;\nid;Code;x\n1;A;2\n', ['A'], []],
  ['a guarded item of 1,024 characters', csv, `item,requestor,matchedAt,createdAt\r\n'=${'x'.repeat(1_023)},,,`, [`=${'x'.repeat(1_023)}`], [], '?matches=drop'],
  ['a guarded item with white space', csv, "item,requestor,matchedAt,createdAt\n '=1 ,,,\n", ['=1'], [], '?matches=drop'],
  ['empty lines first', csv, '\n\r\nname,item\nx,A', ['A'], []],
  ['one column', csv, 'A\n\nB', ['A', 'B'], []],
  ['one column, then a delimiter', csv, `${'C-1\n'.repeat(10_000)}A,x\nB\n"C,D"`, ['C-1', 'B', 'C,D'], [10_001]],
  ['quotes', csv, '"A"\n"B""C"\n"D,E"\n""\n', ['A', 'B"C', 'D,E'], [4]],
  ['white space', csv, 'item ,x\n A ,x\n" B ",y\n"C", "z"\n "D" ,z', ['A', 'B', 'C', 'D'], []],
  ['a line break in a cell', csv, 'item,note\r\nA,"a\r\nb\r\n\r\n"\r\nB,\r\n"C\nD",\n ,x', ['A', 'B'], [7, 9]],
  ['a missing cell', csv, 'note,item\nx\ny,A\nz,', ['A'], [2, 4]],
  ['more cells than in the first row', csv, 'item,n\nA\nB,x,y\nC,,,', ['A', 'B', 'C'], []],
  ['more cells than in the first row, before the item', csv, 'n,item\nx,A\nx,y,B\n', ['A'], [3]],
  ['rows of delimiters', csv, 'item;n\n;\nA;\n;;;\n', ['A'], [2, 4]],
  ['headings again', csv, 'id,code\n1,A\nid,code\n2,B', ['A', 'B'], [3]],
  ['a delimiter that is said', csv, 'item,x;y\nA,1;2\n', ['A,1'], [], '?delimiter=;&column=1&header=true'],
  ['a delimiter in letters', csv, 'item|x,y\nA|1,2\n', ['A'], [], '?delimiter=pipe'],
  ['sep= and no heading', csv, 'sep=;\r\nA;x\r\nB;y', ['x', 'y'], [], '?column=2'],
  ['sep= in quotes, of a tab', csv, '"sep=\t"\ncode\tn\nA\tx', ['A'], []],
  ['a quote inside', csv, 'A\nB"C\nD', ['A', 'D'], [2]],
  ['text behind a quote', csv, 'A\n"B"C\nD\n"E" "F"\nF', ['A', 'D', 'F'], [2, 4]],
  ['a quote left open', csv, 'A\n"B\nC\nD', ['A', 'C', 'D'], [2]],
  ['a quote left open, in a header', csv, '"x\nname,item\ny,A', ['A'], [1]],
  ['quotes left open', csv, 'A\n"B\n"C\nD\n"E', ['A', 'D'], [2, 3, 5]],
  ['a lone CR', csv, 'A\rB\nC', ['A', 'B', 'C'], []],

  ['strings and objects', ndjson, '"A"\n{"item":"B"}\r\n {"item" : "C"} \n', ['A', 'B', 'C'], []],
  ['escapes', ndjson, '"\\u0041"\n"\\ud83d\\ude00"', ['A', '😀'], []],
  ['bad escapes', ndjson, '"\\ud83d"\n"\\u0000"\n"\\ufffd"\n"a\\nb"\nA', [], [1, 2, 3, 4, 5]],
  ['white space in JSON', ndjson, '" A\\n"\n{"item":"\\ufeffB"}', ['A', 'B'], []],
  ['other values', ndjson, '1\nnull\n["A"]\n{}\n{"item":1}\n""\ntrue\n"B"', ['B'], [1, 2, 3, 4, 5, 6, 7]],
  ['broken JSON', ndjson, '{"item":"A"\n"B""C"\n{"item":"D"}{"item":"E"}\n \n"F"', ['F'], [1, 2, 3, 4]],
  ['unknown names', ndjson, '{"item":"A","x":1}\n{"Item":"B"}\n{"item":"C","__proto__":1}', [], [1, 2, 3]],
  ['a name twice', ndjson, '{"item":"A","item":"A"}\n{"item":"B","\\u0069tem":"C"}', [], [1, 2]],
  ['a part of a row', ndjson, '{"item":"A","requestor":null}', ['A'], [], '?matches=drop'],
  ['deep JSON', ndjson, `${'['.repeat(30_000)}\n"A"`, ['A'], [1]],
]

describe('an upload with', () => {
  test.each(uploads)('%s', async (_, type, body, expected, invalid, query = '') => {
    expect(await outcome(body, type, query)).toEqual({ items: expected, invalid })
  })

  const brief = uploads.filter(([, , body]) => body.length < 5_000)
  test.each(brief)('%s, a byte at a time', async (_, type, body, expected, invalid, query = '') => {
    const pieces = Array.from(Buffer.from(body), (byte) => Uint8Array.of(byte))
    const response = await send(piecewise(pieces), { 'content-type': type }, query)
    const answer = { status: response.status, body: await response.json() }
    expect(await outcomeOf(answer)).toEqual({ items: expected, invalid })
  })

  test.each([
    ['text/plain', 'item-', ''],
    [csv, '"item-', '"'],
    [ndjson, '{"item":"item-', '"}'],
  ])('lines around every boundary of a block: %s', async (type, before, after) => {
    const names = Array.from({ length: 12_000 }, (_, n) => `item-${n}-${'x'.repeat(n % 37)}`)
    const lines = names.map((name) => before + name.slice(5) + after)
    lines.splice(7_000, 0, '\t\t')
    expect(await outcome(lines.join('\r\n'), type)).toEqual({ items: names, invalid: [7_001] })
  })

  const long = 'x'.repeat(64 * 1024)
  test.each([
    ['text/plain', long],
    ['text/plain', 'x'.repeat(2 ** 20)],
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

  test.each([
    ['text/plain', '', Buffer.from('A\xe9\nB\n', 'latin1')],
    [csv, 'item,n\n', Buffer.from('A,\xe9\nB,e\n', 'latin1')],
    [ndjson, '', Buffer.from('"A\xe9"\n"B"\n', 'latin1')],
    ['text/plain', '\ufeff', Buffer.from('A\ud800\nB\n', 'utf16le')],
    ['text/plain;charset=gbk', '', Buffer.from('A\x81\nB\n', 'latin1')],
  ])('bytes that are not of the encoding far from the beginning: %s', async (type, head, tail) => {
    const names = Array.from({ length: 20_000 }, (_, n) => `item-${n}`)
    const quote = type === ndjson ? '"' : ''
    const lines = head + names.map((name) => `${quote}${name}${quote}\n`).join('')
    const body = Buffer.concat([Buffer.from(lines, head === '\ufeff' ? 'utf16le' : 'utf8'), tail])
    const invalid = [20_001 + Number(type === csv)]
    expect(await outcome(body, type)).toEqual({ items: [...names, 'B'], invalid })
  })

  test('a table that comes as text, which is told to be one', async () => {
    const { body } = await shop.import('Code\tValue\nA\tB\nC')
    expect(body.errors.map(({ detail }) => detail)).toEqual([
      expect.stringContaining('send a table as text/csv'),
      expect.stringContaining('send a table as text/csv'),
    ])
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

describe('an import warns of', () => {
  // biome-ignore format: a table
  const warnings: [what: string, type: string, body: string, lines: number[]][] = [
    ['rounded numbers', csv, 'item\n1.2E+15\n"1,5E+7"\n12E4\n3e-2\n-1.5E10', [2, 3, 5, 6]],
    ['rounded numbers in text', 'text/plain', '1.2E+15\nA1E+5', [1]],
    ['rounded numbers in JSON', ndjson, '"1.2E+15"\n"A,B"\n{"item":"a\u2028b"}', [1, 3]],
    ['delimiters and quotes in text', 'text/plain', 'A;B\nA|B\n“A1”\n\'A\'\n"A\nA:B', [1, 2, 3, 4]],
    ['quotes in CSV that are none of CSV', csv, "'Code',n\n'A',1\n“B”,2\n\"=\"\"01\"\"\",3\nC'D,4", [2, 3, 4]],
    ['JSON in text', 'text/plain', '{"item":"A"}\n["B","C"]\n{D}', [1, 2]],
    ['UTF-8 that was read in another encoding', 'text/plain', 'CAFÃ©\nA â€“ B\nNÃO\nâge', [1, 2]],
    ['UTF-8 that is read in another encoding', 'text/plain;charset=windows-1252', 'CAFÉ\nB', [1]],
    ['a heading below other lines', csv, '# of 2030-01-01\nCode\nA1\n', [2]],
    ['a heading below other lines of text', 'text/plain', 'Liste\n\nCoupon code\nA1\nA2', [3]],
    ['what may be a heading', 'text/plain', 'Nummern\nA1\nA2\n', [1]],
    ['what may be a heading of CSV', csv, '"Nummern"\r\nA1\r\nA2\r\n', [1]],
    ['lines that may have been joined', 'text/plain', 'A1B2C3', [1]],
    ['nothing else', 'text/plain', 'ABC\nDEF-1\nGHI', []],
    ['nothing of one code', 'text/plain', 'CODE-A1B2', []],
  ]
  test.each(warnings)('%s', async (_, type, body, lines) => {
    const answer = await shop.import(body, type)
    expect(answer.body.warnings?.map(({ line }) => line)).toEqual(lines)
    expect(answer.body.warned).toBe(lines.length)
  })

  test('no more than the first 100, and counts all', async () => {
    const { body } = await shop.import('A,1\n'.repeat(250))
    expect(body).toMatchObject({ added: 1, unchanged: 249, warned: 250 })
    expect(body.warnings).toHaveLength(100)
  })
})

describe('an import that does not tell how to read it is a 422 for', () => {
  // biome-ignore format: a table
  const refused: [what: string, type: string, body: Body, parameter: string, query?: string][] = [
    ['several columns', csv, 'A,x\nB,y', 'column'],
    ['several columns with unknown headings', csv, 'Was;x\nA;y', 'column', '?header=true'],
    ['several columns without headings', csv, 'code;x\nA;y', 'column', '?header=false'],
    ['two known columns', csv, 'Code,Link\nA,x', 'column'],
    ['a heading that is not there', csv, 'Code,Link\nA,x', 'column', '?column=item'],
    ['a heading that is there twice', csv, 'X,x \nA,x', 'column', '?column=X'],
    ['a column past the last one', csv, 'Code,Link\nA,x', 'column', '?column=3'],
    ['a heading where there are none', csv, 'Code,Link\nA,x', 'column', '?column=Link&header=false'],
    ['headings that may be data', csv, 'code,A1\nX,B2', 'column'],
    ['headings that may be data, by a number', csv, 'code,A1\nX,B2', 'header', '?column=1'],
    ['delimiters that fit as well', csv, 'A,x;y\nB,x;y', 'delimiter', '?column=1'],
    ['no delimiter that fits', csv, 'A,x;y\nB;y\nC,z', 'delimiter', '?column=1'],
    ['a heading of one cell above rows of two', csv, 'code\nA,B\nC,D', 'delimiter'],
    ['requestors', csv, 'item,Requestor\nA,\n', 'matches'],
    ['requestors behind an unknown heading', csv, 'Was,requestor\nA,u\n', 'matches', '?column=1'],
    ['requestors in JSON', ndjson, '"A"\n{"item":"B","requestor":null}\n', 'matches'],
    ['bytes that are not UTF-8', 'text/plain', Buffer.from('A\n\xe9', 'latin1'), 'charset'],
    ['bytes that are not UTF-8 as is said', 'text/plain;charset=utf-8', Buffer.from('A\n\xe9', 'latin1'), 'charset'],
    ['a cell that is not UTF-8', `${csv};charset=utf-8`, Buffer.from('item,n\nA,\xe9\nB,e', 'latin1'), 'charset'],
    ['a string that is not UTF-8', ndjson, Buffer.from('"A\xe9"\n{"item":"B"}', 'latin1'), 'charset'],
    ['half a pair in UTF-16', 'text/plain', Buffer.from('\ufeffA\nB\ud83d', 'utf16le'), 'charset'],
    ['half a character in GBK', 'text/plain;charset=gbk', Buffer.from('A\x81\nB', 'latin1'), 'charset'],
    ['a cut character at the end', 'text/plain', Buffer.from('A\n😀').subarray(0, 4), 'charset'],
    ['NUL', 'text/plain', 'A\0\nB', 'charset'],
    ['UTF-16 without a mark', csv, Buffer.from('code\nA', 'utf16le').swap16(), 'charset'],
    ['UTF-32', csv, Buffer.from('\ufeff\0c\0o\0', 'utf16le'), 'charset'],
    ['another charset than is said', 'text/plain;charset=utf-16le', Buffer.from('\0A\0\n\0\0'), 'charset'],
    ['UTF-16 of the other order', `${csv};charset=utf-16`, Buffer.from('Code\nA\n', 'utf16le').swap16(), 'charset'],
    ['UTF-16 of the other order, not in Latin', 'text/plain;charset=utf-16be', Buffer.from('КОД\nКЛЮЧ\n', 'utf16le'), 'charset'],
    ['UTF-8 that is said to be UTF-16', 'text/plain;charset=utf-16', 'CODE-A1\nCODE-B2\n', 'charset'],
    ['one NUL that is said to be UTF-16', 'text/plain;charset=utf-16be', 'CODE-A1\0\nCODE-B2\n', 'charset'],
    ['a delimiter that the headings contradict', csv, 'Code;x\nA;1', 'delimiter', '?delimiter=,'],
    ['sep= that the headings contradict', csv, 'sep=,\nCode;x\nA;1', 'delimiter'],
    ['cells that are empty but for the delimiter', csv, 'item\n,\nA', 'delimiter'],
    ['a title above the headings', csv, 'Liste\nCode;x\nA;1', 'delimiter'],
    ['a padded title above the headings', csv, 'Liste;\nCode;x\nA;1', 'column'],
    ['requestors that are said to be no heading', csv, 'item,requestor\nA,u', 'matches', '?column=1&header=false'],
    ['requestors below a title', csv, 'Liste,\nitem,requestor\nA,u', 'matches', '?column=1'],
    ['requestors below an empty row', csv, ',\nitem,requestor\nA,u', 'matches', '?column=1'],
    ['a column of text', 'text/plain', 'A', 'column', '?column=1'],
    ['a delimiter of NDJSON', ndjson, '"A"', 'delimiter', '?delimiter=tab'],
    ['a header of NDJSON', ndjson, '"A"', 'header', '?header=true'],
    ['an unknown delimiter', csv, 'A', 'delimiter', '?delimiter=:'],
    ['an unknown matches', csv, 'A', 'matches', '?matches=hold'],
  ]
  test.each(refused)('%s', async (_, type, body, parameter, query = '') => {
    expect(await shop.import(body, type, query)).toMatchObject({
      ...{ status: 422, body: { code: 'invalid', errors: [{ pointer: `#/${parameter}` }] } },
    })
    expect(await items()).toEqual([])
  })

  test('a requestor that turns up later, which stops the import there', async () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => `{"item":"item-${n}"}`)
    rows.push('{"item":"last","requestor":"u"}', '"behind"')
    const { status, body } = await shop.import(rows.join('\n'), ndjson)
    const added = (await items()).length
    expect([status, body]).toMatchObject([422, { errors: [{ pointer: '#/matches' }] }])
    expect(JSON.stringify(body)).toContain(`line 20001 says who has its item`)
    expect(JSON.stringify(body)).toContain(`${added} added`)
    expect(rows.slice(0, added)).toEqual((await items()).map((item) => `{"item":"${item}"}`))
    expect((await shop.import(rows.join('\n'), ndjson, '?matches=drop')).body).toMatchObject({
      ...{ received: 20_002, added: 20_002 - added, unchanged: added, invalid: 0 },
    })
  })
})

test('docs/imports.md lists the headings that are known', async () => {
  const docs = await Bun.file(join(root, 'docs/imports.md')).text()
  const rows = Object.entries(itemHeadings).map(
    ([name, words]) => `| ${name} | ${words.join(', ')} |`,
  )
  expect(docs.split('\n').slice(-rows.length - 1, -1)).toEqual(rows)
})

test('an import leaves removed items removed when told so', async () => {
  await shop.import('A\nB\nC')
  await shop.match('u')
  await shop.patch({ remove: ['A', 'B'] })
  for (const query of ['?restore=false&dryRun=true', '?restore=false']) {
    const { body } = await shop.import('A\nB\nB\nC\nD', 'text/plain', query)
    expect(body).toMatchObject({
      ...{ received: 5, added: 1, restored: 0, unchanged: 1, invalid: 0, leftRemoved: 3 },
    })
  }
  expect(await items()).toEqual(['C', 'D'])
  const all = await shop.import('A\nB', 'text/plain', '?restore=false')
  expect([all.status, all.body]).toMatchObject([200, { received: 2, leftRemoved: 2 }])
})

test('a dry run says what would be done, and changes nothing', async () => {
  await shop.import('A\nB\nC\nD')
  await shop.match('u')
  await shop.match('v')
  await shop.patch({ remove: ['A', 'B', 'C'] })
  await shop.match('u')
  const body = `D\nA\nB\nC\nE \n\n\t\nE\n${Array.from({ length: 20 }, (_, n) => `X${n}`).join('\n')}`
  const before = await items()
  const dry = await shop.import(body, 'text/plain', '?dryRun=true')
  expect(await items()).toEqual(before)
  const { message: _, items: shown, batch: none, ...counts } = dry.body
  const { message, batch, ...done } = (await shop.import(body)).body
  expect([none, batch]).toEqual([null, expect.any(String)])
  expect<unknown>(counts).toEqual(done)
  expect(done).toMatchObject({ added: 21, restored: 2, unchanged: 2, invalid: 2, mended: 1 })
  expect(dry.body.message).toBe(`Dry run, nothing was changed: ${message}`)
  expect(shown?.map(({ item }) => item)).toEqual([
    ...['D', 'A', 'B', 'C', 'E', 'E', 'X0', 'X1', 'X2', 'X3'],
  ])
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

  test.each([
    ['text/csv', Buffer.from('504b030414000600', 'hex')],
    ['text/plain', Buffer.from('d0cf11e0a1b11ae1', 'hex')],
    ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', Buffer.from('PK')],
    ['application/vnd.ms-excel', 'A,B'],
  ])('that is a spreadsheet is refused as %s, with what to do', async (type, body) => {
    expect(await problem(await send(body, { 'content-type': type }))).toEqual({
      ...{ ...unsupported, detail: expect.stringContaining('save it as "CSV UTF-8') },
    })
    expect(await items()).toEqual([])
  })

  test.each([
    ['text/plain', '<!DOCTYPE html>\n<title>404 Not Found</title>\n'],
    [csv, '\ufeff\r\n<html>\n<body>\n'],
    ['text/plain', '<?xml version="1.0"?>\n<Error><Code>NoSuchKey</Code></Error>'],
    [csv, '%PDF-1.4\n1 0 obj\n'],
    ['text/plain', '{\\rtf1\\ansi\n\\f0 A1\\\nB2}'],
    [csv, '--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nCode\r\nA\r\n--x--\r\n'],
    ['text/plain', Buffer.from('504b050600000000', 'hex')],
  ])('that is another kind of file is refused as %s: %p', async (type, body) => {
    expect(await problem(await send(body, { 'content-type': type }))).toEqual(unsupported)
    expect(await items()).toEqual([])
  })

  test.each([
    '[\n"A",\n"B"\n]\n',
    '["A",\n"B"\n]',
    '[{\n"item":"A"\n}]',
    ' [ {"item":"A"},\n{"item":"B"}\n]',
  ])('that is a JSON array over several lines is refused: %p', async (body) => {
    const { status, body: answer } = await shop.import(body, ndjson)
    expect([status, JSON.stringify(answer)]).toEqual([
      422,
      expect.stringContaining('send a JSON array line by line'),
    ])
    expect(await items()).toEqual([])
  })

  test('is refused with a charset that is none, and packed', async () => {
    expect(await problem(await send('A', { 'content-type': 'text/csv; charset=ansi-x' }))).toEqual(
      unsupported,
    )
    const packed = Bun.gzipSync(Buffer.from('A'))
    expect(await problem(await send(packed))).toEqual(unsupported)
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
