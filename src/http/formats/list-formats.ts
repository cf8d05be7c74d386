// The formats in which lists of items are written: JSON, CSV and NDJSON.

import { stringify } from 'csv-stringify/sync'
import Negotiator from 'negotiator'
import type { ItemStatus } from '../../domain/item.ts'
import { limits } from '../../limits.ts'

/** An item, as responses show it. */
export type ItemJson = {
  item: string
  requestor: string | null
  slot: string | null
  /** The text of a JSON object. */
  data: string | null
  matchedAt: string | null
  heldUntil: string | null
  expiresAt: string | null
  createdAt: string
  batch: string | null
  status: ItemStatus
}

/** How to write a list: a head, pages of rows with a separator between them, and a tail. */
export type ListFormat = {
  mediaType: string
  head: string
  rows: (page: readonly ItemJson[]) => string
  separator: string
  tail: (nextCursor: string | null) => string
}

const columns = [
  ...(['item', 'requestor', 'slot', 'data', 'matchedAt', 'heldUntil', 'expiresAt'] as const),
  ...(['createdAt', 'batch', 'status'] as const),
]

/** Its data as it was sent, not parsed and written anew. */
const rowJson = ({ item, requestor, slot, data, ...rest }: ItemJson) => {
  const [head, tail] = [{ item, requestor, slot }, rest].map((part) => JSON.stringify(part))
  return `${head?.slice(0, -1)},"data":${data},${tail?.slice(1)}`
}

const json: ListFormat = {
  mediaType: 'application/json;charset=utf-8',
  head: '{"items":[',
  rows: (page) => page.map(rowJson).join(','),
  separator: ',',
  tail: (nextCursor) => `],"nextCursor":${JSON.stringify(nextCursor)}}`,
}

const guard = "'"
// What a spreadsheet runs as a formula, and what begins with the guard itself, so that each guard can be removed.
const guarded = /^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20']/

const withGuard = (cell: string | null) =>
  cell !== null && guarded.test(cell) ? guard + cell : cell

/** Restores a cell of an export. */
export const withoutGuard = (cell: string) =>
  cell.startsWith(guard) && guarded.test(cell.slice(1)) ? cell.slice(1) : cell

/** Whether these are the headings of an export, also one of version 0.1.0, whose cells have guards. */
export const isExportHeader = (header: readonly string[]) =>
  [columns.join(), 'item,requestor,matchedAt,createdAt'].includes(header.join())

/**
 * RFC 4180. A cell that a spreadsheet would run as a formula is prefixed with `'`, as OWASP advises. The byte
 * order mark tells spreadsheets that it is UTF-8, and quotes keep a cell whole whatever their delimiter is.
 */
const csv: ListFormat = {
  mediaType: 'text/csv;charset=utf-8',
  head: `\ufeff${columns.join(',')}\r\n`,
  rows: (page) =>
    stringify(
      page.map((row) => columns.map((column) => withGuard(row[column]))),
      { record_delimiter: '\r\n', quoted_match: /[;\t|]/ },
    ),
  separator: '',
  tail: () => '',
}

const ndjson: ListFormat = {
  mediaType: 'application/x-ndjson;charset=utf-8',
  head: '',
  rows: (page) => page.map((row) => `${rowJson(row)}\n`).join(''),
  separator: '',
  tail: () => '',
}

const formats = [json, csv, ndjson]

/**
 * Content negotiation: the format that a request prefers, or JSON. An `accept` header longer than
 * `limits.http.acceptMax` is disregarded, as RFC 9110 (section 12.4.1) allows.
 */
export function negotiateFormat(request: Request): ListFormat {
  const accept = request.headers.get('accept') ?? ''
  if (accept.length > limits.http.acceptMax) return json
  const headers = { accept: accept || undefined }
  const available = formats.map(({ mediaType }) => mediaType)
  const preferred = new Negotiator({ headers }).mediaType(available)
  return formats.find(({ mediaType }) => mediaType === preferred) ?? json
}
