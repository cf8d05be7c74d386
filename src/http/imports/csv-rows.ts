// Rows of CSV to items.

import type { UploadLine } from '../../domain/import.ts'
import { isExportHeader, withoutGuard } from '../formats/list-formats.ts'
import { type CsvPlan, delimiters, delimitersOf } from './csv-plan.ts'
import { type CsvRecord, parseRecords } from './csv-records.ts'
import type { Block } from './line-blocks.ts'
import { isText, itemLine, notTextLine } from './rows.ts'

/** The items of a CSV upload, by a plan. A row goes by the number of its first line. */
export async function* parseCsv(
  blocks: AsyncIterable<Block>,
  plan: CsvPlan,
  encoding: string,
): AsyncGenerator<UploadLine[]> {
  const read = rowReader(plan, encoding)
  for await (const records of parseRecords(blocks, delimitersOf(plan))) yield records.flatMap(read)
}

function rowReader({ column, width, header, headLine, delimiter }: CsvPlan, encoding: string) {
  const exported = header !== null && isExportHeader(header)
  const oneColumn = delimiter !== null && width === 1
  return (record: CsvRecord): UploadLine | [] => {
    if ('detail' in record) return record
    const { line, cells } = record
    if (line <= headLine) return []
    const cell = cells[column]
    if (cell === undefined) return { line, detail: 'has no cell for the item' }
    if (!cells.every(isText)) return notTextLine(line, encoding)
    if (cells.length !== width) {
      const beyond = cells.slice(width).some((each) => each.trim() !== '')
      if (beyond && delimiter === null) return { line, detail: severalCells }
      if (beyond && column > 0) return { line, detail: 'has more cells than the first line' }
      if (beyond) return warned(itemLine(line, cell), 'has more cells than the first line')
    }
    if (header !== null && repeatsHeader(cells, header)) return { line, detail: repeatsHeadings }
    const row = itemLine(line, cell, asCell)
    if ('detail' in row) return row
    if (record.trimmed) row.mended = true
    if (exported) row.item = withoutGuard(row.item)
    if (oneColumn && delimiters.some((other) => row.item.includes(other))) {
      row.warning ??= 'has another delimiter inside'
    }
    return row
  }
}

const asCell = { empty: 'has an empty cell for the item' }
const severalCells =
  'has a delimiter, which the first lines have not: quote the cell, or say by delimiter what separates them'
const repeatsHeadings = 'repeats the headings'

const repeatsHeader = (cells: readonly string[], header: readonly string[]) =>
  cells.length === header.length && cells.every((cell, n) => cell.trim() === header[n])

function warned(row: UploadLine, warning: string): UploadLine {
  return 'item' in row ? { ...row, warning } : row
}
