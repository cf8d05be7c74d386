// Namespaces: their settings and their counts.

import type { WriteContext } from '../../../domain/actor.ts'
import { invalid, ZaasError } from '../../../domain/errors.ts'
import type {
  NamespacePage,
  NamespaceQuery,
  NamespaceSettings,
  NamespaceState,
  NamespaceStats,
  SettingsChange,
} from '../../../domain/namespace.ts'
import { defaultSettings } from '../../../domain/namespace.ts'
import { byOf } from '../actors.ts'
import { ensureNamespace } from '../counts.ts'
import type { Database, Statement } from '../database.ts'
import { isNotNullViolation, type Row } from '../drivers/client.ts'
import { numberOrNull, textOrNull } from '../matches/holding.ts'
import { expiryThreshold } from '../matches/known.ts'
import { tellStock } from '../matches/tell-stock.ts'
import { stage } from '../outbox.ts'

/** Reads kept counts, and of the items those on which time has acted since they were counted. */
export async function namespaceStats(
  db: Database,
  namespace: string,
  now: number,
): Promise<NamespaceStats> {
  const { rows } = await db.read(stateOf(namespace, now))
  return statsOf(rows[0])
}

export async function namespaceState(
  db: Database,
  namespace: string,
  now: number,
): Promise<NamespaceState> {
  const { rows } = await db.read(stateOf(namespace, now))
  return { namespace, settings: settingsOf(rows[0]), stats: statsOf(rows[0]) }
}

/** Reads no items but those above, and only the keys of the namespaces on the page. */
export async function listNamespaces(
  db: Database,
  { after, limit, now, prefix = '' }: NamespaceQuery,
): Promise<NamespacePage> {
  const { rows } = await db.read({
    sql: namespacesAfter,
    params: [after, now, limit + 1, prefix, prefix === '' ? '~~' : `${prefix}\u{10ffff}`],
  })
  const namespaces = rows
    .slice(0, limit)
    .map((row) => ({ namespace: String(row['namespace']), ...statsOf(row) }))
  return { namespaces, next: rows.length > limit ? (namespaces.at(-1)?.namespace ?? null) : null }
}

/** Whether a namespace compares requestors in their folded form: this changes only while nobody has an item of it. */
export async function foldsRequestors(db: Database, namespace: string): Promise<boolean> {
  const { rows } = await db.read({
    sql: `SELECT requestors FROM namespaces WHERE namespace = ?1`,
    params: [namespace],
  })
  return rows[0]?.['requestors'] === 'folded'
}

/** Fails the write that it is part of if that has changed since. */
export const assertFolds = (namespace: string, folded: boolean): Statement => ({
  sql: `UPDATE namespaces SET total = NULL
        WHERE namespace = ?1 AND (ifnull(requestors, 'exact') = 'folded') <> ?2`,
  params: [namespace, folded ? 1 : 0],
})

/** To be called with what such a write throws. */
export function undefinedIfFoldedSince(error: unknown): undefined {
  if (!isNotNullViolation(error)) throw error
}

export async function changeSettings(
  db: Database,
  { namespace, settings }: SettingsChange,
  context: WriteContext,
): Promise<NamespaceState> {
  const { now, actor, requestId } = await byOf(db, context)
  const results = await db.write([
    ensureNamespace(namespace),
    updateSettings(namespace, settings, now),
    {
      sql: `INSERT INTO changes (namespace, at, actor, request_id, kind)
            SELECT ?1, ?2, ?3, ?4, 'settings' WHERE changes() > 0`,
      params: [namespace, now, actor, requestId],
    },
    ...stage(
      { namespace, event: 'namespace.updated', now },
      { count: 'changes() * json_array_length(?4)', payload: `json_object('changed', json(?4))` },
      [JSON.stringify(changedNames(settings))],
    ),
    stateOf(namespace, now),
    ...tellStock(namespace, now),
  ])
  const row = results[5]?.rows[0]
  const state = { namespace, settings: settingsOf(row), stats: statsOf(row) }
  if (results[1]?.rowsAffected === 0) throw refusal(settings, state.settings)
  return state
}

const changedNames = (settings: Partial<NamespaceSettings>) =>
  Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : name))

/** Why the settings were refused, judging by what is stored. */
function refusal(change: Partial<NamespaceSettings>, stored: NamespaceSettings): ZaasError {
  const { opensAt, closesAt } = { ...stored, ...change }
  if (opensAt !== null && closesAt !== null && closesAt <= opensAt)
    return invalid(
      change.closesAt === undefined ? 'opensAt' : 'closesAt',
      'must leave closesAt after opensAt',
    )
  return new ZaasError(
    'conflict',
    'How requestors are compared can only be changed while no item has or had a requestor.',
  )
}

const settingColumns = {
  description: 'description',
  paused: 'paused',
  opensAt: 'opens_at',
  closesAt: 'closes_at',
  expiryMarginSeconds: 'expiry_margin_seconds',
  itemsPerRequestor: 'items_per_requestor',
  lowStockBelow: 'low_stock_below',
  requestors: 'requestors',
} as const satisfies Record<keyof NamespaceSettings, string>

