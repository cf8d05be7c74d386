import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { seedFor } from '../../../test/support/seed.ts'
import { parseBytes } from './json-bytes.ts'

const parse = (json: string) => parseBytes(Buffer.from(json), { hasData: true })
/** What becomes of the data of an item to add. */
const dataOf = (data: string) => parse(`{"add":[{"item":"A","data": ${data} }]}`)
const read = (data: unknown) => ({ value: { add: [{ item: 'A', data }] } })

describe('the data of a body', () => {
  test.each([
    ['the order of names that look like integers', '{"2":1,"1":2,"__proto__":{}}'],
    ['numbers', '{"a":[1.0,1e400,-0,12345678901234567890,1E+2]}'],
    ['escapes', '{"a":"\\u0041\\/\\ud83d\\ude00\\\\ud800","\\u00e9":"é"}'],
    ['white space and signs in strings', '{" a\\t":" \\" : , { [ "}'],
    ['nothing', '{}'],
  ])('keeps %s', (_, data) => {
    expect(dataOf(data)).toEqual(read(data))
  })

  test('loses the white space between its tokens alone', () => {
    expect(dataOf('{\n "a b" :\t[ 1 ,\r\n2 ] , "c" : { } }')).toEqual(read('{"a b":[1,2],"c":{}}'))
  })

  test('is found by its name, however that is written, in objects of lists alone', () => {
    expect(parse('{"data":{"a":1},"add":[["data"],{"d\\u0061ta":{"data":{"a":1}}}]}')).toEqual({
      value: { data: { a: 1 }, add: [['data'], { data: '{"data":{"a":1}}' }] },
    })
  })

  test('is null if it is null, and else a text that no schema takes for an object', () => {
    expect(dataOf('null')).toEqual(read(null))
    for (const other of ['1', 'true', '"{}"', '["{}"]', '""']) {
      expect(dataOf(other)).toEqual(read(other))
    }
  })

  test.each([
    ['white space between digits', '{"a":1 2}'],
    ['white space in a word', '{"a":tr ue}'],
    ['a missing value', ''],
    ['a missing bracket', '{"a":[1}'],
    ['a bracket too many', '{"a":1}}'],
    ['a lone quote', '{"a":"}'],
    ['single quotes', "{'a':1}"],
    ['NUL', '{"a":"\0"}'],
  ])('is not JSON with %s', (_, data) => {
    expect(dataOf(data)).toEqual({ fault: 'is not JSON in UTF-8' })
  })

  test('is not taken with a repeated name, nor twice', () => {
    const fault = 'has an object with a repeated name'
    expect(dataOf('{"a":{"b":1,"\\u0062":2}}')).toEqual({ fault })
    expect(dataOf('{},"data":{}')).toEqual({ fault })
  })

  test.each(['{"a":"\\ud800"}', '{"\\udc00":1}', '{"a":["\\u0000"]}'])(
    'is unusable with text that is not well-formed, or NUL: %s',
    (data) => expect(dataOf(data)).toEqual(read('')),
  )

  test('is unusable past 4 KiB of UTF-8, white space not counted', () => {
    const data = (bytes: number) => `{"a":"é${'x'.repeat(bytes - 10)}"}`
    expect(dataOf(data(4_096).replace(':', ' '.repeat(5_000).concat(':')))).toEqual(
      read(data(4_096)),
    )
    expect(dataOf(data(4_097))).toEqual(read(''))
  })

  test('nests as deep as a body may', () => {
    const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    expect(dataOf(nested(29))).toEqual(read(nested(29)))
    expect(dataOf(nested(30))).toEqual({ fault: 'nests deeper than 32 levels' })
  })

  test('of any kind comes out as it went in, whatever is around it', () => {
    const value = fc.object({
      maxDepth: 3,
      withNullPrototype: false,
      values: [
        fc.string({ unit: 'binary' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
      ],
    })
    const property = fc.property(
      value,
      fc.string({ unit: 'grapheme' }),
      fc.nat(3),
      (data, item, indent) => {
        const body = { add: [{ data, item, expiresAt: null }, item] }
        const compact = JSON.stringify(data)
        const fits = Buffer.byteLength(compact) <= 4_096 && !/\\u0000/.test(compact)
        fc.pre(fits)
        expect(parse(JSON.stringify(body, null, indent))).toEqual({
          value: { add: [{ data: compact, item, expiresAt: null }, item] },
        })
      },
    )
    fc.assert(property, { numRuns: 500, seed: seedFor('data') })
  })
})

test('objects in lists have their names as often as there are objects, and unknown names 1,000 in all', () => {
  const list = (names: number, unknown: number) => {
    const known = Array.from({ length: names }, (_, n) => ({ item: `${n}`, requestor: 'r' }))
    return JSON.stringify({ release: [...known, ...Array(unknown).fill({ x: 1 })] })
  }
  expect(parse(list(5_000, 999)).fault).toBeUndefined()
  expect(parse(list(5_000, 1_000))).toEqual({ fault: 'has more than 1000 unknown names' })
})
