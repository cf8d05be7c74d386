import { Database as Sqlite } from 'bun:sqlite'
import {
  assertSameSchema,
  recordedStatements,
  type SchemaRow,
} from '../storage/sqlite/known-schema.ts'

/** What a database contains, counted in rows: `items` are live, and `matched` of them have a requestor. */
export type Contents = {
  namespaces: number
  items: number
  matched: number
  removed: number
  apiKeys: number
}

/**
 * Checks a database, and counts what it contains. Throws if it is damaged, is not a database of zaas, was made by a
 * newer version, lacks an index or trigger that holds an invariant, or breaks an invariant.
 */
export function checkIntegrity(db: Sqlite): Contents {
  assertUndamaged(db)
  assertRecordedSchema(db)
  for (const [violation, query] of Object.entries(violationQueries(db))) {
    if (db.query(query).get()) throw new Error(`it breaks an invariant: ${violation}`)
  }
  return db
    .query<Contents, []>(
      `SELECT count(DISTINCT namespace) FILTER (WHERE deleted_at IS NULL) AS namespaces,
         count(*) FILTER (WHERE deleted_at IS NULL) AS items,
         count(*) FILTER (WHERE deleted_at IS NULL AND requestor IS NOT NULL) AS matched,
         count(*) FILTER (WHERE deleted_at IS NOT NULL) AS removed,
         (SELECT count(*) FROM api_keys WHERE deleted_at IS NULL) AS apiKeys
       FROM items`,
    )
    .get() as Contents
}

/** The counts, for people. */
export function describeContents({
  namespaces,
  items,
  matched,
  removed,
  apiKeys,
}: Contents): string {
  return `namespaces: ${namespaces}; items: ${items}, of which matched: ${matched}; removed items: ${removed}; API keys: ${apiKeys}`
}

/** Each query finds a row that breaks an invariant of schema.ts, as it was when the database was last migrated. */
function violationQueries(db: Sqlite): Record<string, string> {
  const has = (column: string) =>
    db.query(`SELECT 1 FROM pragma_table_info('items') WHERE name = '${column}'`).get() !== null
  if (has('slot')) return { ...violations, ...poolViolations }
  return has('passed_over')
    ? { ...violations, ...earlyViolations, ...queueViolations }
    : { ...violations, ...earlyViolations }
}

const violations = {
  'an item is live twice': `SELECT 1 FROM items WHERE deleted_at IS NULL
    GROUP BY namespace, item HAVING count(*) > 1`,
  'a match has no time, or a time no match': `SELECT 1 FROM items
    WHERE (requestor IS NULL) <> (matched_at IS NULL)`,
}

const poolViolations = {
  'a slot of a requestor has two items': `SELECT 1 FROM items
    WHERE deleted_at IS NULL AND requestor IS NOT NULL
    GROUP BY namespace, requestor, slot HAVING count(*) > 1`,
  'a hold has nobody who holds': `SELECT 1 FROM items WHERE held_until IS NOT NULL AND requestor IS NULL`,
  'the counts are wrong': `SELECT 1 FROM (
      SELECT namespace, count(*) AS total, count(iif(held_until IS NULL, requestor, NULL)) AS matched,
        count(held_until) AS held,
        count(iif(requestor IS NULL AND (expires_at, items.id) <= (ifnull(expired_until, 0), ifnull(expired_id, 0)), 1, NULL)) AS expired
      FROM items LEFT JOIN namespaces USING (namespace)
      WHERE deleted_at IS NULL GROUP BY namespace
    ) AS live FULL JOIN namespaces AS kept USING (namespace)
    WHERE (ifnull(live.total, 0), ifnull(live.matched, 0), ifnull(live.held, 0), ifnull(live.expired, 0))
      IS NOT (ifnull(kept.total, 0), ifnull(kept.matched, 0), ifnull(kept.held, 0), ifnull(kept.expired, 0))`,
  'an hour was written before it was over': `SELECT 1 FROM hours JOIN namespaces USING (namespace)
    WHERE at >= hour`,
  'an available item is not in the queue': `SELECT 1 FROM items JOIN namespaces USING (namespace)
    WHERE deleted_at IS NULL AND requestor IS NULL AND id < expiring_head
      AND expires_at > decided_until`,
}

// Before version 0.2.0.
const earlyViolations = {
  'a requestor holds two items': `SELECT 1 FROM items WHERE deleted_at IS NULL AND requestor IS NOT NULL
    GROUP BY namespace, requestor HAVING count(*) > 1`,
  'the counts are wrong': `SELECT 1 FROM (
      SELECT namespace, count(*) AS total, count(requestor) AS matched FROM items
      WHERE deleted_at IS NULL GROUP BY namespace
    ) AS live FULL JOIN namespace_stats AS stats USING (namespace)
    WHERE ifnull(live.total, 0) <> ifnull(stats.total, 0)
      OR ifnull(live.matched, 0) <> ifnull(stats.matched, 0)`,
}

const queueViolations = {
  'a matched item is in the queue': `SELECT 1 FROM items LEFT JOIN namespace_stats USING (namespace)
    WHERE requestor IS NOT NULL AND (id >= ifnull(queue_start, 0) OR passed_over IS NOT NULL)`,
  'an available item is not in the queue': `SELECT 1 FROM items JOIN namespace_stats USING (namespace)
    WHERE deleted_at IS NULL AND requestor IS NULL AND (id < queue_start) <> (passed_over IS NOT NULL)`,
}

/** Reads every page, and compares each index with its table. */
export function assertUndamaged(db: Sqlite): void {
  const result = db
    .query<{ integrity_check: string }, []>('PRAGMA integrity_check(1)')
    .get()?.integrity_check
  // The result is not in the message, because it may contain values.
  if (result !== 'ok') throw new Error('it is damaged (PRAGMA integrity_check)')
}

/** Throws unless the schema is the one that the migrations recorded in the database create. */
export function assertRecordedSchema(db: Sqlite): void {
  const migrationsTable = db.query(
    `SELECT 1 FROM sqlite_schema WHERE name = '__drizzle_migrations'`,
  )
  if (!migrationsTable.get()) throw new Error('it is not a database of zaas')
  const hashes = db
    .query<{ hash: string }, []>('SELECT hash FROM __drizzle_migrations')
    .all()
    .map(({ hash }) => hash)
  const expected = new Sqlite(':memory:')
  for (const text of recordedStatements(hashes)) expected.run(text)
  assertSameSchema(schemaOf(expected), schemaOf(db))
  expected.close()
}

const schemaOf = (db: Sqlite) =>
  db.query<SchemaRow, []>('SELECT name, sql FROM sqlite_schema').all()
