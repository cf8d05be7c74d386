// Parsers of uploads, line by line; CSV, whose rows may span lines, has a file of its own.

import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import type { UploadLine } from '../../domain/import.ts'
import { limits } from '../../limits.ts'
import { Item, strict } from '../schemas.ts'
import { parseJson } from './json.ts'
import type { Block } from './line-blocks.ts'

const { lineBytesMax } = limits.imports

/** Yields the lines of each block; empty lines are skipped. */
export type UploadParser = (blocks: AsyncIterable<Block>) => AsyncGenerator<UploadLine[]>

const itemSchema = TypeCompiler.Compile(Item)

/** Applies the rule for items to the value of a line. */
export const itemLine = (line: number, value: string): UploadLine =>
  itemSchema.Check(value) ? { line, item: value } : { line, detail: `must be ${Item.description}` }

export const tooLongLine = (line: number): UploadLine => ({
  line,
  detail: `has more than ${lineBytesMax} bytes`,
})

/** Bytes that are not UTF-8 have been decoded to U+FFFD. */
export const isUtf8 = (text: string) => !text.includes('\ufffd')
export const notUtf8Line = (line: number): UploadLine => ({
  line,
  detail: 'is not UTF-8, or has U+FFFD',
})

/** Each line is an item. */
export const parseText = byLine(itemLine)

/** Each line is a JSON string, or an object with an item: alone, or as lists show it. */
export const parseNdjson = byLine((line, json) => {
  if (!isUtf8(json)) return notUtf8Line(line)
  const { value, fault } = parseJson(json)
  if (fault !== undefined) return { line, detail: fault }
  if (typeof value === 'string') return itemLine(line, value)
  if (itemObject.Check(value)) return itemLine(line, value.item)
  return { line, detail: 'must be a JSON string or an object with an item and nothing unknown' }
})

const listed = { requestor: Type.Unknown(), matchedAt: Type.Unknown(), createdAt: Type.Unknown() }
const itemObject = TypeCompiler.Compile(
  Type.Union([strict({ item: Type.String() }), strict({ item: Type.String(), ...listed })]),
)

function byLine(parseLine: (line: number, text: string) => UploadLine): UploadParser {
  return async function* (blocks) {
    for await (const { line, bytes } of blocks) {
      const texts = bytes?.toString().split('\n') ?? []
      yield bytes === null
        ? [tooLongLine(line)]
        : texts.flatMap((rawText, index) => {
            const text = rawText.endsWith('\r') ? rawText.slice(0, -1) : rawText
            return text === '' ? [] : parseLine(line + index, text)
          })
    }
  }
}
