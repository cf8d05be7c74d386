import { Database as Sqlite } from 'bun:sqlite'

/** A column's value as SQL: a literal, or an expression such as `CAST(x'ff' AS TEXT)`. */
export type LegacyRow = {
  id?: number
  item: string
  namespace?: string
  requestor?: string
  matched_at?: string
  created_at?: string
  deleted_at?: string
}

/**
 * A database as the legacy zaas made it, its tables created by drizzle and its creation times the literal
 * text `datetime('now')`. Its unique indices are left out, as in one that was altered by hand.
 */
export function makeLegacyDatabase(path: string): Sqlite {
  const db = new Sqlite(path)
  for (const statement of schema) db.run(statement)
  return db
}

/** Adds rows whose values are SQL; what is left out has the column's default. */
export function addLegacyRows(
  db: Sqlite,
  table: 'items' | 'api_keys',
  rows: readonly object[],
): void {
  db.transaction(() => {
    for (const row of rows) {
      db.run(
        `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${Object.values(row).join(', ')})`,
      )
    }
  })()
}

const schema = [
  `CREATE TABLE items (
     id integer PRIMARY KEY AUTOINCREMENT NOT NULL, namespace text NOT NULL, item text NOT NULL,
     requestor text, matched_at text, created_at text DEFAULT 'datetime(''now'')' NOT NULL, deleted_at text
   )`,
  `CREATE TABLE api_keys (
     id integer PRIMARY KEY AUTOINCREMENT NOT NULL, api_key text NOT NULL, namespace text NOT NULL,
     created_at text DEFAULT 'datetime(''now'')' NOT NULL, deleted_at text
   )`,
]
