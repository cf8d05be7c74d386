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
import { apiKeys } from './schema.ts'

export async function createApiKey(
  db: Database,
  key: NewApiKey,
  { now }: WriteContext,
): Promise<ApiKey> {
  const row = apiKeyRow(key, now)
  try {
    await db.write([db.orm.insert(apiKeys).values(row).toSQL()])
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
  { now }: WriteContext,
): Promise<number> {
  const [deleted] = await db.write([
    db.orm
      .update(apiKeys)
      .set({ deletedAt: now })
      .where(
        and(
          isNull(apiKeys.deletedAt),
          isId(idOrKey) ? eq(apiKeys.id, idOrKey) : eq(apiKeys.digest, digestOf(idOrKey)),
          namespace === undefined ? undefined : eq(apiKeys.namespace, namespace),
        ),
      )
      .toSQL(),
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
