// Events for webhooks are written with the change that causes them, one row of `deliveries` for each webhook that
// listens. Jobs send them later.

import type { WebhookEvent } from '../../../domain/webhook.ts'
import type { Statement } from '../database.ts'
import { lastChange } from './changes.ts'

type Staged = { namespace: string; event: WebhookEvent; now: number }

/**
 * Stages an event, if the number that the SQL `count` gives is not 0; it is only looked at if some webhook listens.
 * `payload` is SQL for a JSON object of counts, ids and times, in which `count` is that number. Both may use ?1, the
 * namespace, ?2, the time, and from ?4 on `params`.
 */
export const stage = (
  { namespace, event, now }: Staged,
  { count, payload }: { count: string; payload: string },
  params: readonly unknown[] = [],
): Statement[] => [
  {
    sql: `INSERT INTO deliveries (${stagedColumns})
          SELECT ${newMessage}, hook.id, ?1, ?3, ?2, ${payload}, 'pending', ?2
          FROM webhooks AS hook CROSS JOIN (SELECT ${count} AS count)
          WHERE count > 0 AND ${listens('?3')}`,
    params: [namespace, now, event, ...params],
  },
  countStaged,
]

/** Stages that the statement before has removed rows; `count` is SQL for how many, which may use `params` from ?4 on. */
export const stageRemoved = (
  namespace: string,
  now: number,
  count = 'changes()',
  params: readonly unknown[] = [],
): Statement[] =>
  stage(
    { namespace, event: 'items.removed', now },
    { count, payload: `json_object('removed', count)` },
    params,
  )

/** Stages that items were released: the last rows of all, if this change has added them. */
export const stageReleased = (namespace: string, now: number): Statement[] =>
  stage(
    { namespace, event: 'items.released', now },
    {
      count: `(SELECT count(*) FROM items WHERE id > ifnull((
        SELECT id FROM items WHERE added_change IS NOT ${lastChange} ORDER BY id DESC LIMIT 1
      ), 0))`,
      payload: `json_object('released', count)`,
    },
  )

export const stagedColumns =
  'message, webhook, namespace, event, at, payload, status, next_attempt_at'

/** SQL for what a receiver knows a delivery by. */
export const newMessage = `'msg_' || lower(hex(randomblob(16)))`

export const isEnabled = 'hook.disabled_at IS NULL AND hook.deleted_at IS NULL'

/** SQL for whether the webhook `hook` listens to an event of the namespace ?1. */
export const listens = (event: string) => `${isEnabled}
  AND instr(' ' || hook.events || ' ', ' ' || ${event} || ' ') > 0
  AND (hook.namespaces IS NULL OR EXISTS (SELECT 1 FROM json_each(hook.namespaces) WHERE value = ?1))`

/** Counts what the INSERT before has staged. Its ids follow one another. */
export const countStaged: Statement = {
  sql: `UPDATE webhooks SET pending = pending + (
          SELECT count(*) FROM deliveries WHERE deliveries.id > last_insert_rowid() - changes() AND webhook = webhooks.id
        )
        WHERE changes() > 0
          AND id IN (SELECT webhook FROM deliveries WHERE deliveries.id > last_insert_rowid() - changes())`,
  params: [],
}

/** SQL for whether some webhook listens to what becomes of stock: then every change of it is followed. */
export const stockIsWatched = `EXISTS (
  SELECT 1 FROM webhooks INDEXED BY webhooks_on_stock
  WHERE on_stock = 1 AND disabled_at IS NULL AND deleted_at IS NULL
)`
