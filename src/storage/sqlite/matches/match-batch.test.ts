import { expect, spyOn, test } from 'bun:test'
import { tempDatabase } from '../../../../test/support/app.ts'
import { contextAt, requestsAt } from '../../../../test/support/context.ts'
import type { MatchOutcome } from '../../../domain/match.ts'
import { limits } from '../../../limits.ts'
import { Database } from '../database.ts'
import { namespaceStats } from '../records/stats.ts'
import { changeItems } from '../stock/change-items.ts'
import { importRows } from '../stock/import-rows.ts'
import { listItems } from '../stock/items.ts'
import { Assumptions } from './assumptions.ts'
import { confirm } from './confirm.ts'
import { matchBatch } from './match-batch.ts'
import { replaceMatch } from './replace.ts'
import { sweep } from './sweep.ts'

const requestOf = (namespace: string, requestor: string) => ({
  ...{ namespace, requestor },
  ...contextAt(2),
})
const itemOf = (outcome: MatchOutcome) => outcome.kind === 'matched' && outcome.item

const plain = { data: null, expiresAt: null, heldUntil: null }

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
      { kind: 'matched', ...plain, item: 'A', matchedAt: 2, alreadyMatched: false },
      { kind: 'matched', ...plain, item: 'B', matchedAt: 2, alreadyMatched: false },
    ],
    [
      { kind: 'matched', ...plain, item: 'C', matchedAt: 3, alreadyMatched: false },
      { kind: 'matched', ...plain, item: 'A', matchedAt: 2, alreadyMatched: true },
    ],
  ])
  // The refused write has left the connection in order: what follows it is committed.
  await matchBatch(other, requestsAt(4, 'ns', 'u'))
  expect(await namespaceStats(db, 'ns', 5)).toEqual({
    total: 4,
    matched: 4,
    available: 0,
    held: 0,
    expired: 0,
    ...{ perDay: 4, runsOutAt: 5 },
  })
  await other.close()
  await close()
})

test('an item that is bound out of turn leaves the ones before it in the queue', async () => {
  const { db, close } = await tempDatabase()
  await changeItems(
    db,
    { namespace: 'ns', add: ['A', 'B', 'C', 'D'], remove: [], release: [] },
    contextAt(1),
  )
  const rows = [{ item: 'C', requestor: 'r', matchedAt: 2 }]
  const options = { begun: true, restore: true, dryRun: false }
  const chunk = { namespace: 'ns', rows, batch: 'b', received: 1, ...options }
  expect(await importRows(db, chunk, contextAt(3))).toMatchObject({ matched: 1, conflicts: [] })

  expect(await namespaceStats(db, 'ns', 4)).toMatchObject({ matched: 1, available: 3 })
  const outcomes = await matchBatch(db, requestsAt(5, 'ns', 's', 't', 'r', 'u', 'v'))
  expect(outcomes).toMatchObject([
    { item: 'A' },
    { item: 'B' },
    { item: 'C', alreadyMatched: true },
    { item: 'D' },
    { reason: 'none_left' },
  ])
  await close()
})

test.each([
  ['a sweep', (db: Database) => sweep(db, contextAt(2_000))],
  ['another match', (db: Database) => matchBatch(db, requestsAt(2_000, 'ns', 'late'))],
])('what %s has found expired stays so, although another clock is behind', async (_, decide) => {
  const { db, close } = await tempDatabase()
  const add = ['A', { item: 'B', expiresAt: 1_000 }]
  await changeItems(db, { namespace: 'ns', add, remove: [], release: [] }, contextAt(1))
  expect(await matchBatch(db, requestsAt(2, 'ns', 'r'))).toMatchObject([{ item: 'A' }])
  await decide(db)

  const none = { kind: 'refused', reason: 'none_left' } as const
  const request = { namespace: 'ns', requestor: 'r', replace: 'A' }
  expect(await matchBatch(db, requestsAt(500, 'ns', 's'))).toEqual([none])
  expect(await replaceMatch(db, request, contextAt(500), new Assumptions())).toEqual(none)
  expect(await matchBatch(db, requestsAt(501, 'ns', 'r'))).toMatchObject([{ item: 'A' }])
  const counts = { total: 2, matched: 1, available: 0, held: 0, expired: 1, perDay: 1 }
  for (const now of [500, 3_000])
    expect(await namespaceStats(db, 'ns', now)).toEqual({ ...counts, runsOutAt: now })
  const expired = await listItems(db, { namespace: 'ns', status: 'expired', limit: 9, now: 500 })
  expect(expired.items.map(({ item }) => item)).toEqual(['B'])
  await close()
})

test('what a clock far ahead has found expired is available again with the next sweep, once that is right', async () => {
  const { db, close } = await tempDatabase()
  const [today, day] = [1_000_000_000, 24 * 3_600_000]
  const add = ['A', { item: 'B', expiresAt: today + 1 }, { item: 'C', expiresAt: today + 9 * day }]
  await changeItems(db, { namespace: 'ns', add, remove: [], release: [] }, contextAt(today))
  while (await sweep(db, contextAt(today + 30 * day)));
  const late = [{ item: 'D', expiresAt: today + 2 * day }]
  await changeItems(db, { namespace: 'ns', add: late, remove: [], release: [] }, contextAt(today))
  const counts = { total: 4, matched: 0, held: 0 }
  expect(await namespaceStats(db, 'ns', today)).toMatchObject({ ...counts, available: 1 })

  while (await sweep(db, contextAt(today + 2)));
  const swept = { ...counts, available: 3, expired: 1 }
  expect(await namespaceStats(db, 'ns', today + 2)).toMatchObject(swept)
  const outcomes = await matchBatch(db, requestsAt(today + 3, 'ns', 'r', 's', 't', 'u'))
  expect(outcomes).toMatchObject([
    { item: 'A' },
    { item: 'C' },
    { item: 'D' },
    { reason: 'none_left' },
  ])
  await close()
})

