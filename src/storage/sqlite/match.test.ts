import { expect, test } from 'bun:test'
import { tempDatabase } from '../../../test/support/app.ts'
import { contextAt, requestsAt } from '../../../test/support/context.ts'
import { Database } from './database.ts'
import { changeItems } from './item-changes.ts'
import { matchBatch } from './match.ts'
import { namespaceStats } from './namespaces.ts'

test('whoever got an item elsewhere between the read and the write keeps it, and the others get theirs', async () => {
  const { db, path, close } = await tempDatabase()
  const other = await Database.open(`file:${path}`)
  await changeItems(
    db,
    { namespace: 'ns', add: ['A', 'B', 'C', 'D'], remove: [], release: [] },
    contextAt(1),
  )

  // Each reads before either writes.
  const outcomes = await Promise.all([
    matchBatch(db, requestsAt(2, 'ns', 'r', 's')),
    matchBatch(other, requestsAt(3, 'ns', 't', 'r')),
  ])

  expect(outcomes).toEqual([
    [
      { kind: 'matched', item: 'A', matchedAt: 2, alreadyMatched: false },
      { kind: 'matched', item: 'B', matchedAt: 2, alreadyMatched: false },
    ],
    [
      { kind: 'matched', item: 'C', matchedAt: 3, alreadyMatched: false },
      { kind: 'matched', item: 'A', matchedAt: 2, alreadyMatched: true },
    ],
  ])
  // The refused write has left the connection in order: what follows it is committed.
  await matchBatch(other, requestsAt(4, 'ns', 'u'))
  expect(await namespaceStats(db, 'ns')).toEqual({ total: 4, matched: 4, available: 0 })
  await other.close()
  await close()
})

test('a queue that is said to begin too early gives nobody what another one holds', async () => {
  const { db, close } = await tempDatabase()
  await changeItems(db, { namespace: 'ns', add: ['A', 'B'], remove: [], release: [] }, contextAt(1))
  await matchBatch(db, requestsAt(2, 'ns', 'r'))
  await db.write([{ sql: 'UPDATE namespace_stats SET queue_start = 0', params: [] }])

  const next = matchBatch(db, requestsAt(3, 'ns', 's'))
  await expect(next).rejects.toMatchObject({ code: 'unavailable' })
  expect(await matchBatch(db, requestsAt(4, 'ns', 'r'))).toEqual([
    { kind: 'matched', item: 'A', matchedAt: 2, alreadyMatched: true },
  ])
  await close()
})
