import { yieldToEventLoop } from '../event-loop.ts'
import { limits } from '../limits.ts'
import type { WriteContext } from './actor.ts'
import { type ImportRow, isUsed, type RowsImported } from './item.ts'
import { foldRequestor } from './namespace.ts'
import { Rehearsal } from './rehearsal.ts'
import type { Store } from './store.ts'

/** A line of an upload: an item, or what is wrong with the line. */
export type UploadLine = ItemLine | LineError
/**
 * `more`: what the line says besides. `mended`: white space or invisible characters were removed. `warning`: why
 * the line looks damaged.
 */
export type ItemLine = {
  line: number
  item: string
  more?: MoreOfItem
  mended?: boolean
  warning?: string
}
export type MoreOfItem = Omit<ImportRow, 'item'>
export type LineError = { line: number; detail: string }

/** `restore: false` leaves removed items removed; `dryRun` only counts what would be done. */
export type ImportOptions = { restore: boolean; dryRun: boolean }

/** The result of an import, counted in lines; `warnings` and `errors` have the first `limits.imports.errorsMax` each. */
export type Imported = {
  received: number
  added: number
  restored: number
  matched: number
  unchanged: number
  invalid: number
  leftRemoved: number
  expired: number
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
  matched: 0,
  unchanged: 0,
  invalid: 0,
  leftRemoved: 0,
  expired: 0,
  mended: 0,
  warned: 0,
  warnings: [],
  errors: [],
})

export type ImportTarget = {
  store: Pick<Store, 'importRows'>
  namespace: string
  /** The label of what comes in. */
  batch: string
  /** Called once for each chunk. */
  context: () => WriteContext
  options: ImportOptions
}

/**
 * Adds the items of an upload, in order and in chunks, each of them one atomic write. When this throws, or
 * `blocks` does, a prefix of the upload has been added and nothing else; `imported`, which is updated after each
 * chunk, has its counts. Other requests are served between chunks. An item whose requestor already holds
 * another, or that somebody else has, counts as invalid, and a line that repeats an earlier one as unchanged.
 */
export async function importItems(
  target: ImportTarget,
  blocks: AsyncIterable<readonly UploadLine[]>,
  imported: Imported = nothingImported(),
): Promise<Imported> {
  const progress: Progress = { imported, unnoted: 0, labels: [] }
  let buffer: UploadLine[] = []
  let bufferedBlocks = 0
  let chunkSize: number = writeRowsMin
  for await (const lines of blocks) {
    buffer = buffer.concat(lines)
    bufferedBlocks++
    while (buffer.length >= chunkSize || bufferedBlocks >= blocksMax) {
      const startMs = performance.now()
      const chunk = buffer.splice(0, chunkSize)
      await addChunk(target, chunk, progress)
      chunkSize = nextChunkSize(chunk.length, performance.now() - startMs)
      bufferedBlocks = 0
      await yieldToEventLoop()
    }
    await yieldToEventLoop()
  }
  await addChunk(target, buffer, progress)
  const begun = imported.received > imported.invalid
  if (progress.unnoted > 0 && begun) await importRows(target, [], progress)
  return imported
}

/** How many rows can be written in `writeMs`, judging by the last chunk; at most twice as many as it had. */
function nextChunkSize(rows: number, tookMs: number): number {
  const size = Math.round(rows * Math.min(2, writeMs / tookMs))
  return Math.min(writeRowsMax, Math.max(writeRowsMin, size))
}

/**
 * What is done so far. `unnoted` lines have come to nothing, and are counted with the next ones that the batch receives;
 * so are the `labels` that were read since.
 */
type Progress = { imported: Imported; unnoted: number; labels: string[] }

async function addChunk(
  target: ImportTarget,
  lines: readonly UploadLine[],
  progress: Progress,
): Promise<void> {
  const rehearsal = target.options.dryRun ? new Rehearsal(target.context().now) : undefined
  for (const part of partsOf(lines)) await addPart(target, part, progress, rehearsal)
}

/**
 * Splits lines where an item comes again with another requestor, or a requestor with another item: the first line is to
 * win, whereas the store sees only the first of the rows with one item, and restores, adds and binds those of one write
 * in this order.
 */
