import { limits } from '../../limits.ts'

/** Whole lines of an upload, the first of which has this number; null for one that is too long to keep. */
export type Block = { line: number; bytes: Buffer | null }

/** A line may have as many bytes, its end included. */
const { lineBytes } = limits.imports
const byteOrderMark = Buffer.from('\ufeff')
const newline = '\n'.charCodeAt(0)

/**
 * Cuts an upload into blocks of whole lines, in at most three times `lineBytes` of memory. Blocks are
 * that small so that nobody waits long while one is worked on. A byte order mark is left out.
 */
export async function* blocksOf(upload: AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
  let line = 1
  let open: Buffer[] = [] // the pieces of the last line, which has not ended yet
  let openBytes = 0
  for await (const piece of piecesOf(upload)) {
    const end = piece.lastIndexOf(newline) + 1
    if (end > 0) {
      const firstEnd = piece.indexOf(newline) + 1
      const long = openBytes + firstEnd > lineBytes
      if (long) yield { line: line++, bytes: null }
      const bytes = long
        ? piece.subarray(firstEnd, end)
        : Buffer.concat([...open, piece.subarray(0, end)])
      yield { line, bytes: line === 1 ? withoutMark(bytes) : bytes }
      line += countLines(bytes)
      open = []
      openBytes = 0
    }
    open.push(piece.subarray(end))
    openBytes += piece.length - end
    if (openBytes > lineBytes) open = []
  }
  const last = Buffer.concat(open)
  if (openBytes > lineBytes) yield { line, bytes: null }
  else yield { line, bytes: line === 1 ? withoutMark(last) : last }
}

async function* piecesOf(upload: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const { buffer, byteOffset, byteLength } of upload) {
    for (let at = 0; at < byteLength; at += lineBytes) {
      yield Buffer.from(buffer, byteOffset + at, Math.min(lineBytes, byteLength - at))
    }
  }
}

const withoutMark = (bytes: Buffer) =>
  byteOrderMark.equals(bytes.subarray(0, 3)) ? bytes.subarray(3) : bytes

/** How many lines end in these bytes. */
export function countLines(bytes: Buffer): number {
  let lines = 0
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) lines++
  return lines
}
