// The encoding of an upload: found out, or refused, and turned into UTF-8.

import { ZaasError } from '../../domain/errors.ts'
import { limits } from '../../limits.ts'
import { chained, peek } from './line-blocks.ts'
import { unsettled } from './read-options.ts'

const { headBytes, shownLines } = limits.imports

/** An upload as UTF-8, and the encoding that it came in, by its WHATWG name. */
export type Decoded = { encoding: string; utf8: AsyncIterable<Uint8Array> }

/**
 * Finds out the encoding from the byte order mark, from `charset`, and from the first bytes: UTF-8 unless
 * told. What is not valid in it becomes U+FFFD. Throws `unsupported_media_type` for an unknown charset or a
 * spreadsheet, and `invalid` when the first bytes do not tell what they are.
 */
export async function decode(
  upload: AsyncIterable<Uint8Array>,
  charset: string | undefined,
): Promise<Decoded> {
  const told = charset === undefined ? undefined : encodingNamed(charset)
  const { head: pieces, whole: ended, rest } = await peek(upload, (it) => it.byteLength, headBytes)
  const bytes = Buffer.concat(pieces)
  const head = bytes.subarray(0, headBytes)
  const whole = ended && head.length === bytes.length
  const all = chained([bytes], rest)
  refuseOtherFiles(head)
  const encoding = markedEncoding(head) ?? told ?? 'utf-8'
  if (encoding === 'utf-8') {
    if (told === undefined) refuseUnlessUtf8(head, whole)
    refuseNul(head)
    return { encoding, utf8: all }
  }
  refuseNul(Buffer.from(decoderFor(encoding).decode(head, { stream: true })), encoding)
  return { encoding, utf8: decoded(all, decoderFor(encoding)) }
}

/** The `charset` of a content type (RFC 9110, 8.3.1). */
export function charsetOf(contentType: string | null): string | undefined {
  return /;\s*charset=(?:"([^"]*)"|([^\s;"]*))/i
    .exec(contentType ?? '')
    ?.slice(1)
    .find(Boolean)
}

function encodingNamed(charset: string): string {
  try {
    return decoderFor(charset).encoding
  } catch (cause) {
    const detail = 'The charset is not known: it must be a name of the WHATWG Encoding Standard.'
    throw new ZaasError('unsupported_media_type', detail, { cause })
  }
}

/** Throws RangeError for a label that is none, which Bun's types know fewer of than Bun does. */
const decoderFor = (label: string) => new TextDecoder(label as Bun.Encoding)

async function* decoded(bytes: AsyncIterable<Uint8Array>, decoder: TextDecoder) {
  for await (const piece of bytes) {
    // Whoever sends all of a file at once must not keep everyone else waiting while it is decoded.
    for (let at = 0; at < piece.byteLength; at += headBytes) {
      yield Buffer.from(decoder.decode(piece.subarray(at, at + headBytes), { stream: true }))
    }
  }
  yield Buffer.from(decoder.decode())
}

const saveAsCsv = 'save it as "CSV UTF-8 (comma delimited)", and send that as text/csv'

/** By which bytes the files begin that are sent by mistake. */
const otherFiles: [magic: string, detail: string][] = [
  ['504b0304', `The body is a spreadsheet (XLSX) or an archive: ${saveAsCsv}.`],
  ['d0cf11e0', `The body is a spreadsheet (XLS): ${saveAsCsv}.`],
  ['1f8b08', 'The body is compressed: unpack it, and send that.'],
]

const spreadsheetType = /^application\/vnd\.(ms-excel|openxmlformats|oasis\.opendocument)/i

/** Throws `unsupported_media_type` for what says that it is a spreadsheet. */
export function refuseSpreadsheets(contentType: string | null): void {
  if (!spreadsheetType.test(contentType ?? '')) return
  throw new ZaasError('unsupported_media_type', `Spreadsheets are not read: ${saveAsCsv}.`)
}

function refuseOtherFiles(head: Buffer): void {
  const [, detail] =
    otherFiles.find(([magic]) => head.toString('hex', 0, 4).startsWith(magic)) ?? []
  if (detail !== undefined) throw new ZaasError('unsupported_media_type', detail)
}

function markedEncoding(head: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8'
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : undefined
}

const howToSay = 'say the charset in the content type, or save the file as UTF-8'

function refuseUnlessUtf8(head: Buffer, whole: boolean): void {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: !whole })
  } catch {
    const lines = head.toString('latin1').split(/\r\n|\r|\n/)
    const broken = lines.flatMap((line, n) =>
      Buffer.from(line, 'latin1').toString().includes('\ufffd') ? n + 1 : [],
    )
    const more = broken.length > shownLines ? ` and ${broken.length - shownLines} more` : ''
    const places = broken.slice(0, shownLines).join(', ') + more
    throw unsettled('charset', `is needed, for lines that are not UTF-8 (${places}): ${howToSay}`)
  }
}

function refuseNul(head: Buffer, encoding?: string): void {
  const at = head.indexOf(0)
  if (at < 0) return
  // Most characters of UTF-16 have one NUL byte, the second of two in little endian.
  const guess = at % 2 === 1 ? 'utf-16le' : 'utf-16be'
  const detail =
    encoding === undefined
      ? `is needed: there are NUL bytes, as UTF-16 has them (${guess}, by the looks): ${howToSay}`
      : `is another one than ${encoding}, in which there are NUL characters: ${howToSay}`
  throw unsettled('charset', detail)
}
