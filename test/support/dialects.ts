import fc from 'fast-check'
import { isItemHeading } from '../../src/http/imports/lines/headings.ts'
import { mend } from '../../src/http/imports/lines/mending.ts'

/** A list, the file that someone's tool wrote of it, and what they say of the file. */
export type Written = { items: string[]; bytes: Uint8Array; type: string; query: string }

/** Random lists in random dialects of CSV, text and NDJSON. */
export const written = (maxItems: number): fc.Arbitrary<Written> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.tuple(lists(maxItems), csvDialect).map(inCsv) },
    { weight: 2, arbitrary: fc.tuple(lists(maxItems), textDialect).map(inText) },
    { weight: 1, arbitrary: fc.tuple(lists(maxItems), outer).map(inNdjson) },
  )

const pieces = [
  ...['A', 'B7', 'SUMMER', '10', '000', '-', '_', ' ', '.', '/', '=', '+', '@', "'", '#', '%'],
  ...[',', ';', '|', '"', '""', 'é', 'Ä', '–', '€', 'код', '码', 'コ', '코', '😀', '1E', ':', '\\'],
]
const anyText = (max: number) =>
  fc
    .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: max })
    .map((some) => some.join(''))

/** What no reader could tell from a heading is no item here, nor in a part of a cell. */
const looksLikeHeading = (text: string) => text.split(/[,;|\t"]/).some(isItemHeading)
const lists = (maxLength: number) =>
  fc
    .uniqueArray(anyText(6), { minLength: 1, maxLength })
    .map((items) => items.filter((item) => mend(item) === item && !looksLikeHeading(item)))

const knownHeadings = ['item', 'Code', 'COUPON_CODE', ' Voucher ', 'Licence key', 'Gutscheincode']
const otherHeadings = ['id', 'batch', 'Wert', 'note 1', 'gültig bis', 'x;y', 'campaign, no', 'A7']

const outer = fc.record({
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  lastLineEnd: fc.boolean(),
  emptyLines: fc.boolean(),
  encoding: fc.constantFrom<Encoding>(
    ...(['utf-8', 'utf-8 with a mark', 'utf-16le', 'utf-16be', 'utf-16le with a mark'] as const),
    ...(['windows-1252', 'windows-1251', 'koi8-r', 'gbk', 'shift_jis', 'euc-kr'] as const),
    'utf-16be with a mark',
  ),
  /** Whether the caller says what the file does not. */
  says: fc.boolean(),
})
type Outer = typeof outer extends fc.Arbitrary<infer Value> ? Value : never

const textDialect = fc.record({
  outer,
  heading: fc.option(fc.constantFrom(...knownHeadings), { nil: undefined }),
})

const csvDialect = fc.record({
  outer,
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  quoteAll: fc.boolean(),
  heading: fc.constantFrom('known', 'unknown', 'none'),
  knownHeading: fc.constantFrom(...knownHeadings),
  columns: fc.uniqueArray(fc.constantFrom(...otherHeadings), { maxLength: 3 }),
  place: fc.nat(3),
  others: fc.array(
    fc.oneof(
      anyText(4).filter((text) => !looksLikeHeading(text)),
      fc.constantFrom('', '10,00', '5" disk', 'a\nb', 'A7', ' ', '31.12.2026'),
    ),
    { minLength: 7, maxLength: 7 },
  ),
  sepLine: fc.boolean(),
  saysDelimiter: fc.boolean(),
  byName: fc.boolean(),
})
type CsvDialect = typeof csvDialect extends fc.Arbitrary<infer Value> ? Value : never

function inCsv([list, dialect]: [string[], CsvDialect]): Written {
  const { delimiter, quoteAll, heading, knownHeading, columns, others, sepLine } = dialect
  const encoder = encoderOf(dialect.outer.encoding)
  const items = encoder.encodable(list)
  const place = dialect.place % (columns.length + 1)
  const cell = (text: string) =>
    quoteAll || /["\r\n]/.test(text) || text.includes(delimiter) || /^\s|\s$/.test(text)
      ? `"${text.replaceAll('"', '""')}"`
      : text
  const row = (item: string, rest: string[]) =>
    [...rest.slice(0, place), item, ...rest.slice(place)].map(cell).join(delimiter)
  const [itemHeading = ''] = heading === 'known' ? [knownHeading] : ['Was es ist']
  const rows = items.map((item, n) =>
    row(
      item,
      columns.map((_, m) => others[(n + m) % others.length] ?? ''),
    ),
  )
  if (heading !== 'none') rows.unshift(row(itemHeading, columns))
  if (sepLine) rows.unshift(`sep=${delimiter}`)
  const named = dialect.byName && heading !== 'none'
  // Who has one column says what is in it as a cell, or nothing: a number would mean that there are several.
  const saysColumn = dialect.outer.says && (columns.length > 0 || dialect.saysDelimiter)
  const query = new URLSearchParams({
    ...(dialect.saysDelimiter && { delimiter }),
    ...(saysColumn && { column: named ? itemHeading : String(place + 1) }),
    // What is no known heading is taken for one only if that is said.
    ...((saysColumn || heading === 'unknown') && { header: String(heading !== 'none') }),
  })
  return { ...file(items, rows, dialect.outer, 'text/csv'), query: `${query}` }
}

function inText([list, { outer, heading }]: [
  string[],
  typeof textDialect extends fc.Arbitrary<infer Value> ? Value : never,
]): Written {
  const items = encoderOf(outer.encoding).encodable(list)
  return file(items, heading === undefined ? items : [heading, ...items], outer, 'text/plain')
}

function inNdjson([items, outer]: [string[], Outer]): Written {
  const rows = items.map((item, n) => JSON.stringify(n % 2 === 0 ? item : { item }))
  return file(items, rows, { ...outer, encoding: 'utf-8' }, 'application/x-ndjson')
}

function file(items: string[], rows: string[], outer: Outer, type: string): Written {
  const { lineEnd, lastLineEnd, emptyLines, encoding } = outer
  const encoder = encoderOf(encoding)
  const text = rows.join(emptyLines ? lineEnd.repeat(2) : lineEnd) + (lastLineEnd ? lineEnd : '')
  const charset = encoder.charset === undefined ? '' : `; charset=${encoder.charset}`
  return { items, bytes: encoder.encode(text), type: type + charset, query: '' }
}

type Encoding =
  | `utf-${'8' | '16le' | '16be'}${'' | ' with a mark'}`
  | 'windows-1252'
  | 'windows-1251'
  | 'koi8-r'
  | 'gbk'
  | 'shift_jis'
  | 'euc-kr'

type Encoder = {
  /** What the caller has to say; undefined for what the file tells itself. */
  charset: string | undefined
  encode: (text: string) => Uint8Array
  /** The list without what the encoding does not have; each item once, and none that is empty. */
  encodable: (list: string[]) => string[]
}

const encoders = new Map<Encoding, Encoder>()
function encoderOf(encoding: Encoding): Encoder {
  const known = encoders.get(encoding)
  if (known) return known
  const made = encoding.startsWith('utf-') ? unicode(encoding) : byTable(encoding)
  encoders.set(encoding, made)
  return made
}

function unicode(encoding: Encoding): Encoder {
  const marked = encoding.endsWith('mark')
  const [name = ''] = encoding.split(' ')
  const encode = (text: string) => {
    const whole = marked ? `\ufeff${text}` : text
    if (name === 'utf-8') return Buffer.from(whole)
    const bytes = Buffer.from(whole, 'utf16le')
    return name === 'utf-16be' ? bytes.swap16() : bytes
  }
  return {
    charset: marked || name === 'utf-8' ? undefined : name,
    encode,
    encodable: (list) => list,
  }
}

/** The runtime has decoders only: this asks one for the character of each byte and pair of bytes. */
function byTable(encoding: Encoding): Encoder {
  const decoder = new TextDecoder(encoding as Bun.Encoding, { fatal: true })
  const table = new Map<string, Buffer>()
  const note = (bytes: Buffer) => {
    try {
      const [character = '', ...more] = decoder.decode(bytes)
      if (more.length === 0 && !table.has(character)) table.set(character, bytes)
    } catch {
      // These bytes are no character.
    }
  }
  for (let first = 0; first < 256; first++) note(Buffer.of(first))
  for (let first = 128; first < 255; first++) {
    for (let second = 0x40; second < 255; second++) note(Buffer.of(first, second))
  }
  const encodes = (text: string) => [...text].every((character) => table.has(character))
  return {
    charset: encoding,
    encode: (text) => Buffer.concat([...text].map((each) => table.get(each) ?? Buffer.from('x'))),
    encodable: (list) => list.filter(encodes),
  }
}
