import { CsvError, parse } from 'csv-parse/sync'
import type { UploadLine } from '../../domain/import.ts'
import { limits } from '../../limits.ts'
import { countLines } from './line-blocks.ts'
import { isUtf8, itemLine, notUtf8Line, tooLongLine, type UploadParser } from './rows.ts'

const { lineBytesMax } = limits.imports

const lineFeed = '\n'

/**
 * Parses a CSV upload. The items are in the column named `item`, or in the first one if the first row names no
 * such column. A row may span lines, and is numbered by its first line. A row that is not valid CSV is reported,
 * and parsing resumes on the line after its first, so that an unclosed quote spoils one line only.
 */
export const parseCsv: UploadParser = async function* (blocks) {
  const parser = new CsvParser()
  for await (const { line, bytes } of blocks) {
    if (bytes === null) yield [...parser.end(), tooLongLine(line)]
    else yield parser.parse(line, bytes)
  }
  yield parser.end()
}

// csv-parse gets blocks of whole lines, since its stream cannot resume after a misplaced quote.
class CsvParser {
  /** The index of the item's column; undefined before the first row. */
  #column: number | undefined
  /** The bytes that are not parsed yet, and the number of their first line. */
  #rest: Buffer = Buffer.alloc(0)
  #line = 1

  parse(line: number, bytes: Buffer): UploadLine[] {
    if (this.#rest.length === 0) this.#line = line
    this.#rest = Buffer.concat([this.#rest, bytes])
    return this.#parseRest(lineBytesMax)
  }

  /** Parses the rest, since nothing follows that could complete its last row. */
  end(): UploadLine[] {
    return this.#parseRest(0)
  }

  /** Leaves an incomplete last row of up to `incompleteMaxBytes` for the next block. */
  #parseRest(incompleteMaxBytes: number): UploadLine[] {
    const lines: UploadLine[] = []
    for (;;) {
      const fault = this.#parseRows((cells) => lines.push(...this.#lineOf(cells)))
      if (fault === null) return lines
      if (fault === 'incomplete' && this.#rest.length <= incompleteMaxBytes) return lines
      lines.push({ line: this.#line, detail: 'is not CSV: a quote is out of place' })
      this.#skip(this.#rest.indexOf(lineFeed) + 1 || this.#rest.length)
    }
  }

  /** Parses up to the end, or to a row that is invalid, or incomplete because its quote is still open. */
  #parseRows(onRow: (cells: string[]) => void): 'incomplete' | 'invalid' | null {
    let parsedBytes = 0
    try {
      parse(this.#rest, {
        relax_column_count: true,
        skip_empty_lines: true,
        record_delimiter: ['\r\n', lineFeed],
        on_record: (cells: string[], { bytes: end }) => {
          parsedBytes += this.#skipEmptyLines()
          onRow(cells)
          this.#skip(end - parsedBytes)
          parsedBytes = end
          return null
        },
      })
    } catch (error) {
      if (!(error instanceof CsvError)) throw error
      this.#skipEmptyLines()
      return error.code === 'CSV_QUOTE_NOT_CLOSED' ? 'incomplete' : 'invalid'
    }
    this.#skip(this.#rest.length)
    return null
  }

  #lineOf(cells: string[]): UploadLine[] {
    if (this.#column === undefined) {
      const itemColumn = cells.indexOf('item')
      this.#column = Math.max(itemColumn, 0)
      if (itemColumn >= 0) return []
    }
    const cell = cells[this.#column]
    if (cell === undefined) return [{ line: this.#line, detail: 'has no cell for the item' }]
    return [cells.every(isUtf8) ? itemLine(this.#line, cell) : notUtf8Line(this.#line)]
  }

  #skip(bytes: number): void {
    this.#line += countLines(this.#rest.subarray(0, bytes))
    this.#rest = this.#rest.subarray(bytes)
  }

  /** Returns how many bytes were skipped. */
  #skipEmptyLines(): number {
    const before = this.#rest.length
    for (;;) {
      if (this.#rest[0] === 0x0a) this.#skip(1)
      else if (this.#rest[0] === 0x0d && this.#rest[1] === 0x0a) this.#skip(2)
      else return before - this.#rest.length
    }
  }
}
