// What became of events, for whoever looks; and those that are made by hand.

import type { WriteContext } from '../../../domain/actor.ts'
import { ZaasError } from '../../../domain/errors.ts'
import {
  type Backlog,
  type Delivery,
  type DeliveryPage,
  type DeliveryQuery,
  testEvent,
} from '../../../domain/webhook.ts'
import type { Database } from '../database.ts'
import type { Row } from '../drivers/client.ts'
import { countStaged, isEnabled, newMessage, stagedColumns } from '../records/outbox.ts'
import { findWebhook } from './webhooks.ts'

/** Undefined for an unknown webhook. */
export async function listDeliveries(
  db: Database,
  { webhook, after, limit }: DeliveryQuery,
): Promise<DeliveryPage | undefined> {
  if (!(await findWebhook(db, webhook))) return undefined
  const { rows } = await db.read({
    sql: `SELECT id, ${columns} FROM deliveries INDEXED BY deliveries_webhook
          WHERE webhook = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3`,
    params: [webhook, after === undefined ? Number.MAX_SAFE_INTEGER : Number(after), limit + 1],
  })
  const page = rows.slice(0, limit)
  return {
    deliveries: page.map(deliveryOf),
    next: rows.length > limit ? String(page.at(-1)?.['id']) : null,
  }
}

type OneDelivery = { webhook: string; delivery: string }

/** Sends a delivery once more, now. Undefined for an unknown one; rejects with `conflict` if the webhook is disabled. */
export async function retryDelivery(
  db: Database,
  { webhook, delivery }: OneDelivery,
  { now }: WriteContext,
): Promise<Delivery | undefined> {
  const found = await findWebhook(db, webhook)
  if (!found) return undefined
  const isIt = 'message = ?2 AND webhook = ?1'
  const enabled = `EXISTS (SELECT 1 FROM webhooks AS hook WHERE id = ?1 AND ${isEnabled})`
  const [, retried] = await db.write([
    {
      sql: `UPDATE webhooks AS hook SET pending = pending + 1
            WHERE id = ?1 AND ${isEnabled}
              AND EXISTS (SELECT 1 FROM deliveries WHERE ${isIt} AND status <> 'pending')`,
      params: [webhook, delivery],
    },
    {
      sql: `UPDATE deliveries SET status = 'pending', next_attempt_at = ?3, lease = NULL
            WHERE ${isIt} AND ${enabled} RETURNING ${columns}`,
      params: [webhook, delivery, now],
    },
  ])
  const [row] = retried?.rows ?? []
  if (row) return deliveryOf(row)
  if (found.disabledAt !== null) throw isDisabled()
  return undefined
}

/** Stages a test event. Undefined for an unknown webhook; rejects with `conflict` if it is disabled. */
export async function testWebhook(
  db: Database,
  webhook: string,
  { now }: WriteContext,
): Promise<Delivery | undefined> {
  const [staged] = await db.write([
    {
      sql: `INSERT INTO deliveries (${stagedColumns})
            SELECT ${newMessage}, hook.id, NULL, ?3, ?2, '{}', 'pending', ?2
            FROM webhooks AS hook WHERE hook.id = ?1 AND ${isEnabled} RETURNING ${columns}`,
      params: [webhook, now, testEvent],
    },
    countStaged,
  ])
  const [row] = staged?.rows ?? []
  if (row) return deliveryOf(row)
  if (await findWebhook(db, webhook)) throw isDisabled()
  return undefined
}

/** Of each webhook it reads one row. */
export async function webhookBacklog(db: Database): Promise<Backlog> {
  const { rows } = await db.read({
    sql: `SELECT sum(iif(${isEnabled}, pending, 0)) AS undelivered,
            min(iif(${isEnabled}, (
              SELECT min(at) FROM deliveries INDEXED BY deliveries_waiting
              WHERE webhook = hook.id AND status = 'pending'
            ), NULL)) AS oldest_at,
            count(disabled_at) AS disabled
          FROM webhooks AS hook WHERE deleted_at IS NULL`,
    params: [],
  })
  const [row] = rows
  return {
    undelivered: Number(row?.['undelivered'] ?? 0),
    oldestAt: row?.['oldest_at'] == null ? null : Number(row['oldest_at']),
    disabled: Number(row?.['disabled'] ?? 0),
  }
}

const isDisabled = () =>
  new ZaasError('conflict', 'This webhook is disabled. PATCH { "disabled": false } enables it.')

const columns = 'message, event, namespace, at, attempts, status, last_status, next_attempt_at'

const deliveryOf = (row: Row): Delivery => ({
  id: String(row['message']),
  event: String(row['event']),
  namespace: row['namespace'] == null ? null : String(row['namespace']),
  at: Number(row['at']),
  attempts: Number(row['attempts']),
  status:
    row['status'] === 'pending' ? 'pending' : row['status'] === 'failed' ? 'failed' : 'delivered',
  lastStatus: row['last_status'] == null ? null : Number(row['last_status']),
  nextAttemptAt: row['next_attempt_at'] == null ? null : Number(row['next_attempt_at']),
})
