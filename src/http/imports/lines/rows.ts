// Parsers of uploads, line by line; CSV, whose rows may span lines, has files of its own.

import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import type { MoreOfItem, UploadLine } from '../../../domain/import.ts'
import { type Parsed, parseJson } from '../../formats/json.ts'
import { withTexts } from '../../formats/json-texts.ts'
import { Item, strict } from '../../schemas.ts'
import { type Block, mapLines, tooLongLine } from './line-blocks.ts'
import { damageOf, isPlain, mend, type Source } from './mending.ts'
import { fieldsRead, moreOf } from './more-fields.ts'
import type { ReadOptions } from './read-options.ts'

const item = TypeCompiler.Compile(Item)

/**
 * The row of an item, mended, which then keeps the same rule as everywhere. `empty` is what to say where nothing
 * is left of it.
 */
export function itemLine(
  line: number,
  value: string,
  { from, empty }: { from: Source; empty?: string },
): UploadLine {
  if (isPlain(value) && item.Check(value)) return { line, item: value }
  const mended = mend(value)
  if (!item.Check(mended)) {
    if (mended === '' && empty !== undefined) return { line, detail: empty }
    const table =
      from === 'text' && value.trim().includes('\t')
        ? '; it has a tab: send a table as text/csv'
        : ''
    return { line, detail: `must be ${Item.description}${table}` }
  }
  const row: UploadLine = { line, item: mended }
  if (mended !== value) row.mended = true
  const warning = damageOf(mended, from)
  if (warning !== undefined) row.warning = warning
  return row
}

/** Bytes that are not valid in their encoding have become U+FFFD by now. */
export const isText = (text: string) => !text.includes('\ufffd')
export const notTextLine = (line: number, encoding: string): UploadLine => ({
  line,
  detail: `is not ${encoding.toUpperCase()}, or has U+FFFD; for another encoding, say the charset in the content type`,
})

/** The line of a text that is no item but says what the others are. */
export type Heading = { line: number; text: string }

/** An item a line. */
export async function* parseText(
  blocks: AsyncIterable<Block>,
  { heading, encoding }: { heading: Heading | undefined; encoding: string },
): AsyncGenerator<UploadLine[]> {
  const read = (line: number, text: string): UploadLine | [] => {
    if (!isText(text)) return notTextLine(line, encoding)
    const row = itemLine(line, text, asText)
    if (heading === undefined || !('item' in row) || row.item !== heading.text) return row
    return line === heading.line ? [] : { line, detail: 'repeats the heading' }
  }
  for await (const block of blocks) yield linesOf(block, read)
}

const asText = { from: 'text' } as const

/** A JSON string a line, or an object with an item: alone, or as the list shows it. */
export async function* parseNdjson(
  blocks: AsyncIterable<Block>,
  { encoding, ...options }: { encoding: string } & ReadOptions,
  onRequestor: (line: number) => void,
): AsyncGenerator<UploadLine[]> {
  const { data } = options
  const object = compileObject(data)
  const names = new Set(data ?? ['data'])
  const more = moreReader(options)
  const read = (line: number, json: string): UploadLine => {
    if (!isText(json)) return notTextLine(line, encoding)
    const { value, fault } = parseWithTexts(json, names)
    if (fault !== undefined) return { line, detail: partOfArray(json) ? sendLines : fault }
    if (typeof value === 'string') return itemLine(line, value, asJson)
    if (Array.isArray(value)) return { line, detail: sendLines }
    if (!object.Check(value)) return { line, detail: unknownJson }
    if (value.requestor !== undefined && value.requestor !== null) onRequestor(line)
    const row = itemLine(line, value.item, asJson)
    const rest = 'item' in row ? more(value) : undefined
    if (rest !== undefined && 'detail' in rest) return { line, detail: rest.detail }
    return rest === undefined ? row : { ...row, more: rest }
  }
  for await (const block of blocks) yield linesOf(block, read)
}

/** Parses a line; values of these names become their own text. */
function parseWithTexts(json: string, names: ReadonlySet<string>): Parsed {
  const mayHave = json.includes('\\') || [...names].some((name) => json.includes(name))
  const read = mayHave ? withTexts(json, 1, names) : { json }
  return 'fault' in read ? read : parseJson(read.json)
}

/** Reads what an object says besides its item. */
function moreReader(options: ReadOptions) {
  const { data } = options
  const fields = fieldsRead(options)
  return (value: Record<string, unknown>): MoreOfItem | { detail: string } | undefined => {
    const found: [string, string][] = []
    for (const name of fields) {
      const field = value[name] ?? ''
      if (typeof field !== 'string') return { detail: `has a bad ${name}: it must be a string` }
      if (field !== '' || (name === 'batch' && name in value)) found.push([name, field])
    }
    const texts = (data ?? ['data']).flatMap((name): [string, string][] => {
      const text = value[name]
      return typeof text === 'string' ? [[name, text]] : []
    })
    // Without data of their own choice, it is the one property.
    const text = data === undefined ? texts[0]?.[1] : objectOf(texts)
    return moreOf({ ...Object.fromEntries(found), ...(text !== undefined && { data: text }) })
  }
}

const objectOf = (texts: readonly [string, string][]) =>
  texts.length === 0
    ? undefined
    : `{${texts.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`

const asJson = { from: 'json' } as const
const unknownJson = 'must be a JSON string or an object with an item and nothing unknown'
export const sendLines =
  'must be a JSON string or an object: send a JSON array line by line, as NDJSON'
/** Whether a line that is no JSON is one of an array over several lines. */
const partOfArray = (json: string) => /^\s*(\[|\]\s*$)|,\s*$/.test(json)

/** The properties of the objects of an export besides `item`. */
export const exportedProperties = [
  ...(['requestor', 'slot', 'data', 'matchedAt', 'heldUntil', 'expiresAt'] as const),
  ...(['createdAt', 'batch', 'status'] as const),
]

const compileObject = (data: readonly string[] = []) => {
  const optional = Type.Optional(Type.Unknown())
  const others = [...exportedProperties, ...data].map((name) => [name, optional])
  return TypeCompiler.Compile(
    strict({ ...Object.fromEntries(others), item: Type.String() }) as typeof objectWithItem,
  )
}
const objectWithItem = Type.Object({ item: Type.String(), requestor: Type.Unknown() })

const linesOf = ({ line, bytes }: Block, read: (line: number, text: string) => UploadLine | []) =>
  bytes === null ? [tooLongLine(line)] : mapLines(line, bytes, read)
