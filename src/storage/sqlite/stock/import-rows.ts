import type { WriteContext } from '../../../domain/actor.ts'
import {
  type ImportRow,
  isUsed,
  itemsOf,
  type RowsImported,
  type RowsToImport,
} from '../../../domain/item.ts'
import { foldRequestor } from '../../../domain/namespace.ts'
import type { Database } from '../database.ts'
import type { Result } from '../drivers/client.ts'
import { useSlots } from '../matches/give.ts'
import { takeBackAll, takeBackLapsed } from '../matches/tidy.ts'
import { type By, byOf } from '../records/actors.ts'
import { noteChange } from '../records/changes.ts'
import { ensureNamespace } from '../records/counts.ts'
import { rollHours } from '../records/hours.ts'
import { tellStock } from '../records/tell-stock.ts'
import { countExpired, findRemoved, insertListed, restoredAt, restoreListed } from './add.ts'
import { noteBatch } from './batches.ts'
import {
  bindListed,
  boundAt,
  countInsertedMatches,
  findUnbound,
  insertMatched,
} from './bring-matches.ts'
import { writeParts } from './change-items.ts'
import { distinct, itemsIn } from './lists.ts'
import { assertFolds, foldsRequestors, undefinedIfFoldedSince } from './namespaces.ts'

export async function importRows(
  db: Database,
  chunk: RowsToImport,
  context: WriteContext,
): Promise<RowsImported> {
  const { namespace, begun, restore, dryRun } = chunk
  const by = await byOf(db, context)
  await takeBackAll(db, namespace, by.now)
  const folded = await foldsRequestors(db, namespace)
  const list = distinct(chunk.rows.map((row) => toRow(row, folded, by.now)))
  const parts = partsOf(chunk, { list: list.json, folded, by })
  // Whether a row can be used is known only once it was tried.
  const tries = begun || dryRun ? [dryRun] : [true, false]
  for (const dry of tries) {
    const results = await writeParts(db, parts, dry).catch(undefinedIfFoldedSince)
    if (!results) break
    const done = { ...report(list.count, results, restore), folded }
    if (dry === dryRun || !isUsed(done)) return done
  }
  return importRows(db, chunk, context)
}

function partsOf(
  { namespace, rows, batch, labels = [], received, restore }: RowsToImport,
  { list, folded, by }: { list: string; folded: boolean; by: By },
) {
  const { now } = by
  const matches = objects(rows).some(({ requestor }) => requestor !== undefined)
  const asTheyAre = objects(rows).some(
    ({ requestor, createdAt, batch: label }) => (requestor ?? createdAt ?? label) !== undefined,
  )
  const [insert, ...counted] = asTheyAre
    ? [insertMatched({ namespace, list, now, batch }), countInsertedMatches(namespace)]
    : insertListed({ namespace, list, now, batch })
  return {
    begin: [
      ensureNamespace(namespace),
      assertFolds(namespace, folded),
      ...rollHours([namespace], now),
      ...takeBackLapsed(namespace, now),
      noteChange({ namespace, kind: 'items', batch }, by),
      noteBatch({ namespace, batch, received }, by),
      ...labels.map((label) => noteBatch({ namespace, batch: label, received: 0 }, by)),
      ...(slotsIn(rows) ? [useSlots(namespace)] : []),
    ],
    restore: restore ? restoreListed(namespace, list, now, 'RETURNING item') : [],
    insert: insert ? [insert] : [],
    expired: [countExpired(namespace, now)],
    counted,
    bind: matches ? bindListed(namespace, list, now) : [],
    removed: [findRemoved(namespace, list)],
    unbound: matches ? [findUnbound(namespace, list)] : [],
    tell: tellStock(namespace, now),
  }
}

type Part = 'restore' | 'insert' | 'expired' | 'bind' | 'removed' | 'unbound'

function report(listed: number, results: Record<Part, Result[]>, restore: boolean) {
  const columnOf = (result: Result | undefined) =>
    result?.rows.map(({ item }) => String(item)) ?? []
  const inserted = results.insert[0]
  const bound = inserted?.rows.filter((row) => row['bound'] === 1).length ?? 0
  const added = (inserted?.rows.length ?? 0) - bound + (inserted?.rowsAffected ?? 0)
  const restored = new Set(columnOf(results.restore[restoredAt]))
  const removed = new Set(itemsOf(itemsIn(results.removed[0])))
  const boundLater = columnOf(results.bind[boundAt]).filter((item) => !restored.has(item))
  const unbound = columnOf(results.unbound[0]).filter(
    (item) => !restored.has(item) && !removed.has(item),
  )
  const matched = bound + boundLater.length
  const changed = added + restored.size + matched
  return {
    added,
    restored: restored.size,
    matched,
    unchanged: listed - changed - removed.size - unbound.length,
    expired: Number(results.expired[0]?.rows[0]?.['expired'] ?? 0),
    conflicts: restore ? [...removed, ...unbound] : unbound,
    leftRemoved: restore ? [] : [...removed],
  }
}

/** `shown`: the requestor as it was sent, where that differs. */
type ComparedRow = ImportRow & { shown?: string }

/** As the statements take it: the requestor as it is compared, and nobody for a hold that has lapsed. */
function toRow(row: string | ImportRow, folded: boolean, now: number): string | ComparedRow {
  if (typeof row === 'string' || row.requestor === undefined) return row
  const { requestor, slot, matchedAt, heldUntil, ...item } = row
  if (heldUntil !== undefined && heldUntil <= now) return item
  if (!folded) return row
  const compared = foldRequestor(requestor)
  return compared === requestor ? row : { ...row, requestor: compared, shown: requestor }
}

const objects = (rows: RowsToImport['rows']) => rows.filter((row) => typeof row !== 'string')

const slotsIn = (rows: RowsToImport['rows']) => objects(rows).some(({ slot }) => slot)
