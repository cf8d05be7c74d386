import { Database as Sqlite } from 'bun:sqlite'
import { readKnownMigrations } from '../storage/sqlite/migrations.ts'

/** What a database holds, in rows: `items` are live, and `matched` of them are handed out. */
export type Contents = {
  namespaces: number
  items: number
  matched: number
  removed: number
  apiKeys: number
}

/**
 * Counts what a database holds. Throws when it is damaged, is not one of zaas, was made by a newer version,
 * lacks an index or a trigger that holds an invariant, or breaks one.
 */
export function inspect(db: Sqlite): Contents {
  refuseDamage(db)
  refuseUnknownSchema(db)
  for (const [broken, query] of Object.entries(violationsIn(db))) {
    if (db.query(query).get()) throw new Error(`it breaks an invariant: ${broken}`)
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

/** The contents in words. */
export function described({ namespaces, items, matched, removed, apiKeys }: Contents): string {
  return `namespaces: ${namespaces}; items: ${items}, of which matched: ${matched}; removed items: ${removed}; API keys: ${apiKeys}`
}

/** Each finds a row where an invariant is broken; see schema.ts. The first versions kept no queues. */
function violationsIn(db: Sqlite): Record<string, string> {
  const keepsQueues = db.query(
    `SELECT 1 FROM pragma_table_info('items') WHERE name = 'passed_over'`,
  )
  return keepsQueues.get() ? { ...violations, ...queueViolations } : violations
}

const violations = {
  'an item is live twice': `SELECT 1 FROM items WHERE deleted_at IS NULL
    GROUP BY namespace, item HAVING count(*) > 1`,
  'a requestor holds two items': `SELECT 1 FROM items WHERE deleted_at IS NULL AND requestor IS NOT NULL
    GROUP BY namespace, requestor HAVING count(*) > 1`,
  'a match has no time, or a time no match': `SELECT 1 FROM items
    WHERE (requestor IS NULL) <> (matched_at IS NULL)`,
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

/** Goes through every page, and tells whether each index has just the rows of its table. */
export function refuseDamage(db: Sqlite): void {
  const found = db
    .query<{ integrity_check: string }, []>('PRAGMA integrity_check(1)')
    .get()?.integrity_check
  // What it found may quote the database, so that it is not told.
  if (found !== 'ok') throw new Error('it is damaged (PRAGMA integrity_check)')
}

/** The schema must be what the migrations that are recorded in it make. */
export function refuseUnknownSchema(db: Sqlite): void {
  const isTable = db.query(`SELECT 1 FROM sqlite_schema WHERE name = '__drizzle_migrations'`)
  if (!isTable.get()) throw new Error('it is not a database of zaas')
  const hashes = db
    .query<{ hash: string }, []>('SELECT hash FROM __drizzle_migrations')
    .all()
    .map(({ hash }) => hash)
  const known = readKnownMigrations()
  if (hashes.some((hash) => !known.some((migration) => migration.hash === hash))) {
    throw new Error('it was made by a newer version of zaas')
  }
  const model = new Sqlite(':memory:')
  for (const { hash, sql } of known)
    if (hashes.includes(hash)) for (const text of sql) model.run(text)
  const has = db.query('SELECT 1 FROM sqlite_schema WHERE name = ?1 AND sql IS ?2')
  for (const { name, sql } of model
    .query<{ name: string; sql: string | null }, []>('SELECT name, sql FROM sqlite_schema')
    .all()) {
    if (!has.get(name, sql)) throw new Error(`${name} is missing in it, or is not as it should be`)
  }
  model.close()
}
