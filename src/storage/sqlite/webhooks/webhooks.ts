// Webhooks: where events are sent to.

import type { WriteContext } from '../../../domain/actor.ts'
import { ZaasError } from '../../../domain/errors.ts'
import {
  type NewWebhook,
  type Webhook,
  type WebhookChange,
  type WebhookEvent,
  type WebhookId,
  type WebhookPage,
  type WebhookQuery,
  webhookEvents,
} from '../../../domain/webhook.ts'
import { limits } from '../../../limits.ts'
import type { Database } from '../database.ts'
import type { Row } from '../drivers/client.ts'
import { byOf } from '../records/actors.ts'
import { noteIfChanged } from '../records/changes.ts'
import { alignStock } from '../records/tell-stock.ts'

const { max, earlierSecretMs, earlierSecretsMax } = limits.webhooks

export async function createWebhook(
  db: Database,
  { id, url, events, namespaces, secret }: NewWebhook,
  context: WriteContext,
): Promise<Webhook> {
  const by = await byOf(db, context)
  const { now } = by
  const results = await db.bulkWrite([
    ...(isOnStock(events) ? [alignStock(now)] : []),
    {
      sql: `INSERT INTO webhooks (id, url, events, on_stock, namespaces, secret, created_at)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
            WHERE (SELECT count(*) FROM webhooks WHERE deleted_at IS NULL) < ?8
            RETURNING ${columns}`,
      params: [
        ...[id, url, events.join(' '), isOnStock(events) ? 1 : 0, jsonOrNull(namespaces)],
        ...[secret, now, max],
      ],
    },
    noteIfChanged('webhook.created', id, by),
  ])
  const [row] = results.at(-2)?.rows ?? []
  if (!row)
    throw new ZaasError('conflict', `There are ${max} webhooks, which is as many as can be.`)
  return webhookOf(row)
}

export async function listWebhooks(
  db: Database,
  { after, limit }: WebhookQuery,
): Promise<WebhookPage> {
  const [createdAt = '-1', id = ''] = after?.split(' ') ?? []
  const { rows } = await db.read({
    sql: `SELECT ${columns} FROM webhooks WHERE deleted_at IS NULL AND (created_at, id) > (?1, ?2)
          ORDER BY created_at, id LIMIT ?3`,
    params: [Number(createdAt), id, limit + 1],
  })
  const webhooks = rows.slice(0, limit).map(webhookOf)
  const last = rows.length > limit ? webhooks.at(-1) : undefined
  return { webhooks, next: last ? `${last.createdAt} ${last.id}` : null }
}

export async function findWebhook(db: Database, id: string): Promise<Webhook | undefined> {
  const { rows } = await db.read({
    sql: `SELECT ${columns} FROM webhooks WHERE id = ?1 AND deleted_at IS NULL`,
    params: [id],
  })
  return rows[0] && webhookOf(rows[0])
}

/** Whoever begins to listen to stock is told what happens from now on. */
export async function changeWebhook(
  db: Database,
  { id, url, events, namespaces, disabled }: WebhookChange,
  context: WriteContext,
): Promise<Webhook | undefined> {
  const { now } = context
  const changed: [set: string, value: unknown][] = [
    ...(url === undefined ? [] : [set('url', url)]),
    ...(events === undefined
      ? []
      : [set('events', events.join(' ')), set('on_stock', isOnStock(events) ? 1 : 0)]),
    ...(namespaces === undefined ? [] : [set('namespaces', jsonOrNull(namespaces))]),
    ...(disabled === undefined ? [] : [set('disabled_at', disabled ? now : null)]),
  ]
  if (changed.length === 0) return findWebhook(db, id)
  const by = await byOf(db, context)
  const assignments = changed.map(([column], place) =>
    column === 'disabled_at' && disabled
      ? `disabled_at = ifnull(disabled_at, ?${place + 2})`
      : `${column} = ?${place + 2}`,
  )
  const results = await db.bulkWrite([
    ...(events !== undefined || disabled === false ? [alignStock(now)] : []),
    {
      sql: `UPDATE webhooks SET ${assignments.join(', ')}
            WHERE id = ?1 AND deleted_at IS NULL RETURNING ${columns}`,
      params: [id, ...changed.map(([, value]) => value)],
    },
    noteIfChanged('webhook.updated', id, by),
  ])
  const [row] = results.at(-2)?.rows ?? []
  return row && webhookOf(row)
}

/** Its deliveries are forgotten in steps, later. */
export async function deleteWebhook(
  db: Database,
  id: string,
  context: WriteContext,
): Promise<boolean> {
  const by = await byOf(db, context)
  const [deleted] = await db.write([
    {
      sql: `UPDATE webhooks SET deleted_at = ?2, secret = '', earlier_secrets = '[]'
            WHERE id = ?1 AND deleted_at IS NULL`,
      params: [id, by.now],
    },
    noteIfChanged('webhook.deleted', id, by),
  ])
  return deleted?.rowsAffected === 1
}

/** Rejects with `conflict` when too many secrets still sign along. */
export async function rotateWebhookSecret(
  db: Database,
  { id, secret }: { id: string; secret: string },
  context: WriteContext,
): Promise<Webhook | undefined> {
  const by = await byOf(db, context)
  const standing = `(SELECT json_group_array(json(value)) FROM json_each(earlier_secrets) WHERE value ->> 1 > ?2)`
  const [rotated] = await db.write([
    {
      sql: `UPDATE webhooks SET secret = ?3,
              earlier_secrets = json_insert(${standing}, '$[#]', json_array(secret, ?2 + ${earlierSecretMs}))
            WHERE id = ?1 AND deleted_at IS NULL AND json_array_length(${standing}) < ${earlierSecretsMax}
            RETURNING ${columns}`,
      params: [id, by.now, secret],
    },
    noteIfChanged('webhook.updated', id, by),
  ])
  const [row] = rotated?.rows ?? []
  if (row) return webhookOf(row)
  if (!(await findWebhook(db, id))) return undefined
  throw new ZaasError(
    'conflict',
    `Its secret was rotated ${earlierSecretsMax} times within a day: all of these still sign along.`,
  )
}

const isOnStock = (events: readonly WebhookEvent[]) =>
  events.some((event) => event.startsWith('stock.'))

const set = (column: string, value: unknown): [string, unknown] => [column, value]

const jsonOrNull = (list: readonly string[] | null) => (list === null ? null : JSON.stringify(list))

const columns = 'id, url, events, namespaces, created_at, disabled_at'

const webhookOf = (row: Row): Webhook => {
  const events = String(row['events']).split(' ')
  return {
    id: String(row['id']) as WebhookId,
    url: String(row['url']),
    events: webhookEvents.filter((event) => events.includes(event)),
    namespaces: row['namespaces'] == null ? null : JSON.parse(String(row['namespaces'])),
    createdAt: Number(row['created_at']),
    disabledAt: row['disabled_at'] == null ? null : Number(row['disabled_at']),
  }
}
