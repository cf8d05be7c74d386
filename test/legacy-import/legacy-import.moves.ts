import { Database as Sqlite } from 'bun:sqlite'
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startMatches } from '../moves/matches.ts'
import { tempFolder } from '../support/app.ts'
import { report, timed } from '../support/figures.ts'
import { forEachOf } from '../support/instances.ts'
import { runCommand } from '../support/process.ts'
import { startServer } from '../support/server.ts'
import { addLegacyRows, makeLegacyDatabase } from './legacy-database.ts'

const count = 200_000
const clients = 4
const firstMatch = Date.parse('2025-07-09T12:00:00.000Z')
const namespaces = ['summer', 'winter', 'spring']
const folder = tempFolder()
const old = join(folder.path, 'old.db')
const database = join(folder.path, 'zaas.db')
const url = `file:${database}`

beforeAll(makeOld)
afterAll(folder.remove)

test('200,000 items and odd ones move in while others match, all the same, and a second time nothing changes', async () => {
  const before = digestOf(readFileSync(old))
  const server = await startServer(url)
  try {
    const other = await server.keyFor('other')
    await other.patch({ add: Array.from({ length: 90_000 }, (_, n) => `OTHER-${n}`) })
    const load = startMatches(other, clients)
    const dry = await timed(() => runCommand('import-legacy', [old], url))
    const applied = await timed(() => runCommand('import-legacy', [old, '--apply'], url))
    const figures = { dryMs: dry.ms, applyMs: applied.ms, ...(await load.stop()) }
    report('imported', { ...figures, told: load.told.length })
    process.stderr.write(`${countsOf(applied.value.stdout)}\n`)

    expect(applied.value).toMatchObject({ exitCode: 0, stderr: '' })
    expect(countsOf(dry.value.stdout)).toBe(countsOf(applied.value.stdout))
    expect(countsOf(applied.value.stdout)).toBe(expectedCounts)
    expect(itemsIn(database, 'matched_at')).toEqual(itemsIn(old, timeOfMatch))
    expect(oddItems()).toEqual(expectedOdd)
    for (const namespace of namespaces) {
      expect((await server.as(namespace, 'plain-key').stats()).status).toBe(200)
    }
    await forEachOf(load.told, clients, async ({ requestor, answer: { item } }) => {
      expect((await other.match(requestor)).body).toMatchObject({ item, alreadyMatched: true })
    })

    const contents = contentsOf(database)
    const again = await runCommand('import-legacy', [old, '--apply'], url)
    expect(again).toMatchObject({ exitCode: 0, stderr: '' })
    expect(again.stdout).toContain('taken over: 0 available, 0 matched, 0 removed; there already')
    expect(again.stdout).toContain('bound: 0; there already: 3')
    expect(contentsOf(database)).toEqual(contents)
    expect(digestOf(readFileSync(old))).toBe(before)
  } finally {
    await server.stop()
  }
})

// Of 200,000 there were 80,000 matched, and 6,000 removed, 4,000 of these after they were matched.
const expectedCounts = [
  `items: ${count + 16} rows, of which taken over: 118002 available, 76002 matched, 6001 removed; ` +
    'there already: 0; kept as removed: 1; refused: 10',
  'api_keys: 8 rows, of which bound: 3; there already: 0; deleted, left out: 1; refused: 4',
].join('\n')

/** Item, requestor, and whether it is removed. */
const expectedOdd = [
  ['A', null, 0],
  ['B', 'u1', 0],
  ['C', 'u3', 0],
  ['D', 'u3', 1],
  ['E', null, 0],
  ['K', 'u9', 1],
]
const timeOfMatch = `CASE WHEN requestor IS NOT NULL THEN ${firstMatch} + 1000 * CAST(substr(item, 6) AS INTEGER) END`

