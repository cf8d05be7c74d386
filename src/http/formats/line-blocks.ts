import { limits } from '../../limits.ts'

/** Whole lines of an upload; `line` is the number of the first. `bytes` is null for a line that is too long. */
export type Block = { line: number; bytes: Buffer | null }

/** The line end counts too. */
const { lineBytesMax } = limits.imports
const byteOrderMark = Buffer.from('\ufeff')
const newline = '\n'.charCodeAt(0)

/**
 * Splits an upload into blocks of whole lines, in at most three times `lineBytesMax` of memory. Blocks are small,
 * so that work on one does not keep others waiting. A byte order mark is dropped.
 */
export async function* blocksOf(upload: AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
  let line = 1
  /** The pieces of the last line, which has not ended yet. */
  let openLine: Buffer[] = []
  let openLineBytes = 0
  for await (const piece of piecesOf(upload)) {
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

const withoutMark = (bytes: Buffer) =>
  byteOrderMark.equals(bytes.subarray(0, 3)) ? bytes.subarray(3) : bytes

/** Counts the lines that end in these bytes. */
export function countLines(bytes: Buffer): number {
  let lines = 0
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) lines++
  return lines
}
