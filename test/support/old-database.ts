import { Database as Sqlite } from 'bun:sqlite'
import { readKnownMigrations } from '../../src/storage/sqlite/migrations.ts'

/** How many of the migrations version 0.1.0 had. */
export const oldMigrations = 4

/**
 * A database file as version 0.1.0 leaves it, with so many items and rows of every kind in several namespaces: its
 * own triggers keep its counts and its queues.
 */
export function makeOldDatabase(path: string, items: number): void {
  const db = new Sqlite(path)
  db.run('PRAGMA journal_mode = OFF')
  db.run('PRAGMA synchronous = OFF')
  db.run('PRAGMA cache_size = -500000')
  createOldTables(db)
  db.transaction(() => fill(db, items))()
  db.run('PRAGMA journal_mode = WAL')
  db.close(true)
}

/** Applies the migrations of version 0.1.0, and records them as it did. */
export function createOldTables(db: Sqlite): void {
  db.run(
    'CREATE TABLE __drizzle_migrations (id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric)',
  )
  db.run('CREATE UNIQUE INDEX __drizzle_migrations_hash_unique ON __drizzle_migrations (hash)')
  for (const { sql, hash, folderMillis } of readKnownMigrations().slice(0, oldMigrations)) {
    for (const statement of sql) db.run(statement)
    const record = 'INSERT INTO __drizzle_migrations (hash, created_at) VALUES (?, ?)'
    db.run(record, [hash, folderMillis])
  }
}

/** Every change as version 0.1.0 makes it: a third is matched, some of it is released, removed and restored. */
function fill(db: Sqlite, items: number): void {
  db.run(
    `INSERT INTO items (namespace, item, created_at)
     SELECT 'pool-' || (value % 3), printf('%08X-CODE-%d', value * 2654435761 % 4294967296, value), value
     FROM (WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ?1)
       SELECT value FROM n)`,
    [items],
  )
  const early = `id <= ${items} / 3 AND`
  db.run(`UPDATE items SET deleted_at = 1 WHERE ${early} id % 7 = 0`)
  db.run(`UPDATE items SET requestor = 'user-' || (id * 7919), matched_at = id
    WHERE ${early} deleted_at IS NULL`)
  // What is restored now stands behind the head of its queue.
  db.run(`UPDATE items SET deleted_at = NULL WHERE ${early} id % 14 = 0`)
  db.run(`UPDATE items SET deleted_at = 2
    WHERE ${early} id % 11 = 0 AND requestor IS NOT NULL AND deleted_at IS NULL`)
  db.run(`INSERT INTO items (namespace, item, created_at)
    SELECT namespace, item, ${items} + 1 FROM items
    WHERE ${early} id % 22 = 0 AND deleted_at = 2`)
}
