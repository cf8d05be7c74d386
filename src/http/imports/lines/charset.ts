// The encoding of an upload: detected, or refused, and turned into UTF-8.

import { ZaasError } from '../../../domain/errors.ts'
import { limits } from '../../../limits.ts'
import { chained, peek } from './line-blocks.ts'
import { refuseOtherFiles } from './other-files.ts'
import { unsettled } from './read-options.ts'

const { headBytes, shownLines } = limits.imports

/** An upload as UTF-8, and the encoding that it came in, by its WHATWG name. */
export type Decoded = { encoding: string; utf8: AsyncIterable<Uint8Array> }

/**
 * Detects the encoding: that of the byte order mark, else `charset`, else UTF-8. What is not valid in it becomes
 * U+FFFD. Throws `unsupported_media_type` for an unknown charset or another kind of file, and `invalid` when the
 * first bytes are not valid in the encoding, or can hardly be in it.
 */
export async function decode(
  upload: AsyncIterable<Uint8Array>,
  charset: string | undefined,
): Promise<Decoded> {
  const told = charset === undefined ? undefined : encodingNamed(charset)
  const { head: pieces, whole: ended, rest } = await peek(upload, (it) => it.byteLength, headBytes)
  const bytes = Buffer.concat(pieces)
  const head = bytes.subarray(0, headBytes)
  refuseOtherFiles(head)
  const marked = markedEncoding(head)
  const encoding = marked ?? told ?? 'utf-8'
  if (marked === undefined && encoding.startsWith('utf-16')) refuseNotUtf16(head, encoding)
  refuseInvalid(head, encoding, { whole: ended && head.length === bytes.length, told })
  const all = chained([bytes], rest)
  return { encoding, utf8: encoding === 'utf-8' ? all : decoded(all, decoderFor(encoding)) }
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
const decoderFor = (label: string, options?: { fatal: true }) =>
  new TextDecoder(label as Bun.Encoding, options)

async function* decoded(bytes: AsyncIterable<Uint8Array>, decoder: TextDecoder) {
  for await (const piece of bytes) {
    // Whoever sends all of a file at once must not keep everyone else waiting while it is decoded.
    for (let at = 0; at < piece.byteLength; at += headBytes) {
      yield Buffer.from(decoder.decode(piece.subarray(at, at + headBytes), { stream: true }))
    }
  }
  yield Buffer.from(decoder.decode())
}

function markedEncoding(head: Buffer): 'utf-8' | 'utf-16le' | 'utf-16be' | undefined {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8'
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  return head[0] === 0xfe && head[1] === 0xff ? 'utf-16be' : undefined
}

const howToSay = 'say the charset in the content type, or save the file as UTF-8'

function refuseInvalid(
  head: Buffer,
  encoding: string,
  { whole, told }: { whole: boolean; told: string | undefined },
): void {
  const stream = !whole
  const text = decoderFor(encoding).decode(head, { stream })
  const needed = told === undefined ? 'is needed' : `is another one than ${encoding}`
  if (text.includes('\0')) throw unsettled('charset', `${needed}: ${nulsFound(head)}: ${howToSay}`)
  try {
    decoderFor(encoding, { fatal: true }).decode(head, { stream })
  } catch {
    const places = placesOf(text)
    const name = encoding.toUpperCase()
    throw unsettled('charset', `${needed}, for lines that are not ${name} (${places}): ${howToSay}`)
  }
}

/** The numbers of the lines with U+FFFD. */
function placesOf(text: string): string {
  const broken = text
    .split(/\r\n|\r|\n/)
    .flatMap((line, n) => (line.includes('\ufffd') ? n + 1 : []))
  const more = broken.length > shownLines ? ` and ${broken.length - shownLines} more` : ''
  return broken.slice(0, shownLines).join(', ') + more
}

function nulsFound(head: Buffer): string {
  const [first, second] = countNuls(head)
  if ((first + second) * 4 < head.length) return 'there are NUL bytes, which no text has'
  const guess = second > first ? 'utf-16le' : 'utf-16be'
  return `there are NUL bytes, as UTF-16 has them (${guess}, by the looks)`
}

/** How many NUL bytes are the first of two, and how many the second: of a character, if this is UTF-16. */
function countNuls(head: Buffer): [first: number, second: number] {
  const counts: [number, number] = [0, 0]
  for (let at = head.indexOf(0); at >= 0; at = head.indexOf(0, at + 1))
    counts[at % 2 === 0 ? 0 : 1]++
  return counts
}

/** Most bytes are valid UTF-16, whatever they are: this refuses UTF-16 of the other byte order, and UTF-8. */
function refuseNotUtf16(head: Buffer, encoding: string): void {
  const [first, second] = countNuls(head)
  const low = encoding === 'utf-16le' ? first : second
  const text = decoderFor(encoding).decode(head)
  const swapped = low * 4 > head.length || (/[\u0a00\u0d00]/.test(text) && !/[\r\n]/.test(text))
  const utf8 = (first + second) * 4 < head.length && isTextInUtf8(head)
  if (!swapped && !utf8) return
  const looks = utf8 ? 'utf-8' : encoding === 'utf-16le' ? 'utf-16be' : 'utf-16le'
  throw unsettled('charset', `is another one than ${encoding} (${looks}, by the looks)`)
}

const isTextInUtf8 = (bytes: Buffer) =>
  !bytes.some((byte) => byte > 0 && byte < 32 && !whiteSpace.includes(byte)) &&
  !bytes
    .toString()
    .replace(/\ufffd$/, '')
    .includes('\ufffd')
const whiteSpace = [...Buffer.from('\t\n\r')]
