import { createHash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { and, eq, isNull, sql } from 'drizzle-orm'
import { ZaasError } from '../errors.ts'
import { type Database, isUniqueViolation } from './database.ts'
import { apiKeys } from './schema.ts'

export const scopes = ['match', 'read', 'write'] as const
export type Scope = (typeof scopes)[number]

/** A key as callers may see it: one row per namespace that it opens. */
export type ApiKey = {
  id: string
  apiKey: string
  namespace: string
  name: string | null
  scopes: Scope[]
  createdAt: number
  expiresAt: number | null
  lastUsedAt: number | null
}

export type NewApiKey = Pick<ApiKey, 'id' | 'namespace' | 'name' | 'expiresAt' | 'createdAt'> & {
  apiKey: string
  scopes: readonly Scope[]
}

/** A key's last use is written at most this often. */
export const lastUseStepMs = 60_000

/** Binds a key to a namespace. Throws `conflict` when it is bound to it already. */
export async function createKey(db: Database, key: NewApiKey): Promise<ApiKey> {
  const row = rowOf(key)
  try {
    await db.write([db.orm.insert(apiKeys).values(row).toSQL()])
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new ZaasError('conflict', 'This key is already bound to this namespace.')
  }
  return { ...present({ ...row, lastUsedAt: null }), apiKey: key.apiKey }
}

/** What is kept of a new key. */
export const rowOf = (key: NewApiKey) => ({
  id: key.id,
  digest: digestOf(key.apiKey),
  masked: mask(key.apiKey),
  namespace: key.namespace,
  name: key.name,
  scopes: scopes.filter((scope) => key.scopes.includes(scope)).join(' '),
  createdAt: key.createdAt,
  expiresAt: key.expiresAt,
})

export type KeyFilter = {
  namespace?: string | undefined
  /** Narrows the keys to the bindings of one. */
  digest?: string | undefined
  /** The id of the key behind which a page begins, deleted or not. */
  after?: string | undefined
  limit?: number | undefined
}

/** The keys that are not deleted, oldest first. */
export async function listKeys(
  db: Database,
  { namespace, digest, after, limit = -1 }: KeyFilter,
): Promise<ApiKey[]> {
  const position = sql`(SELECT created_at, rowid FROM api_keys WHERE id = ${after})`
  const query = db.orm
    .select()
    .from(apiKeys)
    .where(
      and(
        isNull(apiKeys.deletedAt),
        namespace === undefined ? undefined : eq(apiKeys.namespace, namespace),
        digest === undefined ? undefined : eq(apiKeys.digest, digest),
        after === undefined ? undefined : sql`(created_at, rowid) > ${position}`,
      ),
    )
    .orderBy(apiKeys.createdAt, sql`rowid`)
    .limit(limit)
  return (await db.select(query)).map(present)
}

/**
 * Soft-deletes the bindings of a key, given itself or by id, which alone begins with `key_`, and
 * returns how many there were.
 */
export async function deleteKeys(
  db: Database,
  { idOrKey, namespace, now }: { idOrKey: string; namespace: string | undefined; now: number },
): Promise<number> {
  const [deleted] = await db.write([
    db.orm
      .update(apiKeys)
      .set({ deletedAt: now })
      .where(
        and(
          isNull(apiKeys.deletedAt),
          idOrKey.startsWith('key_')
            ? eq(apiKeys.id, idOrKey)
            : eq(apiKeys.digest, digestOf(idOrKey)),
          namespace === undefined ? undefined : eq(apiKeys.namespace, namespace),
        ),
      )
      .toSQL(),
  ])
  return deleted?.rowsAffected ?? 0
}

/** Notes the use of these keys, unless one in the same minute is noted: other instances note theirs too. */
export async function recordUses(db: Database, ids: readonly string[], now: number): Promise<void> {
  await db.write([
    {
      sql: `UPDATE api_keys SET last_used_at = ?2
            WHERE id IN (SELECT value FROM json_each(?1))
              AND (last_used_at IS NULL OR last_used_at <= ?2 - ${lastUseStepMs})`,
      params: [JSON.stringify(ids), now],
    },
  ])
}

/** What is kept of a key. A made key is random enough for a plain digest to hide it for good. */
export const digestOf = (apiKey: string) => createHash('sha256').update(apiKey).digest('hex')

/** `zaas_`, 160 random bits and their CRC-32, both in base62: 38 characters that a scanner can check. */
export function makeApiKey(random = randomBytes(20)): string {
  const secret = base62(BigInt(`0x${random.toString('hex')}`), 27)
  return `zaas_${secret}${base62(BigInt(crc32(secret)), 6)}`
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

function base62(value: bigint, length: number): string {
  let text = ''
  for (let rest = value; rest > 0n; rest /= 62n) text = digits.charAt(Number(rest % 62n)) + text
  return text.padStart(length, '0')
}

/** At most a quarter of the key, so that a short one that the caller chose is not given away. */
const mask = (apiKey: string) => `${apiKey.slice(0, Math.min(9, Math.floor(apiKey.length / 4)))}…`

type Row = Omit<typeof apiKeys.$inferSelect, 'deletedAt'>

function present(row: Omit<Row, 'digest'>): ApiKey {
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
