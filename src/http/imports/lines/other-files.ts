// Files that are sent by mistake, and what to send instead.

import { ZaasError } from '../../../domain/errors.ts'

const saveAsCsv = 'save it as "CSV UTF-8 (comma delimited)", and send that as text/csv'

const archive = `The body is a spreadsheet (XLSX, ODS) or an archive: ${saveAsCsv}.`

/** How such files begin, in hexadecimal. */
const binaryFiles: [beginning: string, detail: string][] = [
  ['504b0304', archive],
  ['504b0506', archive],
  ['d0cf11e0', `The body is a spreadsheet (XLS): ${saveAsCsv}.`],
  ['1f8b', 'The body is compressed: unpack it, and send that.'],
]

const textFiles: [beginning: RegExp, detail: string][] = [
  [
    /^(%PDF-|\{\\rtf)/,
    'The body is a document (PDF or RTF): save it as plain text, and send that.',
  ],
  [
    /^\ufeff?\s*<(!doctype html|html|\?xml)[\s>]/i,
    'The body is an HTML or XML document, such as the error page of a server: look into the file.',
  ],
  [
    /^--[^\r\n]+\r?\ncontent-disposition:/i,
    'The body is a form (multipart/form-data): send the file alone.',
  ],
]

/** Throws `unsupported_media_type` for the first bytes of a file that is neither text, CSV nor NDJSON. */
export function refuseOtherFiles(head: Buffer): void {
  const hex = head.toString('hex', 0, 4)
  const text = head.toString('utf8', 0, 256)
  const [, detail] =
    binaryFiles.find(([beginning]) => hex.startsWith(beginning)) ??
    textFiles.find(([beginning]) => beginning.test(text)) ??
    []
  if (detail !== undefined) throw new ZaasError('unsupported_media_type', detail)
}

const spreadsheetType = /^application\/vnd\.(ms-excel|openxmlformats|oasis\.opendocument)/i

/** Throws `unsupported_media_type` for the content type of a spreadsheet. */
export function refuseSpreadsheets(contentType: string | null): void {
  if (!spreadsheetType.test(contentType ?? '')) return
  throw new ZaasError('unsupported_media_type', `Spreadsheets are not read: ${saveAsCsv}.`)
}