function makeOld(): void {
  const db = makeLegacyDatabase(old)
  db.run(
    `INSERT INTO items (namespace, item, requestor, matched_at, deleted_at)
     WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${count})
     SELECT iif(n % 3 = 0, 'summer', iif(n % 3 = 1, 'winter', 'spring')), 'CODE-' || n,
       iif(n % 5 < 2, 'user-' || n, NULL),
       CASE WHEN n % 5 < 2 THEN CASE n % 4
         WHEN 0 THEN strftime('%Y-%m-%dT%H:%M:%S.000Z', ${firstMatch / 1_000} + n, 'unixepoch')
         WHEN 1 THEN datetime(${firstMatch / 1_000} + n, 'unixepoch')
         WHEN 2 THEN (${firstMatch / 1_000} + n) * 1000
         ELSE ${firstMatch / 1_000} + n END END,
       iif(n % 50 = 0 OR n % 100 = 2, '2025-08-01T00:00:00.000Z', NULL)
     FROM numbers`,
  )
  addLegacyRows(
    db,
    'items',
    oddRows.map((row) => ({ namespace: "'odd'", ...row })),
  )
  addLegacyRows(db, 'api_keys', [
    ...[...namespaces, 'summer', 'a b'].map((name) => ({
      api_key: "'plain-key'",
      namespace: `'${name}'`,
    })),
    ...["'key_x'", "''"].map((api_key) => ({ api_key, namespace: "'summer'" })),
    { api_key: "'gone'", namespace: "'summer'", deleted_at: "'2025-08-01T00:00:00.000Z'" },
  ])
  db.close()
}

const oddRows = [
  { item: "'A'" },
  { item: "'A'" },
  { item: "'B'", requestor: "'u1'" },
  { item: "'B'", requestor: "'u2'" },
  { item: "'C'", requestor: "'u3'" },
  { item: "'D'", requestor: "'u3'" },
  { item: "'E'", matched_at: "'2025-08-01T00:00:00.000Z'" },
  { item: "'F'", requestor: "''" },
  { item: "'G' || char(7)" },
  { item: "printf('%.1025c', 'x')" },
  { item: "CAST(x'eda080' AS TEXT)" },
  { item: "'J' || char(0) || 'J'" },
  { item: "x'ff'" },
  { item: "''" },
  { item: "'A'", namespace: "'a b'" },
  { item: "'K'", requestor: "'u9'", deleted_at: "'2025-08-01T00:00:00.000Z'" },
]

const countsOf = (stdout: string) => /^items: .*\napi_keys: .*$/m.exec(stdout)?.[0]
const digestOf = (bytes: string | Uint8Array) =>
  new Bun.CryptoHasher('sha256').update(bytes).digest('hex')

/** The rows of the large namespaces, in their order, and with the times of their matches. */
function itemsIn(path: string, matchedAt: string) {
  return digestOfRows(
    path,
    `SELECT namespace, item, requestor, ${matchedAt}, deleted_at IS NOT NULL FROM items
     WHERE namespace IN ('summer', 'winter', 'spring') ORDER BY rowid`,
  )
}

function contentsOf(path: string) {
  return [
    digestOfRows(path, 'SELECT * FROM items ORDER BY id'),
    digestOfRows(path, 'SELECT * FROM namespaces ORDER BY namespace'),
    digestOfRows(
      path,
      'SELECT id, digest, namespace, scopes, deleted_at FROM api_keys ORDER BY id',
    ),
  ]
}

function oddItems(): unknown[] {
  return read(
    database,
    `SELECT item, requestor, deleted_at IS NOT NULL FROM items WHERE namespace = 'odd' ORDER BY id`,
  )
}

function digestOfRows(path: string, sql: string): { rows: number; digest: string } {
  const rows = read(path, sql)
  return { rows: rows.length, digest: digestOf(JSON.stringify(rows)) }
}

function read(path: string, sql: string): unknown[] {
  const db = new Sqlite(path, { readonly: true })
  const rows = db.query(sql).values()
  db.close(true)
  return rows
}