function* partsOf(lines: readonly UploadLine[]): Generator<readonly UploadLine[]> {
  if (!lines.some((line) => 'item' in line && line.more?.requestor !== undefined))
    return yield lines
  const matches = new Map<string, string>()
  const items = new Map<string, string>()
  let start = 0
  for (const [n, line] of lines.entries()) {
    if ('detail' in line) continue
    const { item, more: { requestor, slot = '', heldUntil = '' } = {} } = line
    // Of two requestors that may be one, and may be two, both are taken: that is only a write more.
    const match = `${heldUntil} ${slot} ${requestor ?? ''}`
    const holder = requestor === undefined ? '' : `${slot} ${foldRequestor(requestor)}`
    if ((matches.get(item) ?? match) !== match || (items.get(holder) ?? item) !== item) {
      yield lines.slice(start, n)
      start = n
      matches.clear()
      items.clear()
    }
    matches.set(item, match)
    if (requestor !== undefined) items.set(holder, item)
  }
  yield lines.slice(start)
}

async function addPart(
  target: ImportTarget,
  lines: readonly UploadLine[],
  progress: Progress,
  rehearsal: Rehearsal | undefined,
): Promise<void> {
  const { imported } = progress
  const items = lines.filter((line) => 'item' in line)
  const known = rehearsal && new Map(items.map((line) => [line, rehearsal.outcomeOf(line)]))
  const tried = known ? items.filter((line) => known.get(line) === undefined) : items
  progress.unnoted += lines.length
  progress.labels = progress.labels.concat(items.flatMap(({ more }) => more?.batch ?? []))
  const done = tried.length === 0 ? nothingDone : await importRows(target, tried, progress)
  const [conflicts, leftRemoved] = [new Set(done.conflicts), new Set(done.leftRemoved)]
  const errors = lines.flatMap((line) => {
    if ('detail' in line) return line
    const fails = known?.get(line) === 'conflict' || conflicts.has(line.item)
    return fails ? { line: line.line, detail: conflictOf(line) } : []
  })
  const left = tried.filter(({ item }) => leftRemoved.has(item)).length
  const isTaken = ({ item }: ItemLine) => !conflicts.has(item) && !leftRemoved.has(item)
  if (tried.length > 0) rehearsal?.note(tried.filter(isTaken), done.folded)
  for (const { line, mended, warning } of items) {
    if (mended) imported.mended++
    if (warning !== undefined) noteWarning(imported, line, warning)
  }
  imported.received += lines.length
  imported.added += done.added
  imported.restored += done.restored
  imported.matched += done.matched
  imported.expired += done.expired
  imported.invalid += errors.length
  imported.leftRemoved += left
  imported.unchanged +=
    lines.length - done.added - done.restored - done.matched - errors.length - left
  imported.errors.push(...errors.slice(0, errorsMax - imported.errors.length))
}

const nothingDone: RowsImported = {
  added: 0,
  restored: 0,
  matched: 0,
  unchanged: 0,
  expired: 0,
  conflicts: [],
  leftRemoved: [],
  folded: false,
}

const conflictOf = ({ more }: ItemLine) =>
  more?.requestor === undefined
    ? 'its requestor holds another item by now'
    : 'its requestor has another item here, or somebody else has this one'

async function importRows(
  { store, namespace, batch, context, options }: ImportTarget,
  lines: readonly ItemLine[],
  progress: Progress,
): Promise<RowsImported> {
  const rows = lines.map(({ item, more }) => (more === undefined ? item : { item, ...more }))
  const { unnoted: received, labels: read, imported } = progress
  const begun = imported.received > imported.invalid
  const chunk = { namespace, rows, batch, labels: [...new Set(read)], received, begun, ...options }
  const done = await store.importRows(chunk, context())
  if (begun || isUsed(done)) {
    progress.unnoted = 0
    progress.labels = []
  }
  return done
}

function noteWarning(imported: Imported, line: number, detail: string): void {
  imported.warned++
  if (imported.warnings.length < errorsMax) imported.warnings.push({ line, detail })
}
