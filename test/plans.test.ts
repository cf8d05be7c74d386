import { afterAll, beforeAll, expect, spyOn, test } from 'bun:test'
import { type Client, createClient } from '@libsql/client'
import { deleteApiKeys, findApiKeys, listApiKeys } from '../src/storage/sqlite/api-keys.ts'
import type { Statement } from '../src/storage/sqlite/database.ts'
import { changeItems, previewAdd, replaceItems } from '../src/storage/sqlite/item-changes.ts'
import { listItems, storedItems } from '../src/storage/sqlite/items.ts'
import { matchBatch } from '../src/storage/sqlite/match.ts'
import { listNamespaces, namespaceStats } from '../src/storage/sqlite/namespaces.ts'
import { tempDatabase } from './support/app.ts'
import { contextAt, requestsAt } from './support/context.ts'

// Every statement that an action runs must find its rows as said here, also beside the many rows that
// `bun run test:load` asks for. EXPLAIN needs a client of its own: through `write` it would leave its
// statement open at the commit.
const rowsBeside = Number(process.env['PLAN_ROWS'] ?? 0)
const fillMaxMs = 60_000
let explainer: Client
let temp: Awaited<ReturnType<typeof tempDatabase>>

beforeAll(async () => {
  temp = await tempDatabase()
  explainer = createClient({ url: `file:${temp.path}` })
  await temp.db.write([rowsOfEveryKind(rowsBeside)])
}, fillMaxMs)
afterAll(async () => {
  explainer.close()
  await temp.close()
})

/** A third of them available, a third matched, a third removed. */
const rowsOfEveryKind = (count: number): Statement => ({
  sql: `WITH RECURSIVE n(n) AS (SELECT 1 WHERE ?1 > 0 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
        INSERT INTO items (namespace, item, requestor, created_at, deleted_at)
        SELECT 'large', 'item-' || n, iif(n % 3 = 1, 'requestor-' || n, NULL), 0, iif(n % 3 = 2, 1, NULL)
        FROM n`,
  params: [count],
})

const lookups = /\b(items|held|api_keys|namespace_stats)\b/
const lookupsAndSorts = /\b(items|namespace_stats|ORDER BY)\b/

/** Runs an action for real and returns how SQLite would look up each table in each of its statements. */
async function plansOf(action: () => Promise<unknown>, wanted = lookups): Promise<string[][]> {
  const read = spyOn(temp.db, 'read')
  const writes = [spyOn(temp.db, 'write'), spyOn(temp.db, 'bulkWrite')]
  await action()
  const written = writes.flatMap((write) => write.mock.calls.flat(2))
  const statements = [...read.mock.calls.flat(), ...written]
  for (const spy of [read, ...writes]) spy.mockRestore()
  return Promise.all(statements.map((statement) => explain(statement, wanted)))
}

async function explain({ sql, params }: Statement, wanted: RegExp): Promise<string[]> {
  const { rows } = await explainer.execute({
    sql: `EXPLAIN QUERY PLAN ${sql}`,
    args: params.map(String),
  })
  return rows.map(({ detail }) => String(detail)).filter((detail) => wanted.test(detail))
}

const byItem = 'SEARCH items USING INDEX items_live_item_unique (namespace=? AND item=?)'
const byRequestor = 'USING INDEX items_live_requestor_unique (namespace=? AND requestor=?)'
const statsOf =
  'SEARCH namespace_stats USING INDEX sqlite_autoindex_namespace_stats_1 (namespace=?)'
const passedOver = 'SEARCH items USING INDEX items_live_passed_over (namespace=?)'
const queue = 'SEARCH items USING INDEX items_live_queue (namespace=? AND rowid>?)'
const removed = 'SEARCH items USING INDEX items_removed_item (namespace=? AND item=?)'
const anyRemoved = 'SEARCH items USING INDEX items_removed_item (namespace=?)'
const byRow = 'SEARCH items USING INTEGER PRIMARY KEY (rowid=?)'

const adding = [
  [byRow, anyRemoved, removed, byItem, removed, byRow, `SEARCH held ${byRequestor}`],
  [removed],
  [anyRemoved, removed, byItem],
]

test('a match looks up its requestor and walks the queue of available items', async () => {
  await changeItems(
    temp.db,
    { namespace: 'ns', add: ['a', 'b'], remove: [], release: [] },
    contextAt(1),
  )
  const requests = requestsAt(0, 'ns', 'r')

  expect(await plansOf(() => matchBatch(temp.db, requests), lookupsAndSorts)).toEqual([
    [`SEARCH items ${byRequestor}`, statsOf],
    [passedOver, queue, statsOf, byRow],
  ])
})

const inQueue = (range: string) =>
  `SEARCH items USING INDEX items_live_queue (namespace=? AND ${range})`
const passed = (range: string) =>
  `SEARCH items USING INDEX items_live_passed_over (namespace=? AND ${range})`
const [after, before, within] = ['rowid>?', 'rowid<?', 'rowid>? AND rowid<?']

