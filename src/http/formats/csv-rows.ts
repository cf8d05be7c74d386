import { CsvError, parse } from 'csv-parse/sync'
import type { UploadLine } from '../../domain/import.ts'
import { limits } from '../../limits.ts'
import { countLines } from './line-blocks.ts'
import { isUtf8, notUtf8Row, type ReadRows, rowOf, tooLongRow } from './rows.ts'

const { lineBytes } = limits.imports

const lineFeed = '\n'

/**
 * The items of a CSV upload: of the column named `item`, or of the first one when the first row names
 * none. A row may go over several lines and goes by the number of the first. One that is no CSV is
 * invalid, and reading goes on behind its first line, so that a quote left open costs no more than that.
 */
export const csvRows: ReadRows = async function* (blocks) {
  const reader = new CsvReader()
  for await (const { line, bytes } of blocks) {
    if (bytes === null) yield [...reader.end(), tooLongRow(line)]
    else yield reader.read(line, bytes)
  }
  yield reader.end()
}

// The parser of the library gets blocks of whole lines, because it cannot go on behind a broken quote.
class CsvReader {
  /** Which cell is the item; undefined before the first row. */
  #column: number | undefined
  /** What is not read yet, and the number of its first line. */
  #rest: Buffer = Buffer.alloc(0)
  #line = 1

  read(line: number, bytes: Buffer): UploadLine[] {
    if (this.#rest.length === 0) this.#line = line
    this.#rest = Buffer.concat([this.#rest, bytes])
    return this.#readRest(lineBytes)
  }

  /** Reads what is left, as nothing comes that could end its last row. */
  end(): UploadLine[] {
    return this.#readRest(0)
  }

  #readRest(openMaxBytes: number): UploadLine[] {
    const rows: UploadLine[] = []
    for (;;) {
      const fault = this.#parse((cells) => rows.push(...this.#rowOf(cells)))
      if (fault === null || (fault === 'open' && this.#rest.length <= openMaxBytes)) return rows
      rows.push({ line: this.#line, detail: 'is not CSV: a quote is out of place' })
      this.#skip(this.#rest.indexOf(lineFeed) + 1 || this.#rest.length)
    }
  }

  /** Reads to the end, to a row that is `broken`, or to one that is still `open` at the end. */
  #parse(onRow: (cells: string[]) => void): 'open' | 'broken' | null {
    let read = 0
    try {
      parse(this.#rest, {
        relax_column_count: true,
        skip_empty_lines: true,
        record_delimiter: ['\r\n', lineFeed],
        on_record: (cells: string[], { bytes: end }) => {
          read += this.#skipEmpty()
          onRow(cells)
          this.#skip(end - read)
          read = end
          return null
        },
      })
    } catch (error) {
      if (!(error instanceof CsvError)) throw error
      this.#skipEmpty()
      return error.code === 'CSV_QUOTE_NOT_CLOSED' ? 'open' : 'broken'
    }
    this.#skip(this.#rest.length)
    return null
  }

  #rowOf(cells: string[]): UploadLine[] {
    if (this.#column === undefined) {
      const named = cells.indexOf('item')
      this.#column = Math.max(named, 0)
      if (named >= 0) return []
    }
    const cell = cells[this.#column]
    if (cell === undefined) return [{ line: this.#line, detail: 'has no cell for the item' }]
    return [cells.every(isUtf8) ? rowOf(this.#line, cell) : notUtf8Row(this.#line)]
  }

  #skip(bytes: number): void {
    this.#line += countLines(this.#rest.subarray(0, bytes))
    this.#rest = this.#rest.subarray(bytes)
  }

  /** Skips empty lines and returns their bytes. */
  #skipEmpty(): number {
    const before = this.#rest.length
    for (;;) {
      if (this.#rest[0] === 0x0a) this.#skip(1)
      else if (this.#rest[0] === 0x0d && this.#rest[1] === 0x0a) this.#skip(2)
      else return before - this.#rest.length
    }
  }
}
