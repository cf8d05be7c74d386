import { stringify } from 'csv-stringify/sync'
import Negotiator from 'negotiator'

/** An item as a list shows it. */
export type ItemJson = {
  item: string
  requestor: string | null
  matchedAt: string | null
  createdAt: string
}

/** How a list is written: its head, its rows, what goes between two pages of them, and its tail. */
export type Format = {
  type: string
  head: string
  rows: (page: readonly ItemJson[]) => string
  between: string
  tail: (nextCursor: string | null) => string
}

const columns = ['item', 'requestor', 'matchedAt', 'createdAt'] as const

const json: Format = {
  type: 'application/json;charset=utf-8',
  head: '{"items":[',
  rows: (page) => page.map((row) => JSON.stringify(row)).join(','),
  between: ',',
  tail: (nextCursor) => `],"nextCursor":${JSON.stringify(nextCursor)}}`,
}

/** RFC 4180; a cell that a spreadsheet would run as a formula gets a `'` in front, as OWASP advises. */
const csv: Format = {
  type: 'text/csv;charset=utf-8',
  head: `${columns.join(',')}\r\n`,
  rows: (page) =>
    stringify(
      page.map((row) => columns.map((column) => row[column])),
      { record_delimiter: '\r\n', escape_formulas: true },
    ),
  between: '',
  tail: () => '',
}

const ndjson: Format = {
  type: 'application/x-ndjson;charset=utf-8',
  head: '',
  rows: (page) => page.map((row) => `${JSON.stringify(row)}\n`).join(''),
  between: '',
  tail: () => '',
}

const formats = [json, csv, ndjson]

/** The format that a request prefers; JSON when it does not say, or asks for none of them. */
export function formatFor(request: Request): Format {
  const headers = { accept: request.headers.get('accept') ?? undefined }
  const type = new Negotiator({ headers }).mediaType(formats.map((format) => format.type))
  return formats.find((format) => format.type === type) ?? json
}
