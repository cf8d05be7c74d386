import { Database as Sqlite } from 'bun:sqlite'
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { importLegacy } from '../../src/maintenance/legacy-import/import.ts'
import { parseTime } from '../../src/maintenance/legacy-import/times.ts'
import { addLegacyRows, makeLegacyDatabase } from '../legacy-import/legacy-database.ts'
import { firstMoment, tempFolder } from '../support/app.ts'
import { runCommand } from '../support/process.ts'
import { startServer } from '../support/server.ts'

let folder: ReturnType<typeof tempFolder>
const at = (name: string) => join(folder.path, name)
let ids = 0
const take = (apply = true, now = firstMoment) =>
  importLegacy(at('old.db'), at('zaas.db'), {
    apply,
    now: new Date(now),
    newId: () => String(++ids),
    masterApiKeys: ['a-master-key'],
    tell: () => {},
  })

beforeEach(() => {
  folder = tempFolder()
})
afterEach(() => folder.remove())

const at1 = "'2025-07-09T12:00:00.000Z'"
const none = { known: 0, keptAsRemoved: 0, refused: 0 }
const ms1 = Date.parse('2025-07-09T12:00:00.000Z')

test('keeps the queue, every match and every key, answers through a server, and runs twice', async () => {
  const old = makeLegacyDatabase(at('old.db'))
  addLegacyRows(old, 'items', [
    { id: 7, namespace: "'shop'", item: "'A'", requestor: "'u'", matched_at: at1 },
    { id: 3, namespace: "'shop'", item: "'B'" },
    { id: 9, namespace: "'shop'", item: "'C'" },
    { id: 5, namespace: "'shop'", item: "'D'" },
    { id: 4, namespace: "'shop'", item: "'E'", requestor: "'w'", matched_at: at1, deleted_at: at1 },
  ])
  addLegacyRows(old, 'api_keys', [
    { api_key: "'plain-key'", namespace: "'shop'" },
    { api_key: "'plain-key'", namespace: "'attic'" },
    { api_key: "'gone-key'", namespace: "'shop'", deleted_at: at1 },
  ])
  old.close()
  const before = readFileSync(at('old.db'), 'hex')
  const url = `file:${at('zaas.db')}`

  const dry = await take(false)
  expect(dry.items).toEqual({ read: 5, available: 3, matched: 1, removed: 1, ...none })
  expect(dry.keys).toEqual({ read: 3, bound: 2, known: 0, deleted: 1, refused: 0 })
  expect(readdirSync(folder.path)).toEqual(['old.db'])
  const applied = await runCommand('adopt', [at('old.db'), '--apply'], url)
  expect(applied).toMatchObject({ exitCode: 0, stderr: '' })
  expect(applied.stdout).toContain(
    'items: 5 rows, of which taken over: 3 available, 1 matched, 1 removed; there already: 0; kept as removed: 0; refused: 0\n' +
      'api_keys: 3 rows, of which bound: 2; there already: 0; deleted, left out: 1; refused: 0\n',
  )
  expect(applied.stdout).not.toMatch(/plain-key|gone-key/)

  const server = await startServer(url)
  try {
    const shop = server.as('shop', 'plain-key')
    expect((await shop.match('u')).body).toEqual({
      success: true,
      item: 'A',
      data: null,
      expiresAt: null,
      message: 'Item already assigned to this requestor',
      matchedAt: '2025-07-09T12:00:00.000Z',
      alreadyMatched: true,
    })
    expect((await shop.match('v')).body.item).toBe('B')
    expect((await shop.list('?status=available')).body.items.map(({ item }) => item)).toEqual([
      'D',
      'C',
    ])
    expect((await shop.patch({ add: ['E'] })).body).toMatchObject({ restored: 1 })
    expect((await shop.match('w')).body).toMatchObject({ item: 'E', alreadyMatched: true })
    expect((await server.as('attic', 'plain-key').stats()).status).toBe(200)
    expect((await server.as('shop', 'gone-key').stats()).status).toBe(401)

    const again = await take()
    expect(again.items).toMatchObject({ available: 0, matched: 0, removed: 0, known: 5 })
    expect(again.keys).toMatchObject({ bound: 0, known: 2 })
    expect((await shop.stats()).body).toEqual({
      total: 5,
      matched: 3,
      available: 2,
      held: 0,
      expired: 0,
      ...{ perDay: 1, runsOutAt: expect.any(String) },
    })
  } finally {
    await server.stop()
  }
  expect(readFileSync(at('old.db'), 'hex')).toBe(before)
}, 60_000)

