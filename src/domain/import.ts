import { limits } from '../limits.ts'
import type { WriteContext } from './actor.ts'
import { itemsOf } from './item.ts'
import type { Store } from './store.ts'

/** A line of an upload: an item, or what is wrong with the line. */
export type UploadLine = { line: number; item: string } | LineError
export type LineError = { line: number; detail: string }

/** The result of an import, counted in lines; `errors` has the first `limits.imports.errorsMax` invalid lines. */
export type Imported = {
  received: number
  added: number
  restored: number
  unchanged: number
  invalid: number
  errors: LineError[]
}

const { writeMs, writeRowsMin, writeRowsMax, blocksMax, errorsMax } = limits.imports

/**
 * Adds the items of an upload, in order and in chunks, each of them one atomic write. When this throws, or
 * `blocks` does, a prefix of the upload has been added and nothing else. Other requests are served between
 * chunks. An item whose requestor already holds another counts as invalid, and a line that repeats an
 * earlier one as unchanged. `context` is called once for each chunk.
 */
export async function importItems(
  store: Pick<Store, 'changeItems'>,
  namespace: string,
  blocks: AsyncIterable<readonly UploadLine[]>,
  context: () => WriteContext,
): Promise<Imported> {
  const imported = { received: 0, added: 0, restored: 0, unchanged: 0, invalid: 0, errors: [] }
  let buffer: UploadLine[] = []
  let bufferedBlocks = 0
  let chunkSize: number = writeRowsMin
  for await (const lines of blocks) {
    buffer = buffer.concat(lines)
    bufferedBlocks++
    while (buffer.length >= chunkSize || bufferedBlocks >= blocksMax) {
      const startMs = performance.now()
      const chunk = buffer.splice(0, chunkSize)
      await addChunk(store, namespace, chunk, context(), imported)
      chunkSize = nextChunkSize(chunk.length, performance.now() - startMs)
      bufferedBlocks = 0
      await yieldToEventLoop()
    }
    await yieldToEventLoop()
  }
  await addChunk(store, namespace, buffer, context(), imported)
  return imported
}

/** How many rows can be written in `writeMs`, judging by the last chunk; at most twice as many as it had. */
function nextChunkSize(rows: number, tookMs: number): number {
  const size = Math.round(rows * Math.min(2, writeMs / tookMs))
  return Math.min(writeRowsMax, Math.max(writeRowsMin, size))
}

/** One turn of the event loop, in which other requests are read and answered. */
const yieldToEventLoop = () => new Promise(setImmediate)

async function addChunk(
  store: Pick<Store, 'changeItems'>,
  namespace: string,
  lines: readonly UploadLine[],
  context: WriteContext,
  imported: Imported,
): Promise<void> {
  if (lines.length === 0) return
  const add = lines.flatMap((line) => ('item' in line ? line.item : []))
  const change = await store.changeItems({ namespace, add, remove: [], release: [] }, context)
  const conflicts = new Set(itemsOf(change.conflicts))
  const errors = lines.flatMap((uploadLine) => {
    if ('detail' in uploadLine) return uploadLine
    const { line, item } = uploadLine
    return conflicts.has(item) ? { line, detail: 'its requestor holds another item by now' } : []
  })
  imported.received += lines.length
  imported.added += change.added
  imported.restored += change.restored
  imported.invalid += errors.length
  imported.unchanged += lines.length - change.added - change.restored - errors.length
  imported.errors.push(...errors.slice(0, errorsMax - imported.errors.length))
}
