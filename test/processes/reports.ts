import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type TestApp, testApp } from '../support/app.ts'
import type { ImportAnswer } from '../support/caller.ts'

// Files after public bug reports of people who do this job, and what is right for each of them.

const folder = join(import.meta.dir, '../reports')
const csv = 'text/csv'
const text = 'text/plain'
const [A1, B2, C3, D4] = ['SUMMER-A1', 'SUMMER-B2', 'SUMMER-C3', 'SUMMER-D4']

let app: TestApp
let shop: Awaited<ReturnType<TestApp['keyFor']>>

beforeEach(async () => {
  app = await testApp()
  shop = await app.keyFor('shop')
})
afterEach(() => app.close())

/** What is told of an upload beyond its items; what is left out is 0 or empty. */
type Told = {
  type?: string
  query?: string
  mended?: number
  unchanged?: number
  warned?: number[]
  invalid?: [line: number, detail: string][]
  read?: Partial<ImportAnswer['read']>
}
type Case = [file: string, items: string[], told?: Told]

const reading = (delimiter: string, header: string[], column = 1) => ({
  delimiter,
  header,
  column,
  ignored: header.filter((_, n) => n !== column - 1),
})
const itemBatch = reading(',', ['item', 'batch'])
const utf16 = { encoding: 'utf-16le' }
const empty = 'has an empty cell for the item'
const quote = 'is not CSV: a quote is out of place'
const rule = expect.stringMatching(/^must be 1 to 1024 characters/)

// biome-ignore format: a table
const read: Case[] = [
  ['semicolon-header.csv', [A1, B2], { read: reading(';', ['Code', 'Wert', 'Gültig bis']) }],
  ['semicolon-sep-line.csv', [A1, B2], { read: { ...reading(';', ['Code', 'Wert']), lines: 4 } }],
  ['semi-quoted.csv', [A1, B2], { read: reading(';', ['item', 'batch']) }],
  ['semi-item-second.csv', [A1, B2], { read: reading(';', ['batch', 'item'], 2) }],
  ['tab.csv', [A1, B2], { read: reading('\t', ['Code', 'Value']) }],
  ['header-Code.csv', [A1, B2], { read: { delimiter: null, header: ['Code'], column: 1, ignored: [] } }],
  ['header-coupon_code.csv', [A1, B2], { read: { delimiter: null, header: ['coupon_code'], column: 1 } }],
  ['header-Item-cap.csv', [A1, B2], { read: reading(',', ['Item', 'Batch']) }],
  ['header-item-space.csv', [A1, B2], { mended: 2, read: reading(',', ['batch', 'item'], 2) }],
  ['header-bom-quoted.csv', [A1, B2], { read: itemBatch }],
  ['id-code.csv', [A1, B2], { read: reading(',', ['id', 'code', 'campaignId'], 2) }],
  ['two-item-columns.csv', ['X1', 'X2'], { query: '?column=2', read: reading(',', ['item', 'item'], 2) }],
  ['header-word-in-data.csv', [A1, B2], { query: '?column=1', read: { header: null, column: 1 } }],
  ['cr-only.csv', [A1, B2], { read: { ...itemBatch, lines: 3 } }],
  ['cr-only-2col-noheader.csv', [A1, B2, C3, D4], { query: '?column=1', read: { delimiter: ',', header: null, column: 1 } }],
  ['cr-only-Code-2col.csv', [A1, B2], { read: reading(',', ['Code', 'Value']) }],
  ['cr-only.txt', [A1, B2, C3], { read: { lines: 3 } }],
  ['utf16le-bom.csv', [A1, B2], { read: { ...itemBatch, ...utf16 } }],
  ['utf16le-bom.txt', [A1, B2, C3], { read: utf16 }],
  ['utf16le-nobom.csv', [A1, B2], { type: `${csv}; charset=utf-16le`, read: { ...itemBatch, ...utf16 } }],
  ['cp1252.csv', ['SUMMER–A1', 'CAFÉ-B2', 'PLAIN-C3'], { type: `${csv}; charset=windows-1252`, read: { encoding: 'windows-1252', ...reading(',', ['item', 'name']) } }],
  ['gbk.csv', [A1, B2], { type: `${csv}; charset="GBK"`, read: { encoding: 'gbk', ...reading(',', ['兑换码', '批次']) } }],
  ['trailing-space.csv', [A1, B2], { mended: 1, read: itemBatch }],
  ['trailing-space.txt', [A1, B2, C3, D4], { mended: 3 }],
  ['nbsp.txt', [A1, B2, 'SUMMER\u00a0C3'], { mended: 2 }],
  ['two-boms.txt', [A1, B2]],
  ['csv-as-text.txt', ['item,batch', `${A1},a`, `${B2},a`], { warned: [1, 2, 3] }],
  ['comma-lines.txt', [`${A1},`, `${B2},`, `${C3},`], { warned: [1, 2, 3] }],
  ['comma-oneline.txt', [`${A1},${B2},${C3}`], { warned: [1] }],
  ['quoted.txt', [`"${A1}"`, `"${B2}"`], { warned: [1, 2] }],
  ['excel-sci.csv', ['1.23457E+15', '4.68769E+17'], { unchanged: 2, warned: [2, 3, 4, 5], read: itemBatch }],
  ['leading-zeros.csv', ['000123', '000124'], { invalid: [[4, quote]], read: { header: ['item'] } }],
  ['embedded-newline.csv', [A1, C3], { mended: 1, invalid: [[4, rule as never]], read: itemBatch }],
  ['quotes-unescaped.csv', [B2, D4], { invalid: [[2, quote], [4, quote]], read: reading(',', ['item', 'note']) }],
  ['open-quote.csv', [B2, C3], { invalid: [[2, quote]], read: itemBatch }],
  ['blank-cells.csv', [A1, B2], { invalid: [[3, empty], [4, empty], [5, empty]], read: itemBatch }],
  ['nulls.txt', [A1, 'NULL', 'null', '#N/A', 'N/A', 'undefined']],
  ['dups.txt', [A1, 'summer-a1'], { unchanged: 2, mended: 1 }],
  ['smart-dash.txt', [A1, 'SUMMER–A1', 'SUMMER‑A1', 'SUMMER−A1']],
  ['thai-emoji.txt', ['โค้ด-๑๒๓', '🎁FREE🎁', 'CODE-é']],
  ['three.txt', [A1, B2, C3]],
]