const odd: [string, object[], { row: number; reason: RegExp }[], unknown[]][] = [
  [
    'the same item twice, available',
    [{ item: "'A'" }, { item: "'A'" }],
    [{ row: 2, reason: /its item is in row 1 too/ }],
    [['A', null, false]],
  ],
  [
    'an item that is available, and matched further down: the match stays',
    [{ item: "'A'" }, { item: "'A'", requestor: "'u'" }],
    [{ row: 1, reason: /its item is in row 2 too/ }],
    [['A', 'u', false]],
  ],
  [
    'two requestors with the same item: the first keeps it',
    [
      { item: "'A'", requestor: "'u'" },
      { item: "'A'", requestor: "'v'" },
    ],
    [{ row: 2, reason: /its item is in row 1 too/ }],
    [['A', 'u', false]],
  ],
  [
    'one requestor with two items: it keeps the first, and the other reaches nobody',
    [{ item: "'A'", requestor: "'u'" }, { item: "'B'", requestor: "'u'" }, { item: "'B'" }],
    [
      { row: 2, reason: /kept as removed: its requestor holds the item of row 1/ },
      { row: 3, reason: /its item is in row 2 too/ },
    ],
    [
      ['A', 'u', false],
      ['B', 'u', true],
    ],
  ],
  [
    'one requestor with two items, of which another has the second as well',
    [
      { item: "'A'", requestor: "'u'" },
      { item: "'B'", requestor: "'u'" },
      { item: "'B'", requestor: "'v'" },
    ],
    [{ row: 2, reason: /kept as removed/ }],
    [
      ['A', 'u', false],
      ['B', 'u', true],
      ['B', 'v', false],
    ],
  ],
  [
    'lives of an item before and after the one that is live',
    [
      { item: "'A'", requestor: "'u'", deleted_at: at1 },
      { item: "'A'", requestor: "'v'" },
      { item: "'A'", requestor: "'w'", deleted_at: at1 },
    ],
    [{ row: 3, reason: /its item is in row 2 too/ }],
    [
      ['A', 'u', true],
      ['A', 'v', false],
    ],
  ],
  [
    'a time of a match without a requestor: available, as the legacy zaas had it',
    [{ item: "'A'", matched_at: at1 }],
    [],
    [['A', null, false]],
  ],
  ['removed with an empty time', [{ item: "'A'", deleted_at: "''" }], [], [['A', null, true]]],
  [
    'values that break the rules',
    [
      { item: "''" },
      { item: "' '" },
      { item: "printf('%.1025c', 'x')" },
      { item: "'a' || char(10)" },
      { item: "'a' || char(0) || 'b'" },
      { item: "CAST(x'61ff' AS TEXT)" },
      { item: "CAST(x'eda080' AS TEXT)" },
      { item: "x'61'" },
      { item: "'A'", requestor: "''" },
      { item: "'B'", requestor: "printf('%.256c', 'x')" },
      { item: "'C'", requestor: "CAST(x'eda080' AS TEXT)" },
      { item: "'D'", namespace: "'summer sale'" },
      { item: "'E'", namespace: "''" },
      { item: "printf('%.1024c', 'x')" },
      { item: '12' },
    ],
    [
      ...Array.from({ length: 8 }, (_, n) => ({
        row: n + 1,
        reason: /^item is not 1 to 1024 char/,
      })),
      ...[9, 10, 11].map((row) => ({ row, reason: /^requestor is not 1 to 255 char/ })),
      ...[12, 13].map((row) => ({ row, reason: /^namespace is not 1 to 128 of/ })),
    ],
    [
      ['x'.repeat(1_024), null, false],
      ['12', null, false],
    ],
  ],
]

