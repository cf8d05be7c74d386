// Changes to the stock of a namespace, each of them one transaction.

import type { WriteContext } from '../../../domain/actor.ts'
import {
  countOf,
  type ItemChanges,
  type ItemReplacement,
  type ItemsChanged,
  type ItemsReplaced,
  isListText,
  type ReleaseList,
} from '../../../domain/item.ts'
import { foldRequestor } from '../../../domain/namespace.ts'
import type { Database, Statement } from '../database.ts'
import type { Result } from '../drivers/client.ts'
import { takeBackAll, takeBackLapsed } from '../matches/tidy.ts'
import { type By, byOf } from '../records/actors.ts'
import { noteChange } from '../records/changes.ts'
import { ensureNamespace } from '../records/counts.ts'
import { rollHours } from '../records/hours.ts'
import { stageReleased, stageRemoved } from '../records/outbox.ts'
import { tellStock } from '../records/tell-stock.ts'
import { findRemoved, insertListed, restoredAt, restoreListed } from './add.ts'
import { noteBatch } from './batches.ts'
import { once, recordedIn, recording, withUnchanged } from './idempotency.ts'
import { distinct, itemsIn } from './lists.ts'
import { foldsRequestors } from './namespaces.ts'
import { releasedAt, releaseListed } from './release.ts'
import { countKept, removedAt, removeListed, removeUnlisted } from './remove.ts'
import { setListed, updatedAt } from './set.ts'

export async function changeItems(
  db: Database,
  { namespace, batch, note, idempotency, ...lists }: ItemChanges,
  context: WriteContext,
): Promise<ItemsChanged> {
  const by = await byOf(db, context)
  const { now } = by
  await takeBackAll(db, namespace, now)
  const add = distinct(lists.add)
  const remove = distinct(lists.remove)
  const release = distinct(await compared(db, namespace, lists.release))
  const set = distinct(lists.set)
  const listed = add.count + remove.count + release.count + set.count
  const lookup = idempotency && { namespace, ...idempotency, now }
  const record = lookup && recording(lookup, { list: add.json, listed })
  const where = <Part>(count: number, part: Part[]) => (count === 0 ? [] : part)
  const parts = {
    begin: begin({ namespace, batch, note, received: add.count }, by),
    claim: record?.claim ?? [],
    remove: where(remove.count, removeListed(namespace, remove.json, now)),
    stageRemoved: where(remove.count, stageRemoved(namespace, now)),
    noteRemoved: where(remove.count, record?.removed ?? []),
    release: where(release.count, releaseListed(namespace, release.json, now)),
    stageReleased: where(release.count, stageReleased(namespace, now)),
    noteReleased: where(release.count, record?.released ?? []),
    restore: where(add.count, restoreListed(namespace, add.json, now)),
    insert: where(add.count, insertListed({ namespace, list: add.json, now, batch })),
    conflicts: where(record ? 0 : add.count, [findRemoved(namespace, add.json)]),
    set: where(set.count, setListed(namespace, set.json, now)),
    record: record?.done ?? [],
    tell: tellStock(namespace, now),
  }
  return once(db, lookup, async () => {
    const results = await writeParts(db, parts)
    if (record) return recordedIn(results.record.at(-1))
    return withUnchanged({
      listed,
      added: results.insert[0]?.rowsAffected ?? 0,
      restored: results.restore[restoredAt]?.rowsAffected ?? 0,
      removed: results.remove[removedAt]?.rowsAffected ?? 0,
      released: results.release[releasedAt]?.rowsAffected ?? 0,
      updated: results.set[updatedAt]?.rowsAffected ?? 0,
      conflicts: itemsIn(results.conflicts[0]),
    })
  })
}

export async function replaceItems(
  db: Database,
  { namespace, items, removeMatched, dryRun, idempotency }: ItemReplacement,
  context: WriteContext,
): Promise<ItemsReplaced> {
  const stock = distinct(items)
  const by = await byOf(db, context)
  const { now } = by
  await takeBackAll(db, namespace, now)
  const { json, count } = stock
  const lookup = idempotency && !dryRun ? { namespace, ...idempotency, now } : undefined
  const record = lookup && recording(lookup, { list: json, listed: count })
  const parts = {
    begin: begin({ namespace }, by),
    claim: record?.claim ?? [],
    remove: removeUnlisted(namespace, json, { removeMatched, now }),
    stageRemoved: stageRemoved(namespace, now),
    noteRemoved: record?.removed ?? [],
    kept: record?.kept ?? [countKept(namespace, json)],
    restore: restoreListed(namespace, json, now),
    insert: insertListed({ namespace, list: json, now, batch: undefined }),
    conflicts: record ? [] : [findRemoved(namespace, json)],
    record: record?.done ?? [],
    tell: tellStock(namespace, now),
  }
  const { kept = 0, ...changed } = await once(db, lookup, async () => {
    const results = await writeParts(db, parts, dryRun)
    if (record) return recordedIn(results.record.at(-1))
    return withUnchanged({
      listed: count,
      added: results.insert[0]?.rowsAffected ?? 0,
      restored: results.restore[restoredAt]?.rowsAffected ?? 0,
      removed: results.remove[removedAt]?.rowsAffected ?? 0,
      released: 0,
      updated: 0,
      kept: Number(results.kept[0]?.rows[0]?.['kept'] ?? 0),
      conflicts: itemsIn(results.conflicts[0]),
    })
  })
  return { ...changed, kept }
}

type Label = {
  namespace: string
  batch?: string | undefined
  note?: string | undefined
  received?: number
}

/** What each change of the stock begins with. */
export const begin = ({ namespace, batch, note, received = 0 }: Label, by: By): Statement[] => [
  ensureNamespace(namespace),
  ...rollHours([namespace], by.now),
  ...takeBackLapsed(namespace, by.now),
  noteChange({ namespace, kind: 'items', batch, note }, by),
  ...(batch === undefined ? [] : [noteBatch({ namespace, batch, received }, by)]),
]

/** Writes all parts as one transaction, in their order, and returns the results of each; `dryRun` changes nothing. */
export async function writeParts<Name extends string>(
  db: Database,
  parts: Record<Name, readonly Statement[]>,
  dryRun = false,
): Promise<Record<Name, Result[]>> {
  const named = Object.entries(parts) as [Name, readonly Statement[]][]
  const statements = named.flatMap(([, part]) => part)
  const results = await (dryRun ? db.rehearse(statements) : db.bulkWrite(statements))
  const split = named.map(([name, { length }]) => [name, results.splice(0, length)])
  return Object.fromEntries(split) as Record<Name, Result[]>
}

/** The list with requestors in the form in which the namespace compares them. */
async function compared(db: Database, namespace: string, list: ReleaseList): Promise<ReleaseList> {
  if (countOf(list) === 0 || !(await foldsRequestors(db, namespace))) return list
  const values: ReleaseList = isListText(list) ? JSON.parse(list.json) : list
  if (isListText(values)) return values
  return values.map((each) =>
    typeof each === 'string' ? each : { ...each, requestor: foldRequestor(each.requestor) },
  )
}
