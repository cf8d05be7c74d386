import { afterAll, beforeAll, expect, spyOn, test } from 'bun:test'
import { tempDatabase } from '../../../../test/support/app.ts'
import { contextAt, requestsAt } from '../../../../test/support/context.ts'
import { hourMs, type StatsPoint } from '../../../domain/stats-history.ts'
import { limits } from '../../../limits.ts'
import { Database } from '../database.ts'
import { Assumptions } from '../matches/assumptions.ts'
import { confirm } from '../matches/confirm.ts'
import { matchBatch } from '../matches/match-batch.ts'
import { sweep } from '../matches/sweep.ts'
import { removeBatch } from '../stock/batches.ts'
import { changeItems } from '../stock/change-items.ts'
import { changeSettings } from '../stock/namespaces.ts'
import { namespaceStats, statsHistory } from './stats.ts'

const { keptMs, prunedMax } = limits.hours
/** Where an hour begins, and no day. */
const start = 20_000 * 24 * hourMs + 5 * hourMs
const at = (hour: number, ms = 0) => start + hour * hourMs + ms

let temp: Awaited<ReturnType<typeof tempDatabase>>
let db: Database
/** Of another instance. */
let other: Database

beforeAll(async () => {
  temp = await tempDatabase()
  db = temp.db
  other = await Database.open(`file:${temp.path}`)
})
afterAll(async () => {
  await other.close()
  await temp.close()
})

type Lists = Partial<Parameters<typeof changeItems>[1]>
const change = (namespace: string, now: number, lists: Lists) =>
  changeItems(db, { namespace, add: [], remove: [], release: [], ...lists }, contextAt(now))

const nothing = { added: 0, matched: 0, released: 0, removed: 0 }
const pointsOf = (namespace: string, now: number, range: { from?: number; to?: number } = {}) =>
  statsHistory(db, { namespace, from: at(-2), to: at(1_000), step: 'hour', now, ...range })
const point = (hour: number, counts: Partial<StatsPoint>) => ({
  ...{ at: at(hour), ...nothing, available: 0 },
  ...counts,
})
const rowsOf = async (namespace: string) => {
  const sql = 'SELECT at, available FROM hours WHERE namespace = ?1 ORDER BY at'
  const { rows } = await db.read({ sql, params: [namespace] })
  return rows.map((row) => [(Number(row['at']) - start) / hourMs, row['available']])
}

test('what was available after an hour is recorded with the next change or sweep, whichever comes first', async () => {
  for (const [namespace, next] of [
    ['swept', (now: number) => sweep(db, contextAt(now))],
    ['changed', (now: number) => change('changed', now, { add: ['C'] })],
    [
      'set',
      (now: number) => changeSettings(db, { namespace: 'set', settings: {} }, contextAt(now)),
    ],
  ] as const) {
    await change(namespace, at(0, 1), { add: ['A', { item: 'B', expiresAt: at(1, 10) }] })
    const ended = point(0, { added: 2 })
    expect(await pointsOf(namespace, at(0, 2))).toEqual([{ ...ended, available: 2 }])
    // Nothing is recorded yet.
    expect(await pointsOf(namespace, at(1, 10))).toEqual([
      { ...ended, available: 1 },
      point(1, { available: 1 }),
    ])
    await next(at(1, 9))
    const added = namespace === 'changed' ? 1 : 0
    expect(await pointsOf(namespace, at(1, 11))).toEqual([
      { ...ended, available: 2 },
      point(1, { added, available: 1 + added }),
    ])
  }
})

test('hours that bring nothing are written only where time has changed what is available', async () => {
  await change('quiet', at(0), { add: ['A', { item: 'B', expiresAt: at(4, 10) }] })
  for (const hour of [1, 2, 3, 4, 5, 6]) {
    while (await sweep(db, contextAt(at(hour, 1)))) {}
  }
  expect(await rowsOf('quiet')).toEqual([
    [0, 2],
    [4, 1],
  ])
  expect(await pointsOf('quiet', at(6, 2))).toEqual([
    point(0, { added: 2, available: 2 }),
    ...[1, 2, 3].map((hour) => point(hour, { available: 2 })),
    ...[4, 5, 6].map((hour) => point(hour, { available: 1 })),
  ])
})

test('an hour never goes back: what an instance with a clock behind writes counts for the hour that goes on', async () => {
  await change('apart', at(0), { add: ['A', 'B', 'C', 'D'] })
  await matchBatch(db, requestsAt(at(1), 'apart', 'r'))
  await matchBatch(other, requestsAt(at(0, 5), 'apart', 's'))
  await changeItems(
    other,
    { namespace: 'apart', add: ['E'], remove: ['D'], release: [] },
    contextAt(at(0, 6)),
  )
  await sweep(other, contextAt(at(0, 7)))
  await matchBatch(other, requestsAt(at(2), 'apart', 't'))
  expect(await pointsOf('apart', at(2, 1))).toEqual([
    point(0, { added: 4, available: 4 }),
    point(1, { added: 1, removed: 1, matched: 2, available: 2 }),
    point(2, { matched: 1, available: 1 }),
  ])
  expect(await namespaceStats(db, 'apart', at(2, 1))).toMatchObject({ perDay: 3 })
})

