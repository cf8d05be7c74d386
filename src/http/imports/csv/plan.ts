// How a CSV file is to be read: its delimiter, its headings, and the column of the items.

import { isItemHeading, isRequestorHeading } from '../lines/headings.ts'
import type { Block } from '../lines/line-blocks.ts'
import { type Read, type ReadOptions, unsettled } from '../lines/read-options.ts'
import { delimiters, detectDialect, type Row } from './dialect.ts'
import { headerOf } from './header.ts'
import type { Delimiters } from './records.ts'

/** How a CSV file is read. Records up to the line `headLine` are headings, or Excel's `sep=`. */
export type CsvPlan = Pick<Read, 'delimiter' | 'header' | 'ignored'> & {
  /** Where the item is, counted from 0. */
  column: number
  /** Cells that a row has, going by the first ones. */
  width: number
  headLine: number
}

/** What separates cells by a plan. In a file of one column any delimiter would, and is noticed. */
export const delimitersOf = ({ delimiter }: Pick<CsvPlan, 'delimiter'>): Delimiters =>
  delimiter === null ? delimiters : [delimiter]

/**
 * Finds out the delimiter, the headings and the column of the items from the first blocks; `whole` when
 * these are all. Throws `invalid` naming the parameter that settles it where it would have to guess, and
 * where there is a column of requestors and nothing says what becomes of them.
 */
export function planCsv(head: readonly Block[], whole: boolean, options: ReadOptions): CsvPlan {
  const { delimiter, rows, hasSepLine } = detectDialect(head, whole, options)
  if (options.matches !== 'drop' && rows.some(namesRequestors)) {
    throw unsettled('matches', requestorsFound)
  }
  const { header, column } = headerOf(rows, options)
  const headings = header ? (rows[0]?.cells ?? []).map((cell) => cell.trim()) : null
  return {
    delimiter,
    header: headings,
    column,
    ignored: (headings ?? []).filter((heading, n) => n !== column && heading !== ''),
    width: rows[0]?.cells.length ?? 1,
    headLine: header ? (rows[0]?.line ?? 0) : Number(hasSepLine),
  }
}

/** What to say of a file with matches, whose codes would be handed out a second time. */
export const requestorsFound =
  'is needed: the file says who has which item, and nobody else must get it. ' +
  'drop adds them all as available nevertheless'

/** Whether a row has the heading of requestors. Below the first one, only one of items beside it makes it headings. */
const namesRequestors = ({ cells }: Row, place: number) =>
  cells.some(isRequestorHeading) && (place === 0 || cells.some(isItemHeading))
