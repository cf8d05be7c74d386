// Whether a CSV file has headings, and which column is that of the items.

import { isExportHeader } from '../../formats/list-formats.ts'
import {
  isItemHeading,
  isRequestorHeading,
  normalizeHeading,
  patternOf,
} from '../lines/headings.ts'
import { type ReadOptions, unsettled } from '../lines/read-options.ts'
import { type Row, sameHeading } from './dialect.ts'

/**
 * Whether the first row has headings, and which cell is the item, counted from 0. Throws `invalid` where it would
 * have to guess.
 */
export function headerOf(
  rows: readonly Row[],
  options: ReadOptions,
): { header: boolean; column: number } {
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
  const { cells } = first
  if (typeof column === 'string' || isExportHeader(cells.map((cell) => cell.trim()))) return true
  const isNamed = cells.map(isHeading)
  const isSingle = rows.every((row) => row.cells.length === 1)
  if (isSingle || !isNamed.includes(true)) return isNamed.includes(true)
  const below = columnsOf(others.filter((row) => !repeats(row.cells, cells)))
  const repeated = cells.some(
    (cell, n) => isNamed[n] && below[n]?.map(normalizeHeading).includes(normalizeHeading(cell)),
  )
  if (repeated) return false
  const unclear = cells.some((cell, n) =>
    isNamed[n] ? below[n]?.some(isHeading) : isLike(cell, below[n] ?? []),
  )
  if (!unclear) return true
  throw column === undefined
    ? unsettled('column', unknownColumn(0, column))
    : unsettled('header', 'is needed: the first line may be headings or not')
}

const isHeading = (cell: string) => isItemHeading(cell) || isRequestorHeading(cell)

const repeats = (cells: readonly string[], others: readonly string[]) =>
  cells.length === others.length && cells.every((cell, n) => cell === others[n])

/** The cells of each column, trimmed, without empty ones. */
function columnsOf(rows: readonly Row[]): string[][] {
  const columns: string[][] = []
  for (const { cells } of rows) {
    for (const [n, cell] of cells.entries()) {
      const column = columns[n] ?? []
      columns[n] = column
      if (cell.trim() !== '') column.push(cell.trim())
    }
  }
  return columns
}

/** Whether a cell has digits and the same pattern as every cell below it, such as `SUMMER-A1`. */
function isLike(cell: string, below: readonly string[]): boolean {
  const pattern = patternOf(cell.trim())
  return (
    pattern.includes('9') && below.length > 0 && below.every((each) => patternOf(each) === pattern)
  )
}
