// Parsers of uploads, line by line; CSV, whose rows may span lines, has files of its own.

import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import type { UploadLine } from '../../../domain/import.ts'
import { parseJson } from '../../formats/json.ts'
import { Item, strict } from '../../schemas.ts'
import { type Block, mapLines, tooLongLine } from './line-blocks.ts'
import { damageOf, isPlain, mend, type Source } from './mending.ts'

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
  { encoding }: { encoding: string },
  onRequestor: (line: number) => void,
): AsyncGenerator<UploadLine[]> {
  const read = (line: number, json: string): UploadLine => {
    if (!isText(json)) return notTextLine(line, encoding)
    const { value, fault } = parseJson(json)
    if (fault !== undefined) return { line, detail: partOfArray(json) ? sendLines : fault }
    if (typeof value === 'string') return itemLine(line, value, asJson)
    if (Array.isArray(value)) return { line, detail: sendLines }
    if (!object.Check(value)) return { line, detail: unknownJson }
    if (value.requestor !== undefined && value.requestor !== null) onRequestor(line)
    return itemLine(line, value.item, asJson)
  }
  for await (const block of blocks) yield linesOf(block, read)
}

const asJson = { from: 'json' } as const
const unknownJson = 'must be a JSON string or an object with an item and nothing unknown'
export const sendLines =
  'must be a JSON string or an object: send a JSON array line by line, as NDJSON'
/** Whether a line that is no JSON is one of an array over several lines. */
const partOfArray = (json: string) => /^\s*(\[|\]\s*$)|,\s*$/.test(json)

const optional = Type.Optional(Type.Unknown())
const listed = { requestor: optional, matchedAt: optional, createdAt: optional }
const object = TypeCompiler.Compile(strict({ item: Type.String(), ...listed }))

const linesOf = ({ line, bytes }: Block, read: (line: number, text: string) => UploadLine | []) =>
  bytes === null ? [tooLongLine(line)] : mapLines(line, bytes, read)
