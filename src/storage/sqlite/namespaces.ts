import { eq } from 'drizzle-orm'
import type { NamespacePage, NamespaceQuery, NamespaceStats } from '../../domain/namespace.ts'
import type { Database } from './database.ts'
import { namespaceStats as statsTable } from './schema.ts'

/** Reads the counts that triggers maintain, not the items. */
export async function namespaceStats(db: Database, namespace: string): Promise<NamespaceStats> {
  const query = db.orm.select().from(statsTable).where(eq(statsTable.namespace, namespace))
  const { total, matched } = (await db.select(query))[0] ?? { total: 0, matched: 0 }
  return { total, matched, available: total - matched }
}

/** Reads no items, and only the keys of the namespaces on the page. */
export async function listNamespaces(
  db: Database,
  { after, limit }: NamespaceQuery,
): Promise<NamespacePage> {
  const { rows } = await db.read({ sql: namespacesAfter, params: [after, limit + 1] })
  const namespaces = rows.slice(0, limit).map((row) => {
    const [total, matched] = [Number(row['total']), Number(row['matched'])]
    return { namespace: String(row['namespace']), total, matched, available: total - matched }
  })
  return { namespaces, next: rows.length > limit ? (namespaces.at(-1)?.namespace ?? null) : null }
}

// Both sides of the union are sorted by an index, so reading stops at the limit.
const namespacesAfter = `
  WITH named AS (
    SELECT namespace FROM namespace_stats WHERE namespace > ?1
    UNION
    SELECT namespace FROM api_keys WHERE deleted_at IS NULL AND namespace > ?1
    ORDER BY namespace LIMIT ?2
  )
  SELECT namespace, coalesce(total, 0) AS total, coalesce(matched, 0) AS matched
  FROM named LEFT JOIN namespace_stats USING (namespace)
  ORDER BY namespace`
