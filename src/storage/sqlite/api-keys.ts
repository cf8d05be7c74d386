// The operations on API keys.

import { and, eq, isNull, type SQL, sql } from 'drizzle-orm'
import type { WriteContext } from '../../domain/actor.ts'
import {
  type ApiKey,
  type ApiKeyBindings,
  type ApiKeyFilter,
  type ApiKeyId,
  digestOf,
  maskApiKey,
  type NewApiKey,
  scopes,
} from '../../domain/api-key.ts'
import { ZaasError } from '../../domain/errors.ts'
import { limits } from '../../limits.ts'
import type { Database } from './database.ts'
import { isUniqueViolation } from './drivers/client.ts'
import { byOf } from './records/actors.ts'
import { lastItem, noteChange } from './records/changes.ts'
import { recordOrdinal } from './records/ordinals.ts'
import { apiKeys } from './schema.ts'

export async function createApiKey(
  db: Database,
  key: NewApiKey,
  context: WriteContext,
): Promise<ApiKey> {
  const by = await byOf(db, context)
  const row = apiKeyRow(key, by.now)
  const { namespace, id: about } = key
  try {
    await db.write([
      db.orm.insert(apiKeys).values(row).toSQL(),
      noteChange({ namespace, kind: 'key.created', about }, by),
    ])
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new ZaasError('conflict', 'This key is already bound to this namespace.')
  }
  return { ...apiKeyOf({ ...row, lastUsedAt: null }), apiKey: key.apiKey }
}

/** The row of a new binding. */
export const apiKeyRow = (key: NewApiKey, createdAt: number) => ({
  id: key.id,
  digest: digestOf(key.apiKey),
  masked: maskApiKey(key.apiKey),
  namespace: key.namespace,
  name: key.name,
  scopes: scopes.filter((scope) => key.scopes.includes(scope)).join(' '),
  createdAt,
  expiresAt: key.expiresAt,
})

export async function listApiKeys(
  db: Database,
  { namespace, digest, after, limit = -1 }: ApiKeyFilter,
): Promise<ApiKey[]> {
  const position = sql`(SELECT created_at, rowid FROM api_keys WHERE id = ${after})`
  const query = liveKeys(
    db,
    namespace === undefined ? undefined : eq(apiKeys.namespace, namespace),
    digest === undefined ? undefined : eq(apiKeys.digest, digest),
    after === undefined ? undefined : sql`(created_at, rowid) > ${position}`,
  )
  return (await db.select(query.limit(limit))).map(apiKeyOf)
}

export async function findApiKeys(
  db: Database,
  digests: readonly string[],
): Promise<Record<string, ApiKey[]>> {
  const listed = sql`(SELECT value FROM json_each(${JSON.stringify(digests)}))`
  const query = liveKeys(db, sql`${apiKeys.digest} IN ${listed}`)
  const found = Map.groupBy(await db.select(query), ({ digest }) => digest)
  return Object.fromEntries(Array.from(found, ([digest, bound]) => [digest, bound.map(apiKeyOf)]))
}

/** The oldest first. */
const liveKeys = (db: Database, ...conditions: (SQL | undefined)[]) =>
  db.orm
    .select()
    .from(apiKeys)
    .where(and(isNull(apiKeys.deletedAt), ...conditions))
    .orderBy(apiKeys.createdAt, sql`rowid`)

export async function deleteApiKeys(
  db: Database,
  { idOrKey, namespace }: ApiKeyBindings,
  context: WriteContext,
): Promise<number> {
  const { now, actor, requestId } = await byOf(db, context)
  const doomed = and(
    isNull(apiKeys.deletedAt),
    isId(idOrKey) ? eq(apiKeys.id, idOrKey) : eq(apiKeys.digest, digestOf(idOrKey)),
    namespace === undefined ? undefined : eq(apiKeys.namespace, namespace),
  )
  const noted = db.orm
    .select({
      namespace: apiKeys.namespace,
      at: sql`${now}`.as('at'),
      actor: sql`${actor}`.as('actor'),
      requestId: sql`${requestId}`.as('request_id'),
      kind: sql`'key.deleted'`.as('kind'),
      about: apiKeys.id,
      ordinal: sql.raw(recordOrdinal).as('ordinal'),
      itemsBefore: sql.raw(lastItem).as('items_before'),
    })
    .from(apiKeys)
    .where(doomed)
    .toSQL()
  const [, deleted] = await db.write([
    {
      ...noted,
      sql: `INSERT INTO changes (namespace, at, actor, request_id, kind, about, ordinal, items_before) ${noted.sql}`,
    },
    db.orm.update(apiKeys).set({ deletedAt: now }).where(doomed).toSQL(),
  ])
  return deleted?.rowsAffected ?? 0
}

/** Skips keys whose use another instance has recorded in the meantime. */
export async function recordKeyUses(
  db: Database,
  ids: readonly ApiKeyId[],
  { now }: WriteContext,
): Promise<void> {
  await db.write([
    {
      sql: `UPDATE api_keys SET last_used_at = ?2
            WHERE id IN (SELECT value FROM json_each(?1))
              AND (last_used_at IS NULL OR last_used_at <= ?2 - ${limits.apiKeys.lastUseStepMs})`,
      params: [JSON.stringify(ids), now],
    },
  ])
}

const isId = (text: string): text is ApiKeyId => text.startsWith('key_')

type ApiKeyRow = Omit<typeof apiKeys.$inferSelect, 'deletedAt' | 'digest'>

function apiKeyOf(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    apiKey: row.masked,
    namespace: row.namespace,
    name: row.name,
    scopes: scopes.filter((scope) => row.scopes.split(' ').includes(scope)),
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    lastUsedAt: row.lastUsedAt,
  }
}