// biome-ignore format: a table
const refused: [file: string, parameter: string, detail: string, query?: string][] = [
  ['two-item-columns.csv', 'column', '2 columns have a heading that means items'],
  ['header-word-in-data.csv', 'column', 'none has a heading that is known to mean items'],
  ['cr-only-2col-noheader.csv', 'column', 'none has a heading that is known to mean items'],
  ['utf16le-nobom.csv', 'charset', 'UTF-16 has them (utf-16le, by the looks): say the charset in the content type, or save the file as UTF-8'],
  ['cp1252.csv', 'charset', 'lines that are not UTF-8 (2, 3, 4): say the charset in the content type, or save the file as UTF-8'],
  ['gbk.csv', 'charset', 'lines that are not UTF-8 (1, 2, 3)'],
]

const bytesOf = (file: string) => Bun.file(join(folder, file)).bytes()
const typeOf = (file: string) =>
  ({ csv, txt: text, json: 'application/x-ndjson' })[file.split('.')[1] ?? ''] ?? text
const items = async () => (await shop.list()).body.items.map(({ item }) => item)

describe('a file that is read right', () => {
  test.each(read)('%s', async (file, expected, told = {}) => {
    const { type = typeOf(file), query = '', mended = 0, unchanged = 0, warned = [] } = told
    const { status, body } = await shop.import(await bytesOf(file), type, query)
    const errors = (told.invalid ?? []).map(([line, detail]) => ({ line, detail }))
    const counts = { mended, unchanged, warned: warned.length, invalid: errors.length }
    expect([status, body]).toMatchObject([
      200,
      { ...counts, added: expected.length, errors, read: told.read ?? { header: null } },
    ])
    expect(body.warnings.map(({ line }) => line)).toEqual(warned)
    expect(await items()).toEqual(expected)

    // A dry run says the same, and changes nothing.
    const copy = await app.keyFor('copy')
    const dry = await copy.import(
      await bytesOf(file),
      type,
      query ? `${query}&dryRun=true` : '?dryRun=true',
    )
    expect(dry.body).toMatchObject({ ...counts, added: expected.length, read: body.read })
    expect((await copy.list()).body.items).toEqual([])
  })
})

describe('a file that does not tell how to read it', () => {
  test.each(refused)('%s: a 422 that names %s', async (file, parameter, detail, query = '') => {
    const { status, body } = await shop.import(await bytesOf(file), typeOf(file), query)
    expect([status, body]).toMatchObject([
      422,
      { code: 'invalid', errors: [{ pointer: `#/${parameter}` }] },
    ])
    expect(JSON.stringify(body)).toContain(detail)
    expect(await items()).toEqual([])
  })

  test('json-array.json: a 422 that says what to send', async () => {
    const { status, body } = await shop.import(
      await bytesOf('json-array.json'),
      'application/x-ndjson',
    )
    expect(status).toBe(422)
    expect(JSON.stringify(body)).toContain('send a JSON array line by line')
  })
})

test("three.txt by curl's -d, which takes the line ends out: a warning that names --data-binary", async () => {
  const joined = (await Bun.file(join(folder, 'three.txt')).text()).replaceAll('\n', '')
  const { body } = await shop.import(joined)
  expect(body).toMatchObject({ added: 1, warned: 1, read: { lines: 1 } })
  expect(body.warnings[0]?.detail).toContain('--data-binary')
})

test('every upload among the files is tried here', () => {
  const tried = new Set([...read, ...refused].map(([file]) => file).concat('json-array.json'))
  const uploads = readdirSync(folder).filter((file) => !file.startsWith('dotenv-'))
  expect(uploads.filter((file) => !tried.has(file))).toEqual([])
})