test('a batch of matches runs no statement for its hour, but the first one in an hour two', async () => {
  await change('busy', at(0), { add: ['A', 'B', 'C', 'D', 'E', 'F'] })
  const statementsOf = async (hour: number, skipRead: boolean, ...requestors: string[]) => {
    const write = spyOn(db, 'write')
    const requests = requestsAt(at(hour), 'busy', ...requestors)
    const outcomes = await matchBatch(db, requests, { skipRead })
    const counts = write.mock.calls.map(([statements]) => statements.length)
    write.mockRestore()
    expect(outcomes.map(({ kind }) => kind)).toEqual(requestors.map(() => 'matched'))
    return counts
  }
  await matchBatch(db, requestsAt(at(0), 'busy', 'q'))
  expect(await statementsOf(0, false, 'r')).toEqual([2])
  expect(await statementsOf(1, false, 's')).toEqual([4])
  expect(await statementsOf(1, true, 't')).toEqual([2])
  // Without a read the write itself finds that the hour is over, and gives nothing.
  expect(await statementsOf(2, true, 'u')).toEqual([2, 4])
  expect(await pointsOf('busy', at(2, 1))).toEqual([
    point(0, { added: 6, matched: 2, available: 4 }),
    point(1, { matched: 2, available: 2 }),
    point(2, { matched: 1, available: 1 }),
  ])
})

test('a confirmation and a removal of a batch can be the first change in an hour', async () => {
  await change('first', at(0), { add: ['A', 'B', 'C'], batch: 'b' })
  await matchBatch(db, [
    { namespace: 'first', requestor: 'r', holdSeconds: 86_400, ...contextAt(at(0)) },
    { namespace: 'first', requestor: 's', holdSeconds: 1, ...contextAt(at(0)) },
  ])
  const confirmed = { namespace: 'first', requestor: 'r', item: 'A' }
  await confirm(db, confirmed, contextAt(at(1)), new Assumptions())
  const late = { namespace: 'first', requestor: 's', item: 'B' }
  await confirm(db, late, contextAt(at(2)), new Assumptions())
  await removeBatch(db, { namespace: 'first', batch: 'b' }, contextAt(at(3)))
  expect(await pointsOf('first', at(3, 1))).toEqual([
    point(0, { added: 3, available: 2 }),
    point(1, { matched: 1, available: 2 }),
    point(2, { matched: 1, available: 1 }),
    point(3, { removed: 1, available: 0 }),
  ])
})

test('a database of an earlier version has a history from its first change or sweep on', async () => {
  const sql = `INSERT INTO namespaces (namespace, total, matched) VALUES ('old', 3, 3), ('idle', 0, 0)`
  await db.write([{ sql, params: [] }])
  expect(await pointsOf('old', at(1))).toEqual([])
  while (await sweep(db, contextAt(at(1, 5)))) {}
  expect(await pointsOf('old', at(1, 6))).toEqual([point(1, {})])
  while (await sweep(db, contextAt(at(2)))) {}
  expect(await rowsOf('idle')).toEqual([[1, 0]])
  expect(await pointsOf('idle', at(3))).toEqual([point(1, {}), point(2, {}), point(3, {})])
  expect(await pointsOf('never', at(3))).toEqual([])
})

test('a sweep prunes hours that are older than 400 days in bounded steps, and keeps what was available after them', async () => {
  const now = at(50, 1) + keptMs
  const count = 50 + 2 * prunedMax
  await change('long', at(49), { add: ['A'] })
  await db.write([
    {
      sql: `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
            INSERT INTO hours (namespace, at, added, matched, released, removed, available)
            SELECT 'long', ?2 - n * ?3, 1, 0, 0, 0, n FROM n`,
      params: [count, at(49), hourMs],
    },
  ])
  const left = async () => (await rowsOf('long')).length
  const sweepAt = async (time: number) => {
    while (await sweep(db, contextAt(time))) {}
  }
  await sweepAt(now)
  // The same step prunes other namespaces.
  expect(await left()).toBeGreaterThanOrEqual(1 + count - prunedMax)
  expect(await left()).toBeLessThan(count)
  await sweepAt(now + hourMs)
  await sweepAt(now + 2 * hourMs)
  expect(await rowsOf('long')).toEqual([[49, 1]])
  await change('long', now + 2 * hourMs, { add: ['B'] })
  const read = { from: at(0), to: at(54) }
  expect(await pointsOf('long', now + 2 * hourMs, read)).toEqual([point(53, { available: 1 })])
})
