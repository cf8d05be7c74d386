import { Database } from 'bun:sqlite'
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { drizzle } from 'drizzle-orm/bun-sqlite'
import { migrate } from 'drizzle-orm/bun-sqlite/migrator'

// A process of its own: bun bench/fill.ts PATH JOURNAL_MODE MIGRATIONS ITEMS…
// Makes a database with the namespaces bench-0, bench-1, …, of so many available items each.
const [path = '', journalMode = 'wal', migrationsFolder = '', ...counts] = process.argv.slice(2)
const database = new Database(path)
database.run('PRAGMA journal_mode = off')
database.run('PRAGMA synchronous = off')
database.run('PRAGMA cache_size = -500000')
migrate(drizzle(database), { migrationsFolder })

// Indices are made after the rows: that sorts once.
const indices = database
  .query<{ name: string; sql: string }, []>(
    `SELECT name, sql FROM sqlite_schema WHERE tbl_name = 'items' AND type = 'index' AND sql IS NOT NULL`,
  )
  .all()
for (const { name } of indices) database.run(`DROP INDEX ${name}`)
for (const [n, count] of counts.entries()) {
  database.run(
    `WITH RECURSIVE n(n) AS (SELECT 1 WHERE ?2 > 0 UNION ALL SELECT n + 1 FROM n WHERE n < ?2)
     INSERT INTO items (namespace, item, created_at)
     SELECT ?1, hex(randomblob(8)), unixepoch() * 1000 FROM n`,
    [`bench-${n}`, Number(count)],
  )
}
for (const { sql } of indices) database.run(sql)
// Earlier versions counted by triggers.
const counted = database.query(`SELECT 1 FROM sqlite_schema WHERE name = 'namespaces'`).get()
if (counted) {
  database.run(
    'INSERT INTO namespaces (namespace, total) SELECT namespace, count(*) FROM items GROUP BY namespace',
  )
}
database.run(`PRAGMA journal_mode = ${journalMode}`)
database.close()

// Otherwise the kernel writes it back while others are measured.
const file = openSync(path, 'r')
fsyncSync(file)
closeSync(file)
