import { expect, test } from 'bun:test'
import { limits } from '../../src/limits.ts'
import { listItems } from '../../src/storage/sqlite/stock/items.ts'
import { tempDatabase } from '../support/app.ts'

test('lists of more than is sorted have the same items in the same order, page by page', async () => {
  const { db, close } = await tempDatabase()
  const expired = limits.lists.sortedRows + 1_000
  const taken = limits.lists.sortedRows + 2
  await db.write([
    {
      sql: `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1),
              kinds AS (SELECT n, iif(n <= ?2, n % 2, 2) AS kind FROM n)
            INSERT INTO items (namespace, item, requestor, matched_at, held_until, expires_at, created_at)
            SELECT 'ns', 'item-' || n, iif(kind < 2, 'r-' || n, NULL), iif(kind < 2, 1, NULL),
              iif(kind = 1, 1000000 - n, NULL), iif(kind = 2, iif(n % 11 = 0, 1000000, n), NULL), 1
            FROM kinds ORDER BY n * 7919 % 30011`,
      params: [taken + expired, taken],
    },
    {
      sql: `INSERT INTO namespaces (namespace, total, matched, held, expired, expired_until)
            SELECT 'ns', count(*), count(iif(held_until IS NULL, requestor, NULL)), count(held_until),
              count(iif(expires_at <= 500000, 1, NULL)), 500000
            FROM items`,
      params: [],
    },
  ])
  const now = 500_000
  const listed = async (status: 'matched' | 'held' | 'expired', order: 'asc' | 'desc') => {
    const items: string[] = []
    for (let after: string | undefined; ; ) {
      const query = { namespace: 'ns', status, order, after, limit: 4_000, now }
      const page = await listItems(db, query)
      items.push(...page.items.map(({ item }) => item))
      if (page.next === null) return items
      after = page.next
    }
  }
  const conditions = {
    matched: 'requestor IS NOT NULL AND held_until IS NULL',
    held: 'held_until IS NOT NULL',
    expired: 'requestor IS NULL AND expires_at <= 500000',
  } as const
  for (const status of ['matched', 'held', 'expired'] as const) {
    const sql = `SELECT item FROM items WHERE ${conditions[status]} ORDER BY id`
    const { rows } = await db.read({ sql, params: [] })
    const expected = rows.map(({ item }) => String(item))
    expect(expected.length).toBeGreaterThan(limits.lists.sortedRows / 2)
    expect(await listed(status, 'asc')).toEqual(expected)
    expect(await listed(status, 'desc')).toEqual(expected.toReversed())
  }
  await close()
})
