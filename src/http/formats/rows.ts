import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import type { UploadLine } from '../../domain/import.ts'
import { limits } from '../../limits.ts'
import { Item, strict } from '../schemas.ts'
import { parseJson } from './json.ts'
import type { Block } from './line-blocks.ts'

const { lineBytes } = limits.imports

/** Reads the rows of an upload, those of each block together; empty lines have none. */
export type ReadRows = (blocks: AsyncIterable<Block>) => AsyncGenerator<UploadLine[]>

const item = TypeCompiler.Compile(Item)

/** The row of an item, which keeps the same rule as everywhere. */
export const rowOf = (line: number, value: string): UploadLine =>
  item.Check(value) ? { line, item: value } : { line, detail: `must be ${Item.description}` }

export const tooLongRow = (line: number): UploadLine => ({
  line,
  detail: `has more than ${lineBytes} bytes`,
})

/** Bytes that are not UTF-8 have become U+FFFD by now. */
export const isUtf8 = (text: string) => !text.includes('\ufffd')
export const notUtf8Row = (line: number): UploadLine => ({
  line,
  detail: 'is not UTF-8, or has U+FFFD',
})

/** An item a line. */
export const textRows = byLine(rowOf)

/** A JSON string a line, or an object with an item: alone, or as the list shows it. */
export const ndjsonRows = byLine((line, json) => {
  if (!isUtf8(json)) return notUtf8Row(line)
  const { value, fault } = parseJson(json)
  if (fault !== undefined) return { line, detail: fault }
  if (typeof value === 'string') return rowOf(line, value)
  if (object.Check(value)) return rowOf(line, value.item)
  return { line, detail: 'must be a JSON string or an object with an item and nothing unknown' }
})

const listed = { requestor: Type.Unknown(), matchedAt: Type.Unknown(), createdAt: Type.Unknown() }
const object = TypeCompiler.Compile(
  Type.Union([strict({ item: Type.String() }), strict({ item: Type.String(), ...listed })]),
)

function byLine(read: (line: number, text: string) => UploadLine): ReadRows {
  return async function* (blocks) {
    for await (const { line, bytes } of blocks) {
      const texts = bytes?.toString().split('\n') ?? []
      yield bytes === null
        ? [tooLongRow(line)]
        : texts.flatMap((ended, n) => {
            const text = ended.endsWith('\r') ? ended.slice(0, -1) : ended
            return text === '' ? [] : read(line + n, text)
          })
    }
  }
}
