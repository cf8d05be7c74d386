import { Database as Sqlite } from 'bun:sqlite'
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from '../support/app.ts'
import type { Ledger } from './ledger.ts'

/** Looks at a copy of a database file and its log. No server need be stopped. */
export function onCopy<Result>(path: string, look: (copy: string) => Result): Result {
  const folder = tempFolder()
  try {
    const copy = join(folder.path, 'copy.db')
    for (const end of ['', '-wal']) if (existsSync(path + end)) copyFileSync(path + end, copy + end)
    return look(copy)
  } finally {
    folder.remove()
  }
}

export const faultsOfCopy = (path: string, namespace: string, ledger: Ledger) =>
  onCopy(path, (copy) => faultsOf(copy, namespace, ledger))

/** What is wrong with a database file that nobody uses: in itself, and against what callers were told. */
export function faultsOf(path: string, namespace: string, ledger: Ledger): string[] {
  let file: Sqlite | undefined
  try {
    file = new Sqlite(path)
    const damage = integrityFaults(file)
    // Before a server has made its tables, nobody can have been told anything.
    if (ledger.acknowledged === 0 && !hasTables(file)) return damage
    return [...damage, ...brokenRules(file), ...lostAnswers(file, namespace, ledger)]
  } catch (error) {
    return [`cannot be read: ${error}`]
  } finally {
    file?.close()
  }
}

function integrityFaults(file: Sqlite): string[] {
  const found = file.query('PRAGMA integrity_check').values().flat().map(String)
  return found.filter((line) => line !== 'ok')
}

const hasTables = (file: Sqlite) =>
  file.query("SELECT 1 FROM sqlite_schema WHERE name = 'namespaces'").get() !== null

// Each finds what must not be, without the indices that are to keep it from being so.
const rules = {
  'live twice': `SELECT item FROM items NOT INDEXED WHERE deleted_at IS NULL
                 GROUP BY namespace, item HAVING count(*) > 1`,
  'holds two items': `SELECT requestor FROM items NOT INDEXED
                      WHERE deleted_at IS NULL AND requestor IS NOT NULL
                      GROUP BY namespace, requestor, slot HAVING count(*) > 1`,
  'half matched': 'SELECT item FROM items WHERE (requestor IS NULL) <> (matched_at IS NULL)',
  'counted wrong': `SELECT namespace FROM namespaces AS told
                    WHERE (total, matched, held, expired) <> (
                      SELECT count(*), count(iif(held_until IS NULL, requestor, NULL)), count(held_until),
                        count(iif(requestor IS NULL AND expires_at <= expired_until, 1, NULL))
                      FROM items NOT INDEXED
                      WHERE namespace = told.namespace AND deleted_at IS NULL
                    )`,
  'held by nobody': 'SELECT item FROM items WHERE held_until IS NOT NULL AND requestor IS NULL',
}

function brokenRules(file: Sqlite): string[] {
  return Object.entries(rules).flatMap(([rule, sql]) =>
    file
      .query(sql)
      .values()
      .map(([value]) => `${value} is ${rule}`),
  )
}

/** What happened to an item: all its rows, by the two indices that have them. */
function history(file: Sqlite, namespace: string, item: string): string {
  const rows = file.query(`
    SELECT * FROM items WHERE namespace = ?1 AND item = ?2 AND deleted_at IS NULL
    UNION ALL SELECT * FROM items WHERE namespace = ?1 AND item = ?2 AND deleted_at IS NOT NULL`)
  return JSON.stringify(rows.all(namespace, item))
}

type Row = { item: string; requestor: string | null; matched_at: number | null }

function lostAnswers(file: Sqlite, namespace: string, ledger: Ledger): string[] {
  const rows = file
    .query<Row, [string]>(
      'SELECT item, requestor, matched_at FROM items WHERE namespace = ? AND deleted_at IS NULL',
    )
    .all(namespace)
  const byItem = new Map(rows.map((row) => [row.item, row]))
  const lost: string[] = []
  for (const [requestor, { item, matchedAt }] of ledger.held) {
    const row = byItem.get(item)
    if (row?.requestor !== requestor || row.matched_at !== Date.parse(matchedAt)) {
      lost.push(`${item} was given to ${requestor} and is lost`)
    }
  }
  for (const [item, live] of ledger.live) {
    if (byItem.has(item) === live) continue
    const rowsOfIt = history(file, namespace, item)
    lost.push(`${item} was ${live ? 'added' : 'removed'}: lost: ${rowsOfIt}`)
  }
  return lost
}
