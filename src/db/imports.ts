import type { Store } from './store.ts'

/** What a line of an upload holds: an item, or what is wrong with it. */
export type Row = { line: number; item: string } | LineError
export type LineError = { line: number; detail: string }

/** What an import did, in rows; `errors` are the first of the invalid ones. */
export type Imported = {
  received: number
  added: number
  restored: number
  unchanged: number
  invalid: number
  errors: LineError[]
}

const errorsMax = 100
/** What one write aims to take: everybody else waits that long. */
const writeMs = 60
const rowsMin = 250
/** More take more memory; fewer take longer where items come in no order, as random codes do. */
const rowsMax = 16_000
/** Bounds what waits for a write when the rows are long; they come in blocks of some 64 KiB. */
const blocksMax = 16

/**
 * Adds the items of an upload, in their order and in chunks, each of which is atomic: when this throws,
 * or `blocks` does, some of the first rows have been added and the rest has not. Between chunks everyone
 * else has their turn. An item whose requestor holds another one by now counts as invalid, and a line
 * that repeats an earlier one as unchanged.
 */
export async function importItems(
  store: Pick<Store, 'changeItems'>,
  namespace: string,
  blocks: AsyncIterable<readonly Row[]>,
  clock: () => Date,
): Promise<Imported> {
  const imported = { received: 0, added: 0, restored: 0, unchanged: 0, invalid: 0, errors: [] }
  let waiting: Row[] = []
  let blocksWaiting = 0
  let size = rowsMin
  for await (const rows of blocks) {
    waiting = waiting.concat(rows)
    blocksWaiting++
    while (waiting.length >= size || blocksWaiting >= blocksMax) {
      const startedMs = performance.now()
      const chunk = waiting.splice(0, size)
      await addRows(store, namespace, chunk, clock().getTime(), imported)
      size = nextSize(chunk.length, performance.now() - startedMs)
      blocksWaiting = 0
      await othersTurn()
    }
    await othersTurn()
  }
  await addRows(store, namespace, waiting, clock().getTime(), imported)
  return imported
}

/** How many rows fill the time of a write, going by the one before; at most twice as many as it had. */
function nextSize(rows: number, tookMs: number): number {
  const fitting = Math.round(rows * Math.min(2, writeMs / tookMs))
  return Math.min(rowsMax, Math.max(rowsMin, fitting))
}

/** The database blocks the event loop: this lets it look for requests and answer them. */
const othersTurn = () => new Promise(setImmediate)

async function addRows(
  store: Pick<Store, 'changeItems'>,
  namespace: string,
  rows: readonly Row[],
  now: number,
  imported: Imported,
): Promise<void> {
  if (rows.length === 0) return
  const add = rows.flatMap((row) => ('item' in row ? row.item : []))
  const change = await store.changeItems(namespace, { add, remove: [], release: [] }, now)
  const conflicts = new Set(change.conflicts)
  const errors = rows.flatMap((row) => {
    if ('detail' in row) return row
    const { line, item } = row
    return conflicts.has(item) ? { line, detail: 'its requestor holds another item by now' } : []
  })
  imported.received += rows.length
  imported.added += change.added
  imported.restored += change.restored
  imported.invalid += errors.length
  imported.unchanged += rows.length - change.added - change.restored - errors.length
  imported.errors.push(...errors.slice(0, errorsMax - imported.errors.length))
}
