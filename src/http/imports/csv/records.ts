// CSV to rows of cells, in a way that goes on behind a fault.

import { CsvError, parse } from 'csv-parse/sync'
import type { LineError } from '../../../domain/import.ts'
import { limits } from '../../../limits.ts'
import { type Block, countLines, mapLines, tooLongLine } from '../lines/line-blocks.ts'

const { lineBytesMax } = limits.imports

const lineFeed = '\n'
const quote = '"'.charCodeAt(0)
/** The library takes a tenth of a millisecond to begin again behind a fault. */
const parsesAtOnceMax = 100

/** A row, by the number of its first line. `trimmed`: white space stood around its quotes. */
export type CsvRecord = { line: number; cells: string[]; trimmed?: true } | LineError

/** What separates the cells: one delimiter, or any of these. */
export type Delimiters = readonly string[]

/**
 * Reads blocks of whole lines. A row may go over several lines. One that is no CSV is a fault, and reading
 * goes on behind its first line, so that a quote left open costs no more than that. The parser of the
 * library gets blocks, because it cannot go on behind a broken quote.
 */
export class CsvParser {
  readonly #delimiters: Delimiters
  readonly #separator: string | RegExp
  /** White space around the quotes of a cell. */
  readonly #spacedQuote: RegExp
  readonly #parsesAtOnce: number
  /** What is not read yet, and the number of its first line. */
  #rest: Buffer = Buffer.alloc(0)
  #line = 1

  constructor(delimiters: Delimiters, parsesAtOnce = parsesAtOnceMax) {
    this.#delimiters = delimiters
    const [only = ',', ...others] = delimiters
    const any = `[${delimiters.map(escaped).join('')}]`
    this.#separator = others.length === 0 ? only : new RegExp(any)
    this.#spacedQuote = new RegExp(`(^|${any})[ \\t]+"|"[ \\t]+(${any}|\\r?$)`, 'm')
    this.#parsesAtOnce = parsesAtOnce
  }

  /** Reads what has come so far, some records at a time, so that faults in every line keep nobody waiting. */
  *take({ line, bytes }: Block): Generator<CsvRecord[]> {
    if (bytes === null) {
      yield* this.end()
      return yield [tooLongLine(line)]
    }
    if (this.#rest.length === 0) {
      this.#line = line
      if (!bytes.includes(quote)) return yield this.#split(bytes)
    }
    this.#rest = Buffer.concat([this.#rest, bytes])
    yield* this.#readRest(lineBytesMax)
  }

  /** Reads what is left, as nothing comes that could end its last row. */
  end(): Generator<CsvRecord[]> {
    return this.#readRest(0)
  }

  /** Reads lines without a quote, as most are: ten times faster than the library. */
  #split(bytes: Buffer): CsvRecord[] {
    return mapLines(this.#line, bytes, (line, text) => ({
      line,
      cells: text.split(this.#separator),
    }))
  }

  *#readRest(openMaxBytes: number): Generator<CsvRecord[]> {
    let records: CsvRecord[] = []
    const read = (options?: { trim: true; to: 1 }) =>
      this.#parse((record) => records.push(record), options)
    for (let parses = 1; ; parses++) {
      const fault = read()
      if (fault === null || (fault === 'incomplete' && this.#rest.length <= openMaxBytes)) break
      const before = records.length
      if (fault === 'invalid' && this.#hasSpacedQuote()) read({ trim: true, to: 1 })
      if (records.length === before) {
        records.push({ line: this.#line, detail: 'is not CSV: a quote is out of place' })
        this.#skip(this.#lineLength())
      }
      if (parses % this.#parsesAtOnce === 0) {
        yield records
        records = []
      }
    }
    yield records
  }

  #lineLength = () => this.#rest.indexOf(lineFeed) + 1 || this.#rest.length

  /** Whether the next line may be right but for white space around its quotes. */
  #hasSpacedQuote(): boolean {
    return this.#spacedQuote.test(this.#rest.toString('utf8', 0, this.#lineLength()))
  }

  /** Reads to the end, to a row that is `invalid`, or to an `incomplete` one at the end. */
  #parse(
    onRecord: (record: CsvRecord) => void,
    { trim, to }: { trim?: true; to?: 1 } = {},
  ): 'incomplete' | 'invalid' | null {
    let read = 0
    try {
      parse(this.#rest, {
        delimiter: [...this.#delimiters],
        relax_column_count: true,
        skip_empty_lines: true,
        record_delimiter: ['\r\n', lineFeed],
        ...(trim && { trim }),
        ...(to && { to }),
        on_record: (cells: string[], { bytes: end }) => {
          read += this.#skipEmpty()
          onRecord({ line: this.#line, cells, ...(trim && { trimmed: true }) })
          this.#skip(end - read)
          read = end
          return null
        },
      })
    } catch (error) {
      if (!(error instanceof CsvError)) throw error
      this.#skipEmpty()
      return error.code === 'CSV_QUOTE_NOT_CLOSED' ? 'incomplete' : 'invalid'
    }
    if (to === undefined) this.#skip(this.#rest.length)
    return null
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

const escaped = (delimiter: string) => `\\u${delimiter.charCodeAt(0).toString(16).padStart(4, '0')}`