test.each(odd)('takes over %s', async (_, rows, remarks, expected) => {
  const old = makeLegacyDatabase(at('old.db'))
  addLegacyRows(
    old,
    'items',
    rows.map((row) => ({ namespace: "'ns'", ...row })),
  )
  old.close()

  const dry = await take(false)
  expect(readdirSync(folder.path).filter((name) => name !== 'old.db')).toEqual([])
  const first = await take()
  expect(first).toEqual(dry)
  expect(first.remarks).toEqual(
    remarks.map(({ row, reason }) => ({
      table: 'items',
      row,
      reason: expect.stringMatching(reason),
    })),
  )
  expect(itemsIn(at('zaas.db'))).toEqual(expected)
  const { read, ...parts } = first.items
  expect(Object.values(parts).reduce((sum, n) => sum + n, 0)).toBe(read)

  const again = await take(true, firstMoment + 1_000)
  expect(again.items).toMatchObject({
    read,
    available: 0,
    matched: 0,
    removed: 0,
    keptAsRemoved: 0,
  })
  expect(itemsIn(at('zaas.db'))).toEqual(expected)
})

test('takes over keys, and says which it refuses', async () => {
  const old = makeLegacyDatabase(at('old.db'))
  const namespace = "'ns'"
  addLegacyRows(old, 'api_keys', [
    { api_key: "'k'", namespace },
    { api_key: "'k'", namespace },
    { api_key: "'k'", namespace: "'other'" },
    { api_key: "'key_1'", namespace },
    { api_key: "'schlüssel'", namespace },
    { api_key: "''", namespace },
    { api_key: "'k2'", namespace: "'a b'" },
    { api_key: "'a-master-key'", namespace },
    { api_key: "'dead'", namespace, deleted_at: at1 },
  ])
  old.close()
  const { keys, remarks } = await take()

  expect(keys).toEqual({ read: 9, bound: 2, known: 0, deleted: 1, refused: 6 })
  expect(remarks.map(({ row, reason }) => [row, reason.slice(0, 20)])).toEqual([
    [2, 'it repeats row 1'],
    [4, 'apiKey is not 1 to 2'],
    [5, 'apiKey is not 1 to 2'],
    [6, 'apiKey is not 1 to 2'],
    [7, 'namespace is not 1 t'],
    [8, 'it is a master key'],
  ])
  expect(query(at('zaas.db'), 'SELECT scopes, namespace FROM api_keys ORDER BY rowid')).toEqual([
    { scopes: 'match read write', namespace: 'ns' },
    { scopes: 'match read write', namespace: 'other' },
  ])

  edit(at('zaas.db'), "UPDATE api_keys SET deleted_at = 1 WHERE namespace = 'other'")
  expect((await take(true, firstMoment + 1_000)).keys).toMatchObject({ bound: 0, known: 2 })
})

test('what the database has already stays, but for a match of what is available there', async () => {
  const old = makeLegacyDatabase(at('old.db'))
  addLegacyRows(
    old,
    'items',
    ['A', 'F', 'B', 'E', 'C', 'D'].map((item) => ({ namespace: "'ns'", item: `'${item}'` })),
  )
  old.close()
  await take()
  edit(
    at('zaas.db'),
    "UPDATE items SET requestor = 'new', matched_at = 1 WHERE item = 'A'",
    "UPDATE items SET requestor = 'w', matched_at = 1 WHERE item = 'F'",
    "UPDATE items SET deleted_at = 1 WHERE item = 'B'",
    `UPDATE namespaces SET (total, matched) = (
       SELECT count(*), count(requestor) FROM items
       WHERE items.namespace = namespaces.namespace AND deleted_at IS NULL
     )`,
  )
  edit(
    at('old.db'),
    "UPDATE items SET requestor = 'late-' || item, matched_at = '2025-07-09 12:00:00' WHERE item IN ('A', 'B', 'C')",
    "UPDATE items SET requestor = 'w', matched_at = '2025-07-09 12:00:00' WHERE item = 'D'",
  )
  const { items, remarks } = await take(true, firstMoment + 1_000)

  expect(items).toMatchObject({ matched: 1, known: 2, keptAsRemoved: 1, refused: 2 })
  expect(remarks.map(({ row, reason }) => [row, reason])).toEqual([
    [1, 'the database has its item with another history'],
    [3, 'the database has its item with another history'],
    [6, 'kept as removed: its requestor holds another item in the database'],
  ])
  expect(itemsIn(at('zaas.db'))).toEqual([
    ['A', 'new', false],
    ['F', 'w', false],
    ['B', null, true],
    ['E', null, false],
    ['C', 'late-C', false],
    ['D', 'w', true],
  ])
  expect(query(at('zaas.db'), "SELECT matched_at AS at FROM items WHERE item = 'C'")).toEqual([
    { at: ms1 },
  ])
  // Its backup would be refused if E were no longer in turn.
  expect((await take(true, firstMoment + 2_000)).items).toMatchObject({ known: 4, refused: 2 })
})