test.each([
  [{}, [inQueue(after), passed(after)], [inQueue(before), passed(before)]],
  [
    { status: 'available' },
    [inQueue(after), statsOf, passed(after)],
    [inQueue(within), statsOf, passed(before)],
  ],
  [{ status: 'matched' }, [inQueue(within), statsOf], [inQueue(before), statsOf]],
  [{ item: 'a' }, [byItem.replace(')', ' AND rowid>?)')], [byItem.replace(')', ' AND rowid<?)')]],
  [
    { requestor: 'r' },
    [`SEARCH items ${byRequestor.replace(')', ' AND rowid>?)')}`],
    [`SEARCH items ${byRequestor.replace(')', ' AND rowid<?)')}`],
  ],
] as const)('a page of %p comes in order from an index', async (filter, plan, backwards) => {
  const read = async () => {
    for (const order of ['asc', 'desc'] as const)
      await listItems(temp.db, { namespace: 'ns', ...filter, after: 1, limit: 10, order })
  }
  expect(await plansOf(read, lookupsAndSorts)).toEqual([[...plan], [...backwards]])
})

test('items are looked up among the live ones and the removed ones', async () => {
  const lookup = { namespace: 'ns', items: ['a', 'b'] }

  expect(await plansOf(() => storedItems(temp.db, lookup))).toEqual([[byItem, removed]])
})

test('counting reads one row and no items', async () => {
  expect(await plansOf(() => namespaceStats(temp.db, 'ns'))).toEqual([[statsOf]])
})

test('namespaces come in order from the indices of their counts and keys', async () => {
  expect(await plansOf(() => listNamespaces(temp.db, { after: '', limit: 9 }))).toEqual([
    [
      'SEARCH namespace_stats USING COVERING INDEX sqlite_autoindex_namespace_stats_1 (namespace>?)',
      'SEARCH api_keys USING INDEX api_keys_live_namespace (namespace>?)',
      'SEARCH namespace_stats USING INDEX sqlite_autoindex_namespace_stats_1 (namespace=?) LEFT-JOIN',
    ],
  ])
})

test('a change looks up what is listed and nothing else', async () => {
  const changes = { namespace: 'ns', add: ['x'], remove: ['y'], release: ['z'] }

  expect(await plansOf(() => changeItems(temp.db, changes, contextAt(1)))).toEqual([
    [byItem],
    [byItem],
    [byItem],
    [removed],
    ...adding,
  ])
})

test('a preview of what would be added looks up what is listed and nothing else', async () => {
  const preview = { namespace: 'ns', add: ['x'] }

  expect(await plansOf(() => previewAdd(temp.db, preview))).toEqual([
    [byItem, removed, ...(adding[0] ?? [])],
  ])
})

test.each([
  [false, [byRow, passedOver, queue, statsOf]],
  [true, ['SEARCH items USING INDEX items_live_item_unique (namespace=?)']],
])(
  'replacing the stock, removeMatched %p, walks what it may remove',
  async (removeMatched, walk) => {
    const stock = { namespace: 'ns', items: ['a'], removeMatched }

    expect(await plansOf(() => replaceItems(temp.db, stock, contextAt(1)))).toEqual([
      walk,
      ['SEARCH items USING INDEX items_live_requestor_unique (namespace=? AND requestor>?)'],
      ...adding,
    ])
  },
)

test.each([
  ['by namespace', { namespace: 'ns' }, 'api_keys_live_namespace (namespace=?)'],
  ['by key', { digest: 'd' }, 'api_keys_live_binding_unique (digest=?)'],
])('keys are found %s by an index', async (_, filter, index) => {
  expect(await plansOf(() => listApiKeys(temp.db, filter))).toEqual([
    [`SEARCH api_keys USING INDEX ${index}`],
  ])
})

test('keys are looked up by an index', async () => {
  expect(await plansOf(() => findApiKeys(temp.db, ['d', 'e']))).toEqual([
    ['SEARCH api_keys USING INDEX api_keys_live_binding_unique (digest=?)'],
  ])
})

test('a page of keys begins where the one before ended', async () => {
  const page = { namespace: 'ns', after: 'key_1', limit: 2 }

  expect(await plansOf(() => listApiKeys(temp.db, page))).toEqual([
    [
      'SEARCH api_keys USING INDEX api_keys_live_namespace (namespace=? AND created_at>?)',
      'SEARCH api_keys USING INDEX sqlite_autoindex_api_keys_1 (id=?)',
    ],
  ])
})

test.each([
  ['key_1', 'sqlite_autoindex_api_keys_1 (id=?)'],
  ['zaas_1', 'api_keys_live_binding_unique (digest=?)'],
])('%s is deleted by an index', async (idOrKey, index) => {
  const key = { idOrKey, namespace: undefined }

  expect(await plansOf(() => deleteApiKeys(temp.db, key, contextAt(1)))).toEqual([
    [`SEARCH api_keys USING INDEX ${index}`],
  ])
})
