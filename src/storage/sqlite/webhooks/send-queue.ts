// What the job that sends events takes, and puts back.

import type { WriteContext } from '../../../domain/actor.ts'
import type { Attempt, LeasedDelivery, LeaseRequest, WebhookId } from '../../../domain/webhook.ts'
import { limits } from '../../../limits.ts'
import type { Database } from '../database.ts'
import type { Row } from '../drivers/client.ts'
import { byOf } from '../records/actors.ts'
import { isEnabled } from '../records/outbox.ts'
import { disableNoted } from './disable.ts'

const { leaseMs, sendingShareMax } = limits.webhooks

/**
 * Leases what is due, of each webhook no more than `sendingShareMax` with what is being sent already. Takes the write
 * lock only if there is something. Why two instances do not send the same: a write leases it, and moves the time at
 * which it is due to the end of the lease.
 */
export async function leaseDeliveries(
  db: Database,
  { limit, sending }: LeaseRequest,
  { now }: WriteContext,
): Promise<LeasedDelivery[]> {
  const asked = JSON.stringify(sending)
  const due = await db.read({ sql: `SELECT id FROM (${dueIds}) LIMIT 1`, params: [now, asked, 1] })
  if (due.rows.length === 0) return []
  const [leased] = await db.write([
    {
      sql: `UPDATE deliveries SET lease = lower(hex(randomblob(8))), next_attempt_at = ?1 + ${leaseMs}
            WHERE id IN (SELECT id FROM (${dueIds}))
            RETURNING id, lease, message, webhook, namespace, event, at, payload, attempts`,
      params: [now, asked, limit],
    },
  ])
  return withReceivers(db, leased?.rows ?? [], now)
}

// Of each webhook at most as many index entries are read as may be sent. The first of each go before the second ones,
// in any order, so that no webhook waits for others with more.
const dueIds = `
  SELECT id FROM (
    SELECT delivery.id AS id, hook.id AS webhook, row_number() OVER (PARTITION BY hook.id) AS nth
    FROM webhooks AS hook CROSS JOIN deliveries AS delivery
    WHERE ${isEnabled} AND hook.pending > 0 AND delivery.id IN (
      SELECT id FROM deliveries INDEXED BY deliveries_due
      WHERE webhook = hook.id AND status = 'pending' AND next_attempt_at <= ?1
      ORDER BY next_attempt_at LIMIT ${sendingShareMax}
    )
  ) AS due
  WHERE nth <= ${sendingShareMax} - ifnull((SELECT value FROM json_each(?2) WHERE key = due.webhook), 0)
  ORDER BY nth, random() LIMIT ?3`

async function withReceivers(
  db: Database,
  leased: readonly Row[],
  now: number,
): Promise<LeasedDelivery[]> {
  const { rows } = await db.read({
    sql: `SELECT id, url, secret, earlier_secrets FROM webhooks
          WHERE id IN (SELECT value FROM json_each(?1)) AND deleted_at IS NULL`,
    params: [JSON.stringify(leased.map((row) => row['webhook']))],
  })
  const receivers = new Map(rows.map((row) => [row['id'], row]))
  return leased.flatMap((row) => {
    const receiver = receivers.get(row['webhook'])
    if (!receiver) return []
    const earlier: [secret: string, until: number][] = JSON.parse(
      String(receiver['earlier_secrets']),
    )
    const standing = earlier.flatMap(([secret, until]) => (until > now ? secret : []))
    return {
      number: Number(row['id']),
      lease: String(row['lease']),
      id: String(row['message']),
      webhook: String(row['webhook']) as WebhookId,
      url: String(receiver['url']),
      secrets: [String(receiver['secret']), ...standing.reverse()],
      body: bodyOf(row),
      attempts: Number(row['attempts']),
    }
  })
}

/** The same for each try. */
function bodyOf(row: Row): string {
  const namespace = row['namespace']
  return JSON.stringify({
    type: row['event'],
    timestamp: new Date(Number(row['at'])).toISOString(),
    data: { ...(namespace !== null && { namespace }), ...JSON.parse(String(row['payload'])) },
  })
}

/**
 * Writes down what became of tries. Of one whose lease has ended and that another instance has leased since, only a
 * success counts. Disables webhooks that are gone, and returns their ids.
 */
export async function recordAttempts(
  db: Database,
  attempts: readonly Attempt[],
  context: WriteContext,
): Promise<string[]> {
  const by = await byOf(db, context)
  const params = [JSON.stringify(attempts.map(asList))]
  const gone = new Set(attempts.flatMap((each) => (each.gone ? each.webhook : [])))
  const results = await db.write([
    {
      sql: `UPDATE webhooks SET pending = pending - (
              SELECT count(*) FROM ${concerned} WHERE ${counts} AND webhook = webhooks.id AND result ->> 2 <> 'pending'
            )
            WHERE id IN (SELECT webhook FROM ${concerned})`,
      params,
    },
    {
      sql: `WITH counting AS MATERIALIZED (
              SELECT delivery.id AS target, result FROM ${concerned} WHERE ${counts}
            )
            UPDATE deliveries SET status = result ->> 2, attempts = attempts + 1, last_status = result ->> 3,
              next_attempt_at = result ->> 4, lease = NULL
            FROM counting WHERE deliveries.id = target`,
      params,
    },
    ...[...gone].flatMap((webhook) => disableNoted(webhook, by)),
  ])
  return results.slice(2).flatMap(({ rows }) => rows.map(({ id }) => String(id)))
}

const asList = ({ number, lease, status, httpStatus, nextAttemptAt }: Attempt) => [
  ...[number, lease, status, httpStatus, nextAttemptAt],
]

const concerned = `(SELECT value AS result FROM json_each(?1)) CROSS JOIN deliveries AS delivery
  ON delivery.id = result ->> 0`
const counts = `delivery.status = 'pending' AND (delivery.lease IS result ->> 1 OR result ->> 2 = 'delivered')`
