// How a CSV file is to be read: its delimiter, its headings, and the column of the items.

import { invalidIn } from '../../../domain/errors.ts'
import { isExportHeader } from '../../formats/list-formats.ts'
import { isItemHeading, isRequestorHeading } from '../lines/headings.ts'
import type { Block } from '../lines/line-blocks.ts'
import { type FieldName, fieldsRead, isFieldHeading } from '../lines/more-fields.ts'
import { type Read, type ReadOptions, unsettled } from '../lines/read-options.ts'
import { delimiters, detectDialect, type Row, sameHeading } from './dialect.ts'
import { headerOf } from './header.ts'
import type { Delimiters } from './records.ts'

/** How a CSV file is read. Records up to the line `headLine` are headings, or Excel's `sep=`. */
export type CsvPlan = Pick<Read, 'delimiter' | 'header' | 'ignored'> & {
  /** Where the item is, counted from 0. */
  column: number
  /** Where what else is read of a row is, by its name. */
  fields: Partial<Record<FieldName | 'data', number>>
  /** Where the properties of data are. */
  data: readonly (readonly [name: string, column: number])[]
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
  const hasRequestors = rows.some(namesRequestors)
  if (options.matches === undefined && hasRequestors) throw unsettled('matches', requestorsFound)
  const { header, column } = headerOf(rows, options)
  const headings = header ? (rows[0]?.cells ?? []).map((cell) => cell.trim()) : null
  const { fields, data } = columnsOf(headings ?? [], column, options)
  if (options.matches === 'keep' && hasRequestors && fields.requestor === undefined) {
    throw unsettled('header', 'leaves the requestors unread: the first line must be the headings')
  }
  const used = [column, ...Object.values(fields), ...data.map(([, place]) => place)]
  return {
    delimiter,
    header: headings,
    column,
    fields,
    data,
    ignored: (headings ?? []).filter((heading, n) => !used.includes(n) && heading !== ''),
    width: rows[0]?.cells.length ?? 1,
    headLine: header ? (rows[0]?.line ?? 0) : Number(hasSepLine),
  }
}

/** What to say of a file with matches, whose codes would be handed out a second time. */
export const requestorsFound =
  'is needed: the file says who has which item, and nobody else must get it. ' +
  'keep brings the matches along; drop adds all items as available nevertheless'

/** Where there is what else is read of a row. Throws `invalid` for what is not there, or several times. */
function columnsOf(
  headings: readonly string[],
  column: number,
  options: ReadOptions,
): Pick<CsvPlan, 'fields' | 'data'> {
  const { data = [] } = options
  const exported = data.length === 0 && isExportHeader(headings)
  const names = [...fieldsRead(options), ...(exported ? (['data'] as const) : [])]
  const fields = Object.fromEntries(
    names.flatMap((name) => {
      const places = placesOf(headings, isFieldHeading(name)).filter((place) => place !== column)
      if (places.length > 1)
        throw invalidIn([{ pointer: '#', detail: `${severalColumns} ${name}` }])
      return places.map((place) => [name, place])
    }),
  )
  const used = [column, ...Object.values(fields)]
  const named = data.map((name) => {
    const [place, ...others] = placesOf(headings, sameHeading(name))
    if (place !== undefined && others.length === 0 && !used.includes(place)) {
      return [name, place] as const
    }
    throw unsettled(
      'data',
      'must be headings of the first line, each of one column that is not read otherwise',
    )
  })
  return { fields, data: named }
}

const severalColumns = 'has several columns for'

const placesOf = (headings: readonly string[], is: (heading: string) => boolean) =>
  [...headings.keys()].filter((place) => is(headings[place] ?? ''))

/** Whether a row has the heading of requestors. Below the first one, only one of items beside it makes it headings. */
const namesRequestors = ({ cells }: Row, place: number) =>
  cells.some(isRequestorHeading) && (place === 0 || cells.some(isItemHeading))
