// Labels of items that came in together.

import type { WriteContext } from '../../../domain/actor.ts'
import type {
  BatchPage,
  BatchQuery,
  BatchRemoval,
  BatchRemoved,
  BatchState,
} from '../../../domain/item-batch.ts'
import { limits } from '../../../limits.ts'
import type { Database, Statement } from '../database.ts'
import type { Row } from '../drivers/client.ts'
import { takeBackAll, takeBackLapsed } from '../matches/tidy.ts'
import { type By, byOf } from '../records/actors.ts'
import { lastChange, noteChange } from '../records/changes.ts'
import { countRows } from '../records/counts.ts'
import { rollHours } from '../records/hours.ts'
import { stageRemoved } from '../records/outbox.ts'
import { tellStock } from '../records/tell-stock.ts'
import { expiryThreshold } from '../records/time.ts'
import { latestEnded } from './items.ts'

type Label = { namespace: string; batch: string; received: number }

/** Makes sure that a batch is there, and counts what it receives. */
export const noteBatch = ({ namespace, batch, received }: Label, by: By): Statement => ({
  sql: `INSERT INTO batches (namespace, batch, at, actor, received) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (namespace, batch) DO UPDATE SET received = received + excluded.received`,
  params: [namespace, batch, by.now, by.actor, received],
})

export async function listBatches(
  db: Database,
  { namespace, after, limit }: BatchQuery,
): Promise<BatchPage> {
  const { rows } = await db.read({
    sql: `SELECT ${columns} FROM batches JOIN actors ON actors.id = batches.actor
          WHERE namespace = ?1 AND batches.id < ?2 ORDER BY batches.id DESC LIMIT ?3`,
    params: [namespace, after === undefined ? Number.MAX_SAFE_INTEGER : Number(after), limit + 1],
  })
  const page = rows.slice(0, limit)
  return {
    batches: page.map(batchOf),
    next: rows.length > limit ? String(page.at(-1)?.['id']) : null,
  }
}

/** Reads the rows in steps, so that nobody else waits for long: a batch that changes meanwhile is counted as it passes. */
export async function findBatch(
  db: Database,
  namespace: string,
  batch: string,
  now: number,
): Promise<BatchState | undefined> {
  const { rows } = await db.read({
    sql: `SELECT ${columns}, ${expiryThreshold} AS threshold
          FROM batches JOIN actors ON actors.id = batches.actor JOIN namespaces AS pool USING (namespace)
          WHERE namespace = ?1 AND batch = ?3`,
    params: [namespace, now, batch],
  })
  const [found] = rows
  if (!found) return undefined
  const state = { ...batchOf(found), available: 0, matched: 0, held: 0, expired: 0, removed: 0 }
  const threshold = Number(found['threshold'])
  for (let after = 0; ; ) {
    const step = await db.read(
      countStep({ namespace, id: Number(found['id']) }, after, { now, threshold }),
    )
    const [counts] = step.rows
    for (const name of ['available', 'matched', 'held', 'expired', 'removed'] as const)
      state[name] += Number(counts?.[name] ?? 0)
    if (Number(counts?.['rows'] ?? 0) < stepRows) return state
    after = Number(counts?.['last'])
    await Bun.sleep(0)
  }
}

const stepRows = limits.batches.stepRows

/** Of an item that has had several lives in a batch, the latest one counts. */
const countStep = (
  { namespace, id }: { namespace: string; id: number },
  after: number,
  { now, threshold }: { now: number; threshold: number },
): Statement => ({
  sql: `SELECT count(*) AS rows, max(id) AS last,
          count(iif(ended AND latest, 1, NULL)) AS removed,
          count(iif(NOT ended AND taken AND held_until IS NULL, 1, NULL)) AS matched,
          count(iif(NOT ended AND taken AND held_until IS NOT NULL, 1, NULL)) AS held,
          count(iif(NOT ended AND NOT taken AND passed, 1, NULL)) AS expired,
          count(iif(NOT ended AND NOT taken AND NOT passed, 1, NULL)) AS available
        FROM (
          SELECT id, held_until, deleted_at IS NOT NULL AS ended, ${latestEnded} AS latest,
            requestor IS NOT NULL AND ifnull(held_until > ?4, 1) AS taken,
            ifnull(expires_at <= ?5, 0) AS passed
          FROM items INDEXED BY items_batch WHERE batch = ?6 AND id > ?2 ORDER BY id LIMIT ?3
        )`,
  params: [namespace, after, stepRows, now, threshold, id],
})

/** Removes what nobody has of the next rows of a batch. */
export async function removeBatch(
  db: Database,
  { namespace, batch, after = 0, removedBefore = 0 }: BatchRemoval,
  context: WriteContext,
): Promise<BatchRemoved | undefined> {
  const { rows } = await db.read({
    sql: 'SELECT id FROM batches WHERE namespace = ?1 AND batch = ?2',
    params: [namespace, batch],
  })
  const [found] = rows
  if (!found) return undefined
  const by = await byOf(db, context)
  const { now } = by
  await takeBackAll(db, namespace, now)
  const step = [Number(found['id']), after, stepRows]
  const begin = [
    ...rollHours([namespace], now),
    ...takeBackLapsed(namespace, now),
    noteChange({ namespace, kind: 'batch', batch }, by),
  ]
  const results = await db.bulkWrite([
    ...begin,
    {
      sql: `SELECT count(*) AS rows, max(id) AS last,
              count(iif(deleted_at IS NULL, requestor, NULL)) AS kept FROM (${rowsOfStep('?1', '?2', '?3')})`,
      params: step,
    },
    countRows(
      namespace,
      '-',
      `SELECT * FROM (${rowsOfStep('?2', '?3', '?4')}) WHERE ${withNobody}`,
      step,
      'removed',
    ),
    {
      sql: `UPDATE items SET deleted_at = ?4, removed_change = ${lastChange}
            WHERE id IN (SELECT id FROM (${rowsOfStep('?1', '?2', '?3')}) WHERE ${withNobody})`,
      params: [...step, now],
    },
    // With the last step, of all steps.
    ...stageRemoved(
      namespace,
      now,
      `(changes() + ?7) * (${stepRows} > (SELECT count(*) FROM (${rowsOfStep('?4', '?5', '?6')})))`,
      [...step, removedBefore],
    ),
    ...tellStock(namespace, now),
  ])
  const [counted, , removed] = results.slice(begin.length)
  const counts = counted?.rows[0]
  return {
    removed: removed?.rowsAffected ?? 0,
    kept: Number(counts?.['kept'] ?? 0),
    next: Number(counts?.['rows']) === stepRows ? Number(counts?.['last']) : null,
  }
}

const rowsOfStep = (batch: string, after: string, limit: string) =>
  `SELECT * FROM items INDEXED BY items_batch WHERE batch = ${batch} AND id > ${after} ORDER BY id LIMIT ${limit}`
const withNobody = 'deleted_at IS NULL AND requestor IS NULL'

const columns =
  'batches.id AS id, batches.namespace AS namespace, batch, batches.at AS at, actors.actor AS by, received'

const batchOf = (row: Row) => ({
  batch: String(row['batch']),
  at: Number(row['at']),
  by: String(row['by']),
  received: Number(row['received']),
})