test('a database of something else is refused, and nothing changes', async () => {
  new Sqlite(at('old.db')).run('CREATE TABLE items (id integer)')

  await expect(take()).rejects.toThrow(at('old.db'))
  expect(readdirSync(folder.path)).toEqual(['old.db'])
})

test('a legacy import that fails on its way changes nothing, and the backup is there', async () => {
  const old = makeLegacyDatabase(at('old.db'))
  addLegacyRows(old, 'items', [{ namespace: "'ns'", item: "'A'" }])
  old.close()
  await take()
  edit(
    at('zaas.db'),
    "CREATE TRIGGER full BEFORE INSERT ON api_keys BEGIN SELECT RAISE(ABORT, 'full'); END",
  )
  edit(
    at('old.db'),
    "INSERT INTO items (namespace, item) VALUES ('ns', 'B')",
    "INSERT INTO api_keys (namespace, api_key) VALUES ('ns', 'k')",
  )
  await expect(take(true, firstMoment + 1_000)).rejects.toThrow('full')

  expect(itemsIn(at('zaas.db'))).toEqual([['A', null, false]])
  expect(itemsIn(at('zaas.db.before-adopt-20300101T000001Z'))).toEqual([['A', null, false]])
})

test('what stands in the log of a killed server counts, and the files stay as they are', async () => {
  const old = makeLegacyDatabase(at('live.db'))
  old.run('PRAGMA journal_mode = WAL')
  addLegacyRows(old, 'items', [{ namespace: "'ns'", item: "'A'" }])
  for (const end of ['', '-wal']) await Bun.write(at(`old.db${end}`), Bun.file(at(`live.db${end}`)))
  old.close()
  const bytes = () => ['', '-wal'].map((end) => readFileSync(at(`old.db${end}`), 'hex'))
  const before = bytes()
  await take()

  expect(itemsIn(at('zaas.db'))).toEqual([['A', null, false]])
  expect(bytes()).toEqual(before)
})

test.each([
  ["datetime('now')", undefined],
  ['', undefined],
  [null, undefined],
  ['2025-07-09T12:00:00.000Z', ms1],
  ['2025-07-09 12:00:00', ms1],
  ['2025-07-09 12:00', ms1],
  ['2025-07-09T14:00:00+02:00', ms1],
  ['2025-07-09 14:00:00.5 +0200', ms1 + 500],
  ['2025-07-09', ms1 - 12 * 3_600_000],
  ['2025-02-30', undefined],
  ['2025-07-09T25:00:00Z', undefined],
  [ms1, ms1],
  [ms1 / 1_000, ms1],
  [`${ms1}`, ms1],
  [`${ms1 / 1_000}.0`, ms1],
  ['1970-01-01T00:00:00Z', undefined],
  [0, undefined],
  [-1, undefined],
  ['Thu Jan 01', undefined],
])('the time %j is read as %p', (value, expected) => {
  expect(parseTime(value)).toBe(expected)
})

function edit(path: string, ...statements: string[]): void {
  const db = new Sqlite(path)
  for (const statement of statements) db.run(statement)
  db.close(true)
}

function query(path: string, sql: string): unknown[] {
  const db = new Sqlite(path, { readonly: true })
  const rows = db.query(sql).all()
  db.close(true)
  return rows
}

/** Item, requestor, and whether it is removed, in the order of the queue. */
function itemsIn(path: string): unknown[] {
  const rows = query(path, 'SELECT item, requestor, deleted_at FROM items ORDER BY id')
  return (rows as { item: string; requestor: string; deleted_at: number }[]).map(
    ({ item, requestor, deleted_at }) => [item, requestor, deleted_at !== null],
  )
}
