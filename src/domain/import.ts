import { yieldToEventLoop } from '../event-loop.ts'
import { limits } from '../limits.ts'
import type { WriteContext } from './actor.ts'
import { type ItemsChanged, itemsOf } from './item.ts'
import type { Store } from './store.ts'

/** A line of an upload: an item, or what is wrong with the line. */
export type UploadLine = ItemLine | LineError
/** `mended`: white space or invisible characters were removed. `warning`: why the line looks damaged. */
export type ItemLine = { line: number; item: string; mended?: boolean; warning?: string }
export type LineError = { line: number; detail: string }

/** `restore: false` leaves removed items removed; `dryRun` only counts what would be done. */
export type ImportOptions = { restore: boolean; dryRun: boolean }

/** The result of an import, counted in lines; `warnings` and `errors` have the first `limits.imports.errorsMax` each. */
export type Imported = {
  received: number
  added: number
  restored: number
  unchanged: number
  invalid: number
  leftRemoved: number
  mended: number
  warned: number
  warnings: LineError[]
  errors: LineError[]
}

const { writeMs, writeRowsMin, writeRowsMax, blocksMax, errorsMax } = limits.imports

export const nothingImported = (): Imported => ({
  received: 0,
  added: 0,
  restored: 0,
  unchanged: 0,
  invalid: 0,
  leftRemoved: 0,
  mended: 0,
  warned: 0,
  warnings: [],
  errors: [],
})

type ImportStore = Pick<Store, 'changeItems' | 'previewAdd'>
export type ImportTarget = {
  store: ImportStore
  namespace: string
  /** Called once for each chunk. */
  context: () => WriteContext
  options: ImportOptions
}

/**
 * Adds the items of an upload, in order and in chunks, each of them one atomic write. When this throws, or
 * `blocks` does, a prefix of the upload has been added and nothing else; `imported`, which is updated after each
 * chunk, has its counts. Other requests are served between chunks. An item whose requestor already holds
 * another counts as invalid, and a line that repeats an earlier one as unchanged.
 */
export async function importItems(
  target: ImportTarget,
  blocks: AsyncIterable<readonly UploadLine[]>,
  imported: Imported = nothingImported(),
): Promise<Imported> {
  let buffer: UploadLine[] = []
  let bufferedBlocks = 0
  let chunkSize: number = writeRowsMin
  for await (const lines of blocks) {
    buffer = buffer.concat(lines)
    bufferedBlocks++
    while (buffer.length >= chunkSize || bufferedBlocks >= blocksMax) {
      const startMs = performance.now()
      const chunk = buffer.splice(0, chunkSize)
      await addChunk(target, chunk, imported)
      chunkSize = nextChunkSize(chunk.length, performance.now() - startMs)
      bufferedBlocks = 0
      await yieldToEventLoop()
    }
    await yieldToEventLoop()
  }
  await addChunk(target, buffer, imported)
  return imported
}

/** How many rows can be written in `writeMs`, judging by the last chunk; at most twice as many as it had. */
function nextChunkSize(rows: number, tookMs: number): number {
  const size = Math.round(rows * Math.min(2, writeMs / tookMs))
  return Math.min(writeRowsMax, Math.max(writeRowsMin, size))
}

async function addChunk(
  target: ImportTarget,
  lines: readonly UploadLine[],
  imported: Imported,
): Promise<void> {
  if (lines.length === 0) return
  const add = lines.flatMap((line) => ('item' in line ? line.item : []))
  const { added, restored, conflicts } = await change(target, add)
  const stayed = new Set(itemsOf(conflicts))
  const errors: LineError[] = []
  let leftRemoved = 0
  for (const each of lines) {
    if ('detail' in each) errors.push(each)
    else {
      if (stayed.has(each.item)) {
        if (target.options.restore) errors.push({ line: each.line, detail: heldAnother })
        else leftRemoved++
      }
      if (each.mended) imported.mended++
      if (each.warning !== undefined) noteWarning(imported, each.line, each.warning)
    }
  }
  imported.received += lines.length
  imported.added += added
  imported.restored += restored
  imported.invalid += errors.length
  imported.leftRemoved += leftRemoved
  imported.unchanged += lines.length - added - restored - errors.length - leftRemoved
  imported.errors.push(...errors.slice(0, errorsMax - imported.errors.length))
}

const heldAnother = 'its requestor holds another item by now'

function change(
  { store, namespace, context, options: { restore, dryRun } }: ImportTarget,
  add: readonly string[],
): Promise<Pick<ItemsChanged, 'added' | 'restored' | 'conflicts'>> {
  return dryRun
    ? store.previewAdd({ namespace, add, restore })
    : store.changeItems({ namespace, add, remove: [], release: [], restore }, context())
}

function noteWarning(imported: Imported, line: number, detail: string): void {
  imported.warned++
  if (imported.warnings.length < errorsMax) imported.warnings.push({ line, detail })
}
