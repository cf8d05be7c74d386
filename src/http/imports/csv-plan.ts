// How a CSV file is to be read: its delimiter, its headings, and the column of the items.

import { limits } from '../../limits.ts'
import { isExportHeader } from '../formats/list-formats.ts'
import { CsvParser, type CsvRecord, type Delimiters } from './csv-records.ts'
import { isItemHeading, isRequestorHeading, normalizeHeading } from './headings.ts'
import type { Block } from './line-blocks.ts'
import { type Read, type ReadOptions, unsettled } from './read-options.ts'

/** How a CSV file is read. Records up to the line `headLine` are headings, or Excel's `sep=`. */
export type CsvPlan = Pick<Read, 'delimiter' | 'header' | 'ignored'> & {
  /** Where the item is, counted from 0. */
  column: number
  /** Cells that a row has, going by the first ones. */
  width: number
  headLine: number
}
type Row = { line: number; cells: string[] }
type Dialect = { delimiter: string | null; rows: Row[] }

/** The delimiters that are looked for. */
export const delimiters = [',', ';', '\t', '|'] as const

/** What separates cells by a plan. In a file of one column any delimiter would, and is noticed. */
export const delimitersOf = ({ delimiter }: Pick<CsvPlan, 'delimiter'>): Delimiters =>
  delimiter === null ? delimiters : [delimiter]

/**
 * Finds out the delimiter, the headings and the column of the items from the first blocks; `whole` when
 * these are all. Throws `invalid` naming the parameter that settles it where it would have to guess, and
 * where there is a column of requestors and nothing says what becomes of them.
 */
export function planCsv(head: readonly Block[], whole: boolean, options: ReadOptions): CsvPlan {
  const sepLine = sepOf(head[0]?.bytes)
  const dialectOf = (delimiter: string): Dialect => {
    const rows = rowsOf(head, whole, [delimiter])
    return { delimiter, rows: sepLine === undefined ? rows : rows.slice(1) }
  }
  const given = options.delimiter ?? sepLine
  const dialects = (given === undefined ? delimiters : [given]).map(dialectOf)
  const dialect = given === undefined ? chosen(dialects, options) : dialects[0]
  const { delimiter, rows } = dialect ?? { delimiter: null, rows: [] }
  const { header, column } = headingsOf(rows, options)
  const headings = header ? (rows[0]?.cells ?? []).map((cell) => cell.trim()) : null
  if (headings?.some(isRequestorHeading) && options.matches !== 'drop') {
    throw unsettled('matches', requestorsFound)
  }
  return {
    delimiter,
    header: headings,
    column,
    ignored: (headings ?? []).filter((heading, n) => n !== column && heading !== ''),
    width: rows[0]?.cells.length ?? 1,
    headLine: header ? (rows[0]?.line ?? 0) : sepLine === undefined ? 0 : 1,
  }
}

/** What to say of a file with matches, whose codes would be handed out a second time. */
export const requestorsFound =
  'is needed: the file says who has which item, and nobody else must get it. ' +
  'drop adds them all as available nevertheless'

/** Excel's first line, which names the delimiter. */
const sepOf = (bytes: Buffer | null | undefined): string | undefined =>
  /^"?sep=([^"\r\n])"?\r?(\n|$)/i.exec(bytes?.toString('utf8', 0, 16) ?? '')?.[1]

/** The rows of the head, or some of them. The last one may go on behind it, and is then left out. */
function rowsOf(head: readonly Block[], whole: boolean, delimiters: Delimiters): Row[] {
  const rows: Row[] = []
  let batches = 0
  for (const records of headRecords(head, whole, new CsvParser(delimiters))) {
    rows.push(...records.filter((record) => 'cells' in record))
    // Each is either a block or full of faults.
    if (++batches >= batchesMax) break
  }
  return rows
}

const batchesMax = 4

function* headRecords(
  head: readonly Block[],
  whole: boolean,
  reader: CsvParser,
): Generator<CsvRecord[]> {
  let bytesLeft: number = limits.imports.sniffedBytes
  for (const { line, bytes } of head) {
    const within = bytes === null || bytes.length <= bytesLeft ? bytes : cut(bytes, bytesLeft)
    yield* reader.take({ line, bytes: within })
    bytesLeft -= within?.length ?? 0
    if (within !== bytes) return
  }
  if (whole) yield* reader.end()
}

const cut = (bytes: Buffer, length: number) =>
  bytes.subarray(0, bytes.subarray(0, length).lastIndexOf('\n') + 1 || bytes.indexOf('\n') + 1)