// What was counted as expired, and where the queue of expiring items begins, depends on the margin.
const forgetExpired = 'expired = 0, expired_until = 0, expiring_head = 0, decided_until = 0'

/** Changes nothing where the settings would contradict each other, or requestors could become ambiguous. */
function updateSettings(
  namespace: string,
  settings: Partial<NamespaceSettings>,
  now: number,
): Statement {
  const next = new Map<string, string>()
  const params: unknown[] = [namespace, now]
  for (const [name, column] of Object.entries(settingColumns)) {
    const value = settings[name as keyof NamespaceSettings]
    if (value === undefined) continue
    params.push(typeof value === 'boolean' ? Number(value) : value)
    next.set(column, `?${params.length}`)
  }
  const after = (column: string) => next.get(column) ?? column
  const changed = [...next].map(([column, value]) => `${column} = ${value}`)
  if (settings.expiryMarginSeconds !== undefined) changed.push(forgetExpired)
  return {
    sql: `UPDATE namespaces SET ${changed.join(', ') || 'namespace = namespace'} WHERE namespace = ?1
            AND ifnull(${after('closes_at')} > ${after('opens_at')}, 1)
            AND (ifnull(${after('requestors')}, 'exact') = ifnull(requestors, 'exact') OR NOT EXISTS (
              SELECT 1 FROM items INDEXED BY items_live_holder_unique
              WHERE namespace = ?1 AND deleted_at IS NULL AND requestor IS NOT NULL AND ${notLapsed}
            ) AND NOT EXISTS (
              SELECT 1 FROM items INDEXED BY items_removed_requestor
              WHERE namespace = ?1 AND deleted_at IS NOT NULL AND requestor IS NOT NULL AND ${notLapsed}
            ))`,
    params,
  }
}

const notLapsed = 'ifnull(held_until > ?2, 1)'

const settingsOf = (row: Row | undefined): NamespaceSettings =>
  row === undefined
    ? defaultSettings
    : {
        description: textOrNull(row['description']),
        paused: row['paused'] == null ? null : row['paused'] === 1,
        opensAt: numberOrNull(row['opens_at']),
        closesAt: numberOrNull(row['closes_at']),
        expiryMarginSeconds: numberOrNull(row['expiry_margin_seconds']),
        itemsPerRequestor: numberOrNull(row['items_per_requestor']),
        lowStockBelow: numberOrNull(row['low_stock_below']),
        requestors:
          row['requestors'] == null ? null : row['requestors'] === 'folded' ? 'folded' : 'exact',
      }

/** A hold that has lapsed is available, unless its item has expired meanwhile, although its row says otherwise. */
function statsOf(row: Row | undefined): NamespaceStats {
  const count = (column: string) => Number(row?.[column] ?? 0)
  const [total, matched] = [count('total'), count('matched')]
  const held = count('held') - count('lapsed')
  const expired = count('expired') + count('expired_since') + count('lapsed_expired')
  return { total, matched, available: total - matched - held - expired, held, expired }
}

// In all SQL below, `pool` is a row of `namespaces`, and ?2 the time.
const lapsed = `FROM items INDEXED BY items_held
    WHERE namespace = pool.namespace AND deleted_at IS NULL AND held_until IS NOT NULL AND held_until <= ?2`
const expiring = (above: string, upTo: string) => `(
    SELECT count(*) FROM items INDEXED BY items_expiring
    WHERE namespace = pool.namespace AND deleted_at IS NULL AND requestor IS NULL AND expires_at IS NOT NULL
      AND expires_at > ${above} AND expires_at <= ${upTo}
  )`
const counts = `total, matched, held, expired,
  (SELECT count(*) ${lapsed}) AS lapsed,
  (SELECT count(*) ${lapsed} AND expires_at <= ${expiryThreshold}) AS lapsed_expired,
  ${expiring('expired_until', expiryThreshold)} AS expired_since`

const stateOf = (namespace: string, now: number): Statement => ({
  sql: `SELECT description, paused, opens_at, closes_at, expiry_margin_seconds, items_per_requestor,
          low_stock_below, requestors, ${counts}
        FROM namespaces AS pool WHERE namespace = ?1`,
  params: [namespace, now],
})

// Both sides of the union are sorted by an index, so reading stops at the limit.
const namespacesAfter = `
  WITH named AS (
    SELECT namespace FROM namespaces WHERE namespace > ?1 AND namespace >= ?4 AND namespace < ?5
    UNION
    SELECT namespace FROM api_keys INDEXED BY api_keys_live_namespace
    WHERE deleted_at IS NULL AND namespace > ?1 AND namespace >= ?4 AND namespace < ?5
    ORDER BY namespace LIMIT ?3
  )
  SELECT named.namespace AS namespace, ${counts}
  FROM named LEFT JOIN namespaces AS pool USING (namespace)
  ORDER BY named.namespace`
