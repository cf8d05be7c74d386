import { expect, test } from 'bun:test'
import { tempDatabase } from '../../../../test/support/app.ts'
import { contextAt } from '../../../../test/support/context.ts'
import type { ItemObject } from '../../../domain/item.ts'
import { limits } from '../../../limits.ts'
import { namespaceStats } from '../records/stats.ts'
import { changeItems } from '../stock/change-items.ts'
import { sweep } from './sweep.ts'

const { expiredMax } = limits.sweep

test('items that expire in the same moment are counted in steps, and counts are right between them', async () => {
  const { db, close } = await tempDatabase()
  const change = (add: ItemObject[], remove: string[] = []) =>
    changeItems(db, { namespace: 'ns', add, remove, release: [] }, contextAt(1))
  const expiring = (from: number, to: number, expiresAt: number) =>
    Array.from({ length: to - from }, (_, n) => ({ item: `item-${from + n}`, expiresAt }))
  await change(expiring(0, expiredMax + 10, 5_000))
  await change([...expiring(expiredMax + 10, expiredMax + 12, 6_000), { item: 'last' }])
  const counted = async () => {
    const sql = 'SELECT expired, expired_until, expired_id FROM namespaces'
    const [row] = (await db.read({ sql, params: [] })).rows
    return Object.values(row ?? {})
  }
  const stats = async (now: number) => {
    const { total, available, expired } = await namespaceStats(db, 'ns', now)
    return { total, available, expired }
  }
  const all = { total: expiredMax + 13, available: 3, expired: expiredMax + 10 }

  expect(await stats(5_500)).toEqual(all)
  expect(await sweep(db, contextAt(5_500))).toBe(true)
  expect(await counted()).toEqual([expiredMax, 5_000, expiredMax])
  expect(await stats(5_500)).toEqual(all)
  // One of either side of the step, and one more that has expired in that moment.
  await change(expiring(expiredMax + 12, expiredMax + 13, 5_000), [
    'item-0',
    `item-${expiredMax + 1}`,
  ])
  const changed = { total: all.total - 1, available: 3, expired: all.expired - 1 }
  expect(await counted()).toEqual([expiredMax - 1, 5_000, expiredMax])
  expect(await stats(5_500)).toEqual(changed)
  expect(await sweep(db, contextAt(5_500))).toBe(true)
  expect(await counted()).toEqual([expiredMax + 9, 5_500, Number.MAX_SAFE_INTEGER])
  expect(await stats(5_500)).toEqual(changed)
  expect(await sweep(db, contextAt(5_500))).toBe(false)

  expect(await sweep(db, contextAt(6_000))).toBe(true)
  expect(await counted()).toEqual([expiredMax + 11, 6_000, Number.MAX_SAFE_INTEGER])
  expect(await stats(6_000)).toEqual({ ...changed, available: 1, expired: changed.expired + 2 })
  await close()
})
