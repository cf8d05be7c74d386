import { expect, test } from 'bun:test'
import { tempDatabase } from '../../test/support/app.ts'
import { Database } from './database.ts'
import { matchBatch } from './matches.ts'
import { countItems } from './stats.ts'
import { changeItems } from './stock.ts'

test('whoever got an item elsewhere between the read and the write keeps it, and the others get theirs', async () => {
  const { db, path, close } = await tempDatabase()
  const other = await Database.open(`file:${path}`)
  await changeItems(db, 'ns', { add: ['A', 'B', 'C', 'D'], remove: [], release: [] }, 1)
  const requests = (...requestors: string[]) =>
    requestors.map((requestor) => ({ namespace: 'ns', requestor }))

  // Each reads before either writes.
  const outcomes = await Promise.all([
    matchBatch(db, requests('r', 's'), 2),
    matchBatch(other, requests('t', 'r'), 3),
  ])

  expect(outcomes).toEqual([
    [
      { item: 'A', matchedAt: 2, alreadyMatched: false },
      { item: 'B', matchedAt: 2, alreadyMatched: false },
    ],
    [
      { item: 'C', matchedAt: 3, alreadyMatched: false },
      { item: 'A', matchedAt: 2, alreadyMatched: true },
    ],
  ])
  // The refused write has left the connection in order: what follows it is committed.
  await matchBatch(other, requests('u'), 4)
  expect(await countItems(db, 'ns')).toEqual({ total: 4, matched: 4, available: 0 })
  await other.close()
  await close()
})

test('a queue that is said to begin too early gives nobody what another one holds', async () => {
  const { db, close } = await tempDatabase()
  await changeItems(db, 'ns', { add: ['A', 'B'], remove: [], release: [] }, 1)
  await matchBatch(db, [{ namespace: 'ns', requestor: 'r' }], 2)
  await db.write([{ sql: 'UPDATE namespace_stats SET queue_start = 0', params: [] }])

  const next = matchBatch(db, [{ namespace: 'ns', requestor: 's' }], 3)
  await expect(next).rejects.toMatchObject({ code: 'unavailable' })
  expect(await matchBatch(db, [{ namespace: 'ns', requestor: 'r' }], 4)).toEqual([
    { item: 'A', matchedAt: 2, alreadyMatched: true },
  ])
  await close()
})
