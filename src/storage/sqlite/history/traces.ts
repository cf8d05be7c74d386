import type { TracePage, TraceQuery } from '../../../domain/history.ts'
import { foldRequestor } from '../../../domain/namespace.ts'
import { limits } from '../../../limits.ts'
import type { Database } from '../database.ts'

const { namespacesPerRead } = limits.history

/** Looks at a bounded number of namespaces, in each of them by its indices. */
export async function findTraces(db: Database, { subject, after }: TraceQuery): Promise<TracePage> {
  const [has, values] =
    'item' in subject
      ? [hasItem, [subject.item]]
      : [hasRequestor, [subject.requestor, foldRequestor(subject.requestor)]]
  const { rows } = await db.read({
    sql: `SELECT namespace, ${has} AS has
          FROM namespaces AS pool WHERE namespace > ?1 ORDER BY namespace LIMIT ?2`,
    params: [after, namespacesPerRead, ...values],
  })
  const last = rows.length < namespacesPerRead ? undefined : rows.at(-1)
  return {
    namespaces: rows.filter((row) => row['has'] === 1).map(({ namespace }) => String(namespace)),
    next: last ? String(last['namespace']) : null,
  }
}

const compared = "iif(ifnull(pool.requestors, 'exact') = 'folded', ?4, ?3)"
const anyOf = (table: string, index: string, condition: string) =>
  `EXISTS (SELECT 1 FROM ${table} INDEXED BY ${index} WHERE ${table}.namespace = pool.namespace AND ${condition})`

const hasItem = `(${anyOf('items', 'items_live_item_unique', 'item = ?3 AND deleted_at IS NULL')}
    OR ${anyOf('items', 'items_removed_item', 'item = ?3 AND deleted_at IS NOT NULL')})`

const hasRequestor = `(${anyOf('items', 'items_live_holder_unique', `requestor = ${compared} AND deleted_at IS NULL`)}
    OR ${anyOf('items', 'items_removed_requestor', `requestor = ${compared} AND deleted_at IS NOT NULL`)}
    OR ${anyOf('events', 'events_requestor', `requestor = ${compared}`)})`