/** The one delimiter that fits; none where none occurs. */
function chosen(dialects: readonly Dialect[], options: ReadOptions): Dialect {
  const [first] = dialects
  const occurring = dialects.filter(({ rows }) => rows.some(({ cells }) => cells.length > 1))
  if (occurring.length === 0) return { delimiter: null, rows: first?.rows ?? [] }
  const named = occurring.filter((dialect) => namesColumn(dialect, options))
  const [only, ...others] = named.length > 0 ? named : occurring.filter(isEven)
  if (only && others.length === 0) return only
  const [ragged, ...more] = occurring
  // Rows of different lengths, all of the same delimiter, whose first one has it.
  const several = (ragged?.rows[0]?.cells.length ?? 0) > 1
  if (!only && ragged && several && more.length === 0 && options.column !== undefined) return ragged
  throw unsettled(
    'delimiter',
    'is needed: the first lines do not tell what separates their cells. Give one of , ; | and tab, ' +
      'and column where there are several',
  )
}

const namesColumn = ({ rows }: Dialect, { header, column }: ReadOptions) => {
  const cells = rows[0]?.cells ?? []
  const names = typeof column === 'string' ? sameHeading(column) : isItemHeading
  return header !== false && cells.length > 1 && cells.some(names)
}

/** Whether all rows have as many cells, and more than one; rows of empty cells do not count. */
const isEven = ({ rows }: Dialect) => {
  const filled = rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
  const width = filled[0]?.cells.length ?? 0
  return width > 1 && filled.every(({ cells }) => cells.length === width)
}

const sameHeading = (wanted: string) => {
  const normalized = normalizeHeading(wanted)
  return (cell: string) =>
    cell.trim() === wanted.trim() || (normalized !== '' && normalizeHeading(cell) === normalized)
}

/** Whether the first row has headings, and which cell is the item. */
function headingsOf(rows: readonly Row[], options: ReadOptions) {
  const cells = rows[0]?.cells ?? []
  const width = Math.max(1, ...rows.map((row) => row.cells.length))
  const header = options.header ?? hasHeadings(rows, options.column)
  if (typeof options.column === 'number') {
    if (options.column <= width) return { header, column: options.column - 1 }
    throw unsettled('column', `must be at most ${width}, as many as the first lines have`)
  }
  if (options.header === false && options.column !== undefined) {
    throw unsettled('column', 'must be a number, counted from 1, where header is false')
  }
  const names = options.column === undefined ? isItemHeading : sameHeading(options.column)
  const places = header ? [...cells.keys()].filter((n) => names(cells[n] ?? '')) : []
  if (places.length === 1) return { header, column: places[0] ?? 0 }
  if (options.column === undefined && places.length === 0 && width === 1) {
    return { header, column: 0 }
  }
  throw unsettled('column', unknownColumn(places.length, options.column))
}

function unknownColumn(found: number, column: string | undefined): string {
  if (column !== undefined) {
    return found === 0
      ? 'must be a heading of the first line, or a number counted from 1'
      : 'is the heading of several columns: give a number, counted from 1'
  }
  return found === 0
    ? 'is needed: there are several columns, and none has a heading that is known to mean items. ' +
        'Give a heading, or a number counted from 1; and header=true or false where that is unclear'
    : `is needed: ${found} columns have a heading that means items. Give a heading, or a number counted from 1`
}

/**
 * Whether the first row is one of headings: it names a column, and is not like the rows below it. Where it
 * may be either, throws `invalid`.
 */
function hasHeadings(rows: readonly Row[], column: ReadOptions['column']): boolean {
  const [first, ...others] = rows
  if (!first) return false
  if (typeof column === 'string' || isExportHeader(first.cells.map((cell) => cell.trim())))
    return true
  const named = [...first.cells.keys()].filter((n) => isHeading(first.cells[n] ?? ''))
  if (named.length === 0 || rows.every(({ cells }) => cells.length === 1)) return named.length > 0
  const below = others.filter(({ cells }) => !repeats(cells, first.cells))
  const cellsBelow = named.flatMap((n) => below.map(({ cells }) => [cells[n] ?? '', n] as const))
  const same = ([cell, n]: readonly [string, number]) =>
    normalizeHeading(cell) === normalizeHeading(first.cells[n] ?? '')
  if (cellsBelow.some(same)) return false
  const unclear =
    cellsBelow.some(([cell]) => isHeading(cell)) ||
    first.cells.some((cell, n) => !named.includes(n) && isLike(cell, n, below))
  if (!unclear) return true
  throw column === undefined
    ? unsettled('column', unknownColumn(0, column))
    : unsettled('header', 'is needed: the first line may be headings or not')
}

const isHeading = (cell: string) => isItemHeading(cell) || isRequestorHeading(cell)

const repeats = (cells: readonly string[], others: readonly string[]) =>
  cells.length === others.length && cells.every((cell, n) => cell === others[n])

/** Whether a cell has digits and the same pattern as every cell below it, such as `SUMMER-A1`. */
function isLike(cell: string, column: number, below: readonly Row[]): boolean {
  const pattern = patternOf(cell)
  const cells = below.map((row) => row.cells[column]?.trim() ?? '').filter((each) => each !== '')
  return (
    pattern.includes('9') && cells.length > 0 && cells.every((each) => patternOf(each) === pattern)
  )
}

const patternOf = (cell: string) =>
  cell
    .trim()
    .replace(/\p{L}+/gu, 'A')
    .replace(/\p{N}+/gu, '9')
