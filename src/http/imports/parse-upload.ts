// An upload to items: the way through the files of this folder.

import { ZaasError } from '../../domain/errors.ts'
import type { UploadLine } from '../../domain/import.ts'
import { limits } from '../../limits.ts'
import { parseJson } from '../formats/json.ts'
import { planCsv, requestorsFound } from './csv/plan.ts'
import { parseCsv } from './csv/rows.ts'
import { decode } from './lines/charset.ts'
import { firstChecked } from './lines/first-lines.ts'
import { isItemHeading } from './lines/headings.ts'
import { type Block, blocksOf, chained, peek } from './lines/line-blocks.ts'
import { mend } from './lines/mending.ts'
import { fieldsRead } from './lines/more-fields.ts'
import { type Read, type ReadOptions, unsettled } from './lines/read-options.ts'
import {
  exportedProperties,
  type Heading,
  parseNdjson,
  parseText,
  sendLines,
} from './lines/rows.ts'

export const uploadTypes = ['text/plain', 'text/csv', 'application/x-ndjson'] as const
export type UploadType = (typeof uploadTypes)[number]

export type ParsedUpload = { read: Read; rows: AsyncIterable<UploadLine[]> }

/** Thrown by `rows` for a requestor that turns up late. */
export class LateRequestor extends Error {
  readonly line: number

  constructor(line: number) {
    super('A requestor turned up.')
    this.line = line
  }
}

/**
 * Finds out from its first lines how to read an upload, and reads it. Throws, before any row, when that
 * would take a guess; see `decode` and `planCsv`.
 */
export async function parseUpload(
  upload: AsyncIterable<Uint8Array>,
  type: UploadType,
  options: ReadOptions,
): Promise<ParsedUpload> {
  const { encoding, utf8 } = await decode(upload, options.charset)
  const sizeOf = ({ bytes }: Block) => bytes?.length ?? 0
  const { head, whole, rest } = await peek(blocksOf(utf8), sizeOf, limits.imports.sniffedBytes)
  const read: Read = {
    encoding,
    delimiter: null,
    header: null,
    column: null,
    ignored: [],
    lines: 0,
  }
  const blocks = counted(chained(head, rest), read)
  const rows = rowsBy[type]({ head, whole, blocks, read, options })
  if (type === 'application/x-ndjson') return { read, rows }
  const unheaded = read.header === null && options.header === undefined
  const facts = { joined: whole && onlyLine(head), unheaded, headless: options.header === false }
  return { read, rows: firstChecked(rows, facts) }
}

type Reading = {
  head: readonly Block[]
  whole: boolean
  blocks: AsyncIterable<Block>
  read: Read
  options: ReadOptions
}

const rowsBy: Record<UploadType, (reading: Reading) => AsyncIterable<UploadLine[]>> = {
  'text/plain': ({ head, blocks, read, options }) => {
    const heading = headingOf(head, options)
    if (heading) read.header = [heading.text]
    return parseText(blocks, { heading, encoding: read.encoding })
  },
  'text/csv': ({ head, whole, blocks, read, options }) => {
    const plan = planCsv(head, whole, options)
    const { delimiter, header, ignored, column } = plan
    Object.assign(read, { delimiter, header, ignored, column: column + 1 })
    return parseCsv(blocks, plan, read.encoding)
  },
  'application/x-ndjson': ({ head, blocks, read, options }) => {
    const text = head.map(({ bytes }) => bytes?.toString() ?? '').join('')
    refuseArray(text)
    const { matches, data } = options
    const used: readonly string[] = ['item', ...fieldsRead(options)]
    if (data?.some((name) => used.includes(name))) throw unsettled('data', usedOtherwise)
    const found = propertiesIn(text)
    const properties = exportedProperties.filter((name) => found.has(name))
    if (properties.includes('requestor') && matches === undefined) {
      throw unsettled('matches', requestorsFound)
    }
    const taken = [...used, ...(data ?? ['data'])]
    read.ignored = properties.filter((property) => !taken.includes(property))
    return parseNdjson(blocks, { ...options, encoding: read.encoding }, (line) => {
      if (matches === undefined) throw new LateRequestor(line)
    })
  },
}

/** The first line with anything in it, where that is a heading. */
function headingOf(head: readonly Block[], { header }: ReadOptions): Heading | undefined {
  for (const { line, bytes } of head) {
    if (bytes === null) return undefined
    const texts = bytes.toString().split('\n').map(mend)
    const n = texts.findIndex((text) => text !== '')
    const text = texts[n]
    if (text !== undefined)
      return (header ?? isItemHeading(text)) ? { line: line + n, text } : undefined
  }
  return undefined
}

/** Tells how many lines there are; the last block has the last line, if that has no end. */
async function* counted(blocks: AsyncIterable<Block>, read: Read): AsyncGenerator<Block> {
  for await (const block of blocks) {
    read.lines = block.bytes?.length === 0 ? block.line - 1 : block.line
    yield block
  }
}

/** Throws `invalid` for a JSON array over several lines, of which some may be JSON by themselves. */
function refuseArray(text: string): void {
  const [first = ''] = text.trimStart().split('\n', 1)
  if (!/^\[(\s*\{?|.*,)\s*$/.test(first)) return
  const errors = [{ pointer: '#', detail: sendLines }]
  throw new ZaasError('invalid', 'The body is a JSON array. Nothing was added.', { errors })
}

const usedOtherwise = 'must not name a property that is read otherwise'

/** The properties that objects of the first lines have, but for those within other objects. */
const propertiesIn = (text: string) =>
  new Set(
    text.split('\n').flatMap((line) => {
      const { value } = parseJson(line)
      return isObject(value) ? Object.keys(value) : []
    }),
  )
const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const onlyLine = ([first, second]: readonly Block[]) =>
  second === undefined && first?.line === 1 && (first.bytes?.length ?? 0) > 0
