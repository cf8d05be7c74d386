// What becomes of webhooks and deliveries that nobody attends to.

import type { WriteContext } from '../../../domain/actor.ts'
import type { WebhooksTidied } from '../../../domain/webhook.ts'
import { limits } from '../../../limits.ts'
import type { Database } from '../database.ts'
import { byOf } from '../records/actors.ts'
import { isEnabled } from '../records/outbox.ts'
import { disableNoted } from './disable.ts'

const { undeliveredMax, keptMs, forgottenRows } = limits.webhooks

/**
 * Disables webhooks with too much that is undelivered, and forgets a bounded number of deliveries: those that are old
 * and done, or old and of a disabled webhook, or of a deleted one, which goes with the last of them.
 */
export async function tidyWebhooks(db: Database, context: WriteContext): Promise<WebhooksTidied> {
  return { disabled: await disableOverfull(db, context), more: await forgetDeliveries(db, context) }
}

async function disableOverfull(db: Database, context: WriteContext): Promise<string[]> {
  const { rows } = await db.read({
    sql: `SELECT id FROM webhooks AS hook WHERE ${isEnabled} AND pending > ?1`,
    params: [undeliveredMax],
  })
  if (rows.length === 0) return []
  const by = await byOf(db, context)
  const ids = rows.map(({ id }) => String(id))
  const results = await db.write(ids.flatMap((id) => disableNoted(id, by)))
  return results.flatMap((result) => result.rows.map(({ id }) => String(id)))
}

async function forgetDeliveries(db: Database, { now }: WriteContext): Promise<boolean> {
  const params = [now - keptMs, forgottenRows]
  const { rows } = await db.read({
    sql: `SELECT (${forgettable}) AS found`,
    params: [now - keptMs, 1],
  })
  if (rows[0]?.['found'] === 0) return false
  const [, forgotten] = await db.write([
    {
      sql: `UPDATE webhooks SET pending = pending - (
              SELECT count(*) FROM deliveries WHERE id IN (${forgottenIds}) AND webhook = webhooks.id AND status = 'pending'
            )
            WHERE disabled_at IS NOT NULL AND deleted_at IS NULL`,
      params,
    },
    { sql: `DELETE FROM deliveries WHERE id IN (${forgottenIds})`, params },
    {
      sql: `DELETE FROM webhooks WHERE deleted_at IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM deliveries WHERE webhook = webhooks.id)`,
      params: [],
    },
  ])
  return forgotten?.rowsAffected === forgottenRows
}

const forgottenIds = `
  SELECT * FROM (
    SELECT id FROM deliveries INDEXED BY deliveries_done WHERE status <> 'pending' AND at < ?1 ORDER BY at LIMIT ?2
  )
  UNION
  SELECT * FROM (
    SELECT delivery.id FROM webhooks AS hook CROSS JOIN deliveries AS delivery
    WHERE hook.deleted_at IS NOT NULL AND delivery.webhook = hook.id LIMIT ?2
  )
  UNION
  SELECT * FROM (
    SELECT delivery.id FROM webhooks AS hook CROSS JOIN deliveries AS delivery INDEXED BY deliveries_waiting
    WHERE hook.disabled_at IS NOT NULL AND delivery.webhook = hook.id AND delivery.status = 'pending'
      AND delivery.at < ?1 LIMIT ?2
  )
  LIMIT ?2`

const forgettable = `EXISTS (${forgottenIds}) OR EXISTS (SELECT 1 FROM webhooks WHERE deleted_at IS NOT NULL)`
