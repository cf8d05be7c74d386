// An upload to blocks of whole lines.

import type { LineError } from '../../../domain/import.ts'
import { limits } from '../../../limits.ts'

/** Whole lines of an upload; `line` is the number of the first. `bytes` is null for a line that is too long. */
export type Block = { line: number; bytes: Buffer | null }

/** The line end counts too. */
const { lineBytesMax } = limits.imports
const byteOrderMark = Buffer.from('\ufeff')
const newline = '\n'.charCodeAt(0)
const carriageReturn = '\r'.charCodeAt(0)

/**
 * Splits an upload into blocks of whole lines, in at most three times `lineBytesMax` of memory. Blocks are small,
 * so that work on one does not keep others waiting. A CR that no LF follows ends a line too, and becomes LF. Byte
 * order marks at the beginning are dropped.
 */
export async function* blocksOf(upload: AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
  let line = 1
  /** The pieces of the last line, which has not ended yet. */
  let openLine: Buffer[] = []
  let openLineBytes = 0
  for await (const piece of normalizeLineEnds(piecesOf(upload))) {
    const end = piece.lastIndexOf(newline) + 1
    if (end > 0) {
      const firstEnd = piece.indexOf(newline) + 1
      const tooLong = openLineBytes + firstEnd > lineBytesMax
      if (tooLong) yield { line: line++, bytes: null }
      const bytes = tooLong
        ? piece.subarray(firstEnd, end)
        : Buffer.concat([...openLine, piece.subarray(0, end)])
      yield { line, bytes: line === 1 ? withoutMark(bytes) : bytes }
      line += countLines(bytes)
      openLine = []
      openLineBytes = 0
    }
    openLine.push(piece.subarray(end))
    openLineBytes += piece.length - end
    if (openLineBytes > lineBytesMax) openLine = []
  }
  const last = Buffer.concat(openLine)
  if (openLineBytes > lineBytesMax) yield { line, bytes: null }
  else yield { line, bytes: line === 1 ? withoutMark(last) : last }
}

async function* piecesOf(upload: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const { buffer, byteOffset, byteLength } of upload) {
    for (let start = 0; start < byteLength; start += lineBytesMax) {
      yield Buffer.from(buffer, byteOffset + start, Math.min(lineBytesMax, byteLength - start))
    }
  }
}

/** Replaces each CR that no LF follows. A CR at the end of a piece is held back until the next piece. */
async function* normalizeLineEnds(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held = false
  for await (const next of pieces) {
    if (next.length === 0) continue
    const piece: Buffer = held ? Buffer.concat([Buffer.of(carriageReturn), next]) : next
    held = piece.at(-1) === carriageReturn
    yield withLineFeeds(held ? piece.subarray(0, -1) : piece)
  }
  if (held) yield Buffer.of(newline)
}

function withLineFeeds(piece: Buffer): Buffer {
  let changed: Buffer | undefined
  for (
    let at = piece.indexOf(carriageReturn);
    at >= 0;
    at = piece.indexOf(carriageReturn, at + 1)
  ) {
    if (piece[at + 1] === newline) continue
    changed ??= Buffer.from(piece)
    changed[at] = newline
  }
  return changed ?? piece
}

function withoutMark(bytes: Buffer): Buffer {
  let rest = bytes
  while (byteOrderMark.equals(rest.subarray(0, 3))) rest = rest.subarray(3)
  return rest
}

/** What to say of a line that is too long. */
export const tooLongLine = (line: number): LineError => ({
  line,
  detail: `has more than ${lineBytesMax} bytes`,
})

/** What `read` makes of each line that is not empty, without its end; nothing of `[]`. `first` is the first one's number. */
export function mapLines<Row>(
  first: number,
  bytes: Buffer,
  read: (line: number, text: string) => Row | [],
): Row[] {
  return bytes
    .toString()
    .split('\n')
    .flatMap((ended, n) => {
      const text = ended.endsWith('\r') ? ended.slice(0, -1) : ended
      return text === '' ? [] : read(first + n, text)
    })
}

/** Counts the lines that end in these bytes. */
export function countLines(bytes: Buffer): number {
  let lines = 0
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) lines++
  return lines
}

/**
 * Takes the head of a stream, of at least this size, off it. `whole`: the stream ended with its head. An error on the
 * way is thrown by `rest`, so that what came before it is still used.
 */
export async function peek<Piece>(
  source: AsyncIterable<Piece>,
  sizeOf: (piece: Piece) => number,
  size: number,
): Promise<{ head: Piece[]; whole: boolean; rest: AsyncIterable<Piece> }> {
  const pieces = source[Symbol.asyncIterator]()
  const head: Piece[] = []
  let seen = 0
  try {
    while (seen < size) {
      const { value, done } = await pieces.next()
      if (done) return { head, whole: true, rest: none() }
      head.push(value)
      seen += sizeOf(value)
    }
  } catch (error) {
    return { head, whole: false, rest: failing(error) }
  }
  return { head, whole: false, rest: { [Symbol.asyncIterator]: () => pieces } }
}

export async function* chained<Piece>(
  first: readonly Piece[],
  rest: AsyncIterable<Piece>,
): AsyncGenerator<Piece> {
  yield* first
  yield* rest
}

async function* none(): AsyncGenerator<never> {}

// biome-ignore lint/correctness/useYield: it has nothing to give
async function* failing(error: unknown): AsyncGenerator<never> {
  throw error
}
