// What separates the cells of a CSV file.

import { limits } from '../../../limits.ts'
import { isItemHeading, normalizeHeading } from '../lines/headings.ts'
import type { Block } from '../lines/line-blocks.ts'
import { type ReadOptions, unsettled } from '../lines/read-options.ts'
import { CsvParser, type CsvRecord } from './records.ts'

/** The delimiters that are looked for. */
export const delimiters = [',', ';', '\t', '|'] as const

export type Row = { line: number; cells: string[] }
/** `rows`: the first ones, from one on that has anything in it. `delimiter` is null where none occurs. */
export type Dialect = { delimiter: string | null; rows: Row[] }

/**
 * Finds out the delimiter from the first blocks; `whole` when these are all. Throws `invalid` where it would have
 * to guess, and for one that the caller, or Excel's `sep=` line, says and the headings contradict.
 */
export function detectDialect(
  head: readonly Block[],
  whole: boolean,
  options: ReadOptions,
): Dialect & { hasSepLine: boolean } {
  const sep = sepOf(head[0]?.bytes)
  const hasSepLine = sep !== undefined
  const dialectOf = (delimiter: string) => {
    const all = rowsOf(head, whole, delimiter).slice(hasSepLine ? 1 : 0)
    // A line of tabs is one of white space.
    const occurs = all.some((row) => row.cells.length > 1 && (delimiter !== '\t' || isFilled(row)))
    const start = all.findIndex(isFilled)
    return { delimiter, rows: all.slice(Math.max(0, start)), occurs }
  }
  const said = options.delimiter ?? sep
  const found = delimiters.filter((delimiter) => delimiter !== said).map(dialectOf)
  if (said === undefined) return { ...chosen(found, options), hasSepLine }
  const dialect = dialectOf(said)
  const isSingle = dialect.rows[0]?.cells.length === 1
  if (isSingle && found.some((other) => namesColumn(other, options))) {
    throw unsettled('delimiter', 'must be another one: this one does not separate the headings')
  }
  return { ...dialect, hasSepLine }
}

/** Excel's first line, which names the delimiter. */
const sepOf = (bytes: Buffer | null | undefined): string | undefined =>
  /^"?sep=([^"\r\n])"?\r?(\n|$)/i.exec(bytes?.toString('utf8', 0, 16) ?? '')?.[1]

/** The rows of the head, or some of them. The last one may go on behind it, and is then left out. */
function rowsOf(head: readonly Block[], whole: boolean, delimiter: string): Row[] {
  const rows: Row[] = []
  let faults = 0
  for (const records of headRecords(head, whole, new CsvParser([delimiter], faultsMax))) {
    const found = records.filter((record) => 'cells' in record)
    rows.push(...found)
    faults += records.length - found.length
    // Each costs time, here for every delimiter.
    if (faults >= faultsMax) break
  }
  return rows
}

const faultsMax = 20

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
function chosen(
  dialects: readonly (Dialect & { occurs: boolean })[],
  options: ReadOptions,
): Dialect {
  const [first] = dialects
  const occurring = dialects.filter(({ occurs }) => occurs)
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
  const width = rows[0]?.cells.length ?? 0
  return width > 1 && rows.filter(isFilled).every(({ cells }) => cells.length === width)
}

const isFilled = ({ cells }: Row) => cells.some((cell) => cell.trim() !== '')

/** Whether a cell is this heading. */
export const sameHeading = (wanted: string) => {
  const normalized = normalizeHeading(wanted)
  return (cell: string) =>
    cell.trim() === wanted.trim() || (normalized !== '' && normalizeHeading(cell) === normalized)
}