test('however many holds have lapsed, one write takes back as many as it needs and gives the oldest', async () => {
  const { db, close } = await tempDatabase()
  const lapsing = Array.from({ length: 5_000 }, (_, n) => `I-${n}`)
  const none = { remove: [], release: [] }
  await changeItems(db, { namespace: 'held', add: lapsing, ...none }, contextAt(1))
  await changeItems(db, { namespace: 'ns', add: ['A'], ...none }, contextAt(1))
  const holds = lapsing.map((item) => ({ ...requestOf('held', item), holdSeconds: 1 }))
  for (let n = 0; n < holds.length; n += 250) await matchBatch(db, holds.slice(n, n + 250))

  const write = spyOn(db, 'write')
  const batch = requestsAt(5_000, 'held', 'new', 'I-4999', 'I-7')
  const [...outcomes] = await matchBatch(db, [...batch, ...requestsAt(5_000, 'ns', 'r')])
  expect(outcomes.map(itemOf)).toEqual(['I-0', 'I-1', 'I-2', 'A'])
  expect(write).toHaveBeenCalledTimes(1)
  const { rows } = await db.read({
    sql: "SELECT count(*) AS lapses FROM events WHERE event = 'lapsed'",
    params: [],
  })
  expect(rows).toEqual([{ lapses: limits.tidy.lapsedMax + 2 }])
  const left = { total: 5_000, matched: 3, available: 4_997, held: 0, expired: 0 }
  expect(await namespaceStats(db, 'held', 5_000)).toMatchObject(left)

  // Those that are given next come before all that is still to be taken back.
  const next = await matchBatch(db, requestsAt(5_001, 'held', 'I-0', 'I-4998'))
  expect(next.map(itemOf)).toEqual(['I-3', 'I-4'])
  const kept = { namespace: 'held', requestor: 'I-4997', item: 'I-4997' }
  const confirmed = await confirm(db, kept, contextAt(5_002), new Assumptions())
  expect(confirmed).toMatchObject({ kind: 'matched', item: 'I-4997' })
  const replace = { ...requestOf('held', 'new'), replace: 'I-0' }
  const replaced = await replaceMatch(db, replace, contextAt(5_003), new Assumptions())
  expect(replaced).toMatchObject({ kind: 'matched', item: 'I-5', replaced: true })
  while (await sweep(db, contextAt(5_004)));
  const swept = { total: 4_999, matched: 6, available: 4_993, held: 0, expired: 0 }
  expect(await namespaceStats(db, 'held', 5_004)).toMatchObject(swept)
  await close()
})

test('a confirmation keeps no other item, which a replacement has given meanwhile', async () => {
  const { db, path, close } = await tempDatabase()
  const other = await Database.open(`file:${path}`)
  const add = ['A', 'B']
  await changeItems(db, { namespace: 'ns', add, remove: [], release: [] }, contextAt(1))
  const request = { namespace: 'ns', requestor: 'r', holdSeconds: 9 }
  await matchBatch(db, [{ ...request, ...contextAt(2) }])

  // The replacement comes between the read and the write of the confirmation.
  const write = spyOn(db, 'write')
  write.mockImplementationOnce(async (statements) => {
    await replaceMatch(other, { ...request, replace: 'A' }, contextAt(3), new Assumptions())
    return db.write(statements)
  })
  const confirmation = { namespace: 'ns', requestor: 'r', item: 'A' }
  expect(await confirm(db, confirmation, contextAt(4), new Assumptions())).toEqual({
    kind: 'lapsed',
  })
  expect(await namespaceStats(db, 'ns', 5)).toMatchObject({ held: 1, matched: 0 })
  await other.close()
  await close()
})

test('a confirmation takes an item back from a hold that is given late, and has lapsed already', async () => {
  const { db, path, close } = await tempDatabase()
  const other = await Database.open(`file:${path}`)
  await changeItems(db, { namespace: 'ns', add: ['A'], remove: [], release: [] }, contextAt(1))
  const hold = (requestor: string) => ({ namespace: 'ns', requestor, holdSeconds: 1 })
  await matchBatch(db, [{ ...hold('r'), ...contextAt(2) }])
  await sweep(db, contextAt(2_000))

  // A request that has waited since 900 gets the item between the read and the write of the confirmation.
  const write = spyOn(db, 'write')
  write.mockImplementationOnce(async (statements) => {
    await matchBatch(other, [{ ...hold('s'), ...contextAt(900) }])
    return db.write(statements)
  })
  const confirmation = { namespace: 'ns', requestor: 'r', item: 'A' }
  expect(await confirm(db, confirmation, contextAt(2_001), new Assumptions())).toMatchObject({
    kind: 'matched',
    item: 'A',
    matchedAt: 2_001,
  })
  await other.close()
  await close()
})
