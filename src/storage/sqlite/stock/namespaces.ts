// Namespaces: their settings and their counts.

import type { WriteContext } from '../../../domain/actor.ts'
import { invalid, ZaasError } from '../../../domain/errors.ts'
import type {
  ListedNamespace,
  NamespaceOrder,
  NamespacePage,
  NamespaceQuery,
  NamespaceSettings,
  NamespaceState,
  SettingsChange,
} from '../../../domain/namespace.ts'
import { defaultSettings, namespaceOrders } from '../../../domain/namespace.ts'
import { limits } from '../../../limits.ts'
import type { Database, Statement } from '../database.ts'
import { isNotNullViolation, numberOrNull, type Row, textOrNull } from '../drivers/client.ts'
import { takeBackAll } from '../matches/tidy.ts'
import { byOf } from '../records/actors.ts'
import { lastItem } from '../records/changes.ts'
import { ensureNamespace } from '../records/counts.ts'
import { rollHours } from '../records/hours.ts'
import { recordOrdinal } from '../records/ordinals.ts'
import { stage } from '../records/outbox.ts'
import { statsColumns, statsOf } from '../records/stats.ts'
import { tellStock } from '../records/tell-stock.ts'
import { forgetExpired } from '../records/time.ts'
import { refold } from '../refold.ts'

export async function namespaceState(
  db: Database,
  namespace: string,
  now: number,
): Promise<NamespaceState> {
  const { rows } = await db.read(stateOf(namespace, now))
  return { namespace, settings: settingsOf(rows[0]), stats: statsOf(rows[0], now) }
}

/** Reads, by name, no items but those of `statsOf`, and only the keys of the namespaces on the page. */
export async function listNamespaces(db: Database, query: NamespaceQuery): Promise<NamespacePage> {
  const { order = 'name' } = query
  return order === 'name' ? pageByName(db, query) : firstBy(namespaceOrders[order], db, query)
}

async function pageByName(
  db: Database,
  { after, limit, now, prefix = '' }: NamespaceQuery,
): Promise<NamespacePage> {
  const { rows } = await db.read({
    sql: namespacesAfter,
    params: [after, now, limit + 1, prefix, prefix === '' ? '~~' : `${prefix}\u{10ffff}`],
  })
  const namespaces = rows
    .slice(0, limit)
    .map((row) => ({ namespace: String(row['namespace']), ...statsOf(row, now) }))
  return { namespaces, next: rows.length > limit ? (namespaces.at(-1)?.namespace ?? null) : null }
}

/** Looks at all namespaces, in steps, so that nobody else waits for long. */
async function firstBy(
  order: NamespaceOrder,
  db: Database,
  { limit, ...query }: NamespaceQuery,
): Promise<NamespacePage> {
  let first: ListedNamespace[] = []
  for (let after: string | null = ''; after !== null; ) {
    const page: NamespacePage = await pageByName(db, { ...query, after, limit: sortedStep })
    // The sort is stable, so those that are equal stay in the order of their names.
    first = [...first, ...page.namespaces].sort(order).slice(0, limit)
    after = page.next
    if (after !== null) await Bun.sleep(0)
  }
  return { namespaces: first, next: null }
}
const sortedStep = limits.lists.sortedNamespaces

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
  // A namespace that is not there yet has nothing else to contradict, and comes to be with its first setting.
  assertOrder(settings, { ...defaultSettings, ...settings })
  const setsAny = Object.values(settings).some((value) => value !== null && value !== undefined)
  const refolded = await refoldedBy(db, namespace, settings, now)
  const first = [...(setsAny ? [ensureNamespace(namespace)] : []), ...rollHours([namespace], now)]
  const told = tellStock(namespace, now)
  const results = await db.write([
    ...first,
    updateSettings(namespace, settings, now),
    {
      sql: `INSERT INTO changes (namespace, at, actor, request_id, kind, ordinal, items_before)
            SELECT ?1, ?2, ?3, ?4, 'settings', ${recordOrdinal}, ${lastItem} WHERE changes() > 0`,
      params: [namespace, now, actor, requestId],
    },
    ...stage(
      { namespace, event: 'namespace.updated', now },
      { count: 'changes() * json_array_length(?4)', payload: `json_object('changed', json(?4))` },
      [JSON.stringify(changedNames(settings))],
    ),
    ...refolded,
    stateOf(namespace, now),
    ...told,
  ])
  const row = results.at(-1 - told.length)?.rows[0]
  const state = { namespace, settings: settingsOf(row), stats: statsOf(row, now) }
  if (results[first.length]?.rowsAffected === 0) assertUnchanged(settings, state.settings)
  return state
}

const changedNames = (settings: Partial<NamespaceSettings>) =>
  Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : name))

async function refoldedBy(
  db: Database,
  namespace: string,
  { requestors }: Partial<NamespaceSettings>,
  now: number,
): Promise<Statement[]> {
  const folded = requestors === 'folded'
  if (requestors === undefined || folded === (await foldsRequestors(db, namespace))) return []
  await takeBackAll(db, namespace, now)
  return refold(db, namespace, folded)
}

/** Throws why settings that differ from those that are stored were refused. */
function assertUnchanged(change: Partial<NamespaceSettings>, stored: NamespaceSettings): void {
  const wanted = { ...stored, ...change }
  const names = Object.keys(settingColumns) as (keyof NamespaceSettings)[]
  if (names.every((name) => wanted[name] === stored[name])) return
  assertOrder(change, wanted)
  throw new ZaasError(
    'conflict',
    'How requestors are compared can only be changed while no item has or had a requestor.',
  )
}

function assertOrder(change: Partial<NamespaceSettings>, wanted: NamespaceSettings): void {
  const { opensAt, closesAt } = wanted
  if (opensAt === null || closesAt === null || closesAt > opensAt) return
  const field = change.closesAt === undefined ? 'opensAt' : 'closesAt'
  throw invalid(field, 'must leave closesAt after opensAt')
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

/**
 * Changes nothing where nothing would become different, the settings would contradict each other, or requestors could
 * become ambiguous.
 */
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
  const differs = [...next].map(([column, value]) => `${column} IS NOT ${value}`)
  // What was counted as expired, and where the queue of expiring items begins, depends on the margin.
  if (settings.expiryMarginSeconds !== undefined) changed.push(forgetExpired)
  return {
    sql: `UPDATE namespaces SET ${changed.join(', ') || 'namespace = namespace'} WHERE namespace = ?1
            AND (${differs.join(' OR ') || 'false'})
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

// In all SQL below, `pool` is a row of `namespaces`, and ?2 the time.
const stateOf = (namespace: string, now: number): Statement => ({
  sql: `SELECT description, paused, opens_at, closes_at, expiry_margin_seconds, items_per_requestor,
          low_stock_below, requestors, ${statsColumns}
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
  SELECT named.namespace AS namespace, ${statsColumns}
  FROM named LEFT JOIN namespaces AS pool USING (namespace)
  ORDER BY named.namespace`
