// Rows of CSV to items.

import type { UploadLine } from '../../../domain/import.ts'
import { isExportHeader, withoutGuard } from '../../formats/list-formats.ts'
import type { Block } from '../lines/line-blocks.ts'
import { mend, mendAround } from '../lines/mending.ts'
import { moreOf } from '../lines/more-fields.ts'
import { isText, itemLine, notTextLine } from '../lines/rows.ts'
import { delimiters } from './dialect.ts'
import { type CsvPlan, delimitersOf } from './plan.ts'
import { CsvParser, type CsvRecord } from './records.ts'

/** The items of a CSV upload, by a plan. A row goes by the number of its first line. */
export async function* parseCsv(
  blocks: AsyncIterable<Block>,
  plan: CsvPlan,
  encoding: string,
): AsyncGenerator<UploadLine[]> {
  const read = rowReader(plan, encoding)
  const parser = new CsvParser(delimitersOf(plan))
  for await (const block of blocks) {
    for (const records of parser.take(block)) yield records.flatMap(read)
  }
  for (const records of parser.end()) yield records.flatMap(read)
}

function rowReader(plan: CsvPlan, encoding: string) {
  const { column, width, header, headLine, delimiter, fields } = plan
  const more = moreReader(plan)
  const exported = header !== null && isExportHeader(header)
  const oneColumn = delimiter !== null && width === 1
  return (record: CsvRecord): UploadLine | [] => {
    if ('detail' in record) return record
    const { line, cells } = record
    if (line <= headLine) return []
    const cell = cells[column]
    if (cell === undefined) return { line, detail: 'has no cell for the item' }
    if (!cells.every(isText)) return notTextLine(line, encoding)
    const beyond = cells.length > width && cells.slice(width).some((each) => each.trim() !== '')
    if (beyond && delimiter === null) return { line, detail: severalCells }
    if (beyond && (column > 0 || more)) return { line, detail: moreCells }
    if (cells.length <= (fields.requestor ?? 0)) return { line, detail: noRequestorCell }
    if (header !== null && repeatsHeader(cells, header)) return { line, detail: repeatsHeadings }
    const mended = exported ? mend(cell) : cell
    const row = itemLine(line, exported ? withoutGuard(mended) : cell, asCell)
    if ('detail' in row) return row
    const rest = more?.(cells)
    if (rest !== undefined) {
      if ('detail' in rest) return { line, detail: rest.detail }
      row.more = rest
    }
    const padded = !exported && Object.values(fields).some((place) => isPadded(cells[place]))
    if (record.trimmed || mended !== cell || padded) row.mended = true
    if (beyond) row.warning = moreCells
    if (oneColumn && delimiters.some((other) => row.item.includes(other))) {
      row.warning ??= 'has another delimiter inside'
    }
    return row
  }
}

/** Reads what a row says besides; undefined where the plan has no columns for that. */
function moreReader({ fields, data, header }: CsvPlan) {
  const columns = Object.entries(fields)
  if (columns.length === 0 && data.length === 0) return undefined
  const exported = header !== null && isExportHeader(header)
  const cellAt = (cells: readonly string[], place: number) =>
    exported ? withoutGuard(cells[place] ?? '') : mendAround(cells[place] ?? '')
  return (cells: readonly string[]) => {
    const found = columns.flatMap(([name, place]) => {
      const text = cellAt(cells, place)
      return text.trim() === '' && name !== 'batch' ? [] : [[name, text]]
    })
    const named = data.flatMap(([name, place]) => {
      const text = cellAt(cells, place).trim()
      return text === '' ? [] : [[name, text]]
    })
    const texts = named.length > 0 ? { data: JSON.stringify(Object.fromEntries(named)) } : {}
    return moreOf({ ...Object.fromEntries(found), ...texts })
  }
}

/** Whether there is something in a cell, and around that what cannot be seen. */
const isPadded = (cell = '') => mendAround(cell) !== cell && mendAround(cell) !== ''

const asCell = { from: 'csv', empty: 'has an empty cell for the item' } as const
const severalCells =
  'has a delimiter, which the first lines have not: quote the cell, or say by delimiter what separates them'
const noRequestorCell = 'has no cell for the requestor'
const moreCells = 'has more cells than the first line'
const repeatsHeadings = 'repeats the headings'

const repeatsHeader = (cells: readonly string[], header: readonly string[]) =>
  cells.length === header.length && cells.every((cell, n) => cell.trim() === header[n])
