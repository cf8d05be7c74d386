import { limits } from '../limits.ts'
import type { WriteContext } from './actor.ts'
import type { Store } from './store.ts'

/** What a line of an upload holds: an item, or what is wrong with it. */
export type UploadLine = { line: number; item: string } | LineError
export type LineError = { line: number; detail: string }

/** What an import did, in lines; `errors` are the first of the invalid ones. */
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
 * Adds the items of an upload, in their order and in chunks, each of which is atomic: when this throws,
 * or `blocks` does, some of the first rows have been added and the rest has not. Between chunks everyone
 * else has their turn. An item whose requestor holds another one by now counts as invalid, and a line
 * that repeats an earlier one as unchanged. `context` is asked for once for each chunk.
 */
export async function importItems(
  store: Pick<Store, 'changeItems'>,
  namespace: string,
  blocks: AsyncIterable<readonly UploadLine[]>,
  context: () => WriteContext,
): Promise<Imported> {
  const imported = { received: 0, added: 0, restored: 0, unchanged: 0, invalid: 0, errors: [] }
  let waiting: UploadLine[] = []
  let blocksWaiting = 0
  let size: number = writeRowsMin
  for await (const lines of blocks) {
    waiting = waiting.concat(lines)
    blocksWaiting++
    while (waiting.length >= size || blocksWaiting >= blocksMax) {
      const startedMs = performance.now()
      const chunk = waiting.splice(0, size)
      await addLines(store, namespace, chunk, context(), imported)
      size = nextSize(chunk.length, performance.now() - startedMs)
      blocksWaiting = 0
      await othersTurn()
    }
    await othersTurn()
  }
  await addLines(store, namespace, waiting, context(), imported)
  return imported
}

/** How many rows fill the time of a write, going by the one before; at most twice as many as it had. */
function nextSize(rows: number, tookMs: number): number {
  const fitting = Math.round(rows * Math.min(2, writeMs / tookMs))
  return Math.min(writeRowsMax, Math.max(writeRowsMin, fitting))
}

/** The database blocks the event loop: this lets it look for requests and answer them. */
const othersTurn = () => new Promise(setImmediate)

async function addLines(
  store: Pick<Store, 'changeItems'>,
  namespace: string,
  lines: readonly UploadLine[],
  context: WriteContext,
  imported: Imported,
): Promise<void> {
  if (lines.length === 0) return
  const add = lines.flatMap((line) => ('item' in line ? line.item : []))
  const change = await store.changeItems({ namespace, add, remove: [], release: [] }, context)
  const conflicts = new Set(change.conflicts)
  const errors = lines.flatMap((each) => {
    if ('detail' in each) return each
    const { line, item } = each
    return conflicts.has(item) ? { line, detail: 'its requestor holds another item by now' } : []
  })
  imported.received += lines.length
  imported.added += change.added
  imported.restored += change.restored
  imported.invalid += errors.length
  imported.unchanged += lines.length - change.added - change.restored - errors.length
  imported.errors.push(...errors.slice(0, errorsMax - imported.errors.length))
}
