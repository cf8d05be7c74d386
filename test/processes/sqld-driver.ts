import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { createClient } from '@libsql/client'
import { UnknownOutcome } from '../../src/storage/engine/retry.ts'
import { Database } from '../../src/storage/sqlite/database.ts'
import { isUniqueViolation } from '../../src/storage/sqlite/drivers/client.ts'
import { matchBatch } from '../../src/storage/sqlite/matches/match-batch.ts'
import { migrate, pendingMigrations } from '../../src/storage/sqlite/migrations.ts'
import { changeItems } from '../../src/storage/sqlite/stock/change-items.ts'
import { contextAt, requestsAt } from '../support/context.ts'
import { freePort } from '../support/process.ts'
import { type ProxiedSqld, startProxiedSqld } from '../support/proxied.ts'
import { type Fate, startProxy, type TcpProxy } from '../support/proxy.ts'
import { addressOf, type Sqld, sqldIsHere } from '../support/sqld.ts'

const plain = { data: null, expiresAt: null, heldUntil: null }
const boundMs = 5_000

describe.skipIf(!sqldIsHere)('a libSQL server', () => {
  let proxied: ProxiedSqld
  let sqld: Sqld
  let proxy: TcpProxy
  let db: Database
  let name: string
  let address: string

  beforeAll(async () => {
    proxied = await startProxiedSqld()
    ;({ sqld, proxy } = proxied)
  })
  afterAll(() => proxied.stop())
  beforeEach(async () => {
    ;({ name, address, db } = await proxied.fresh())
    await migrate(db)
  })
  afterEach(async () => {
    proxy.decide(() => 'pass')
    proxy.release()
    await db.close()
  })

  /** Decides the fate of the pieces that hold this text and those after it, on their way there or back. */
  const onStatement = (
    text: string,
    direction: 'request' | 'answer',
    fate: Fate,
    times: number,
  ) => {
    let sent = 0
    let left = times
    let answering: unknown
    proxy.decide((way, piece, connection) => {
      if (way === 'request' && piece.includes(text)) {
        sent++
        if (left-- <= 0) return 'pass'
        if (direction === 'request') return fate
        answering = connection
      } else if (way === 'answer' && connection === answering) {
        answering = undefined
        return fate
      }
      return 'pass'
    })
    return { sent: () => sent }
  }
  const add = (...items: string[]) =>
    changeItems(db, { namespace: 'shop', add: items, remove: [], release: [] }, contextAt(1))
  const match = (...requestors: string[]) => matchBatch(db, requestsAt(5, 'shop', ...requestors))
  const matched = async () =>
    (
      await createClient({ url: address }).execute(
        'SELECT requestor, item FROM items WHERE requestor IS NOT NULL ORDER BY id',
      )
    ).rows.map((row) => [row['requestor'], row['item']])

  test('reads, writes all or nothing, and tells whether it syncs on commit', async () => {
    const insert = { sql: `INSERT INTO items (namespace, item, created_at) VALUES ('a', 'b', 0)` }
    const twice = [insert, insert].map((statement) => ({ ...statement, params: [] }))

    expect(await db.write(twice).catch(isUniqueViolation)).toBe(true)
    const count = async () =>
      (await db.read({ sql: 'SELECT count(*) AS n FROM items', params: [] })).rows[0]?.['n']
    expect(await count()).toBe(0)

    await db.write(twice.slice(1))
    expect(await db.write(twice.slice(1)).catch(isUniqueViolation)).toBe(true)
    expect(await count()).toBe(1)
    expect(await db.durability()).toBe('full')
    expect(await (await Database.open(await sqld.create('lax', 'relaxed'))).durability()).toBe(
      'relaxed',
    )
  })

  test('is brought up to date by several that start at once', async () => {
    const fresh = await sqld.create('fresh')
    const all = await Promise.all(Array.from({ length: 8 }, () => Database.open(fresh)))

    await Promise.all(all.map((one) => migrate(one)))
    for (const one of all) expect(await pendingMigrations(one)).toEqual([])
  })

  test('waits for a lock that another client gives back', async () => {
    const other = await createClient({ url: address }).transaction('write')
    // A server hears of a transaction with its first statement.
    await other.execute('SELECT 1')
    let done = false
    const write = add('A').finally(() => {
      done = true
    })
    await Bun.sleep(300)
    expect(done).toBe(false)
    await other.rollback()

    expect(await write).toMatchObject({ added: 1 })
  })

  test('a read whose connection is cut is made again', async () => {
    await add('A')
    const seen = onStatement('SELECT 42', 'answer', 'cut', 3)

    const { rows } = await db.read({ sql: 'SELECT 42 AS answer', params: [] })
    expect([rows[0]?.['answer'], seen.sent()]).toEqual([42, 4])
  })

  test.each(['request', 'answer'] as const)(
    'a change whose %s is cut is sent once, and its outcome is unknown',
    async (direction) => {
      await add('A')
      await match('r')
      const seen = onStatement('UPDATE items', direction, 'cut', 1)
      const release = changeItems(
        db,
        { namespace: 'shop', add: [], remove: [], release: ['A'] },
        contextAt(2),
      )

      expect(await release.catch((error) => error)).toBeInstanceOf(UnknownOutcome)
      expect(seen.sent()).toBe(1)
      expect(await matched()).toHaveLength(1)
      const { rows } = await db.read({ sql: 'SELECT count(*) AS n FROM items', params: [] })
      expect(rows[0]?.['n']).toBe(direction === 'answer' ? 2 : 1)
    },
  )

  test.each([
    ['request', false],
    ['answer', false],
    ['request', true],
    ['answer', true],
  ] as const)(
    'a match whose %s is cut is looked up, and answered as the first (read skipped: %p)',
    async (direction, skipRead) => {
      await add('A', 'B', 'C')
      onStatement('UPDATE items', direction, 'cut', 1)
      const requests = requestsAt(5, 'shop', 'r1', 'r2', 'r1')

      expect(await matchBatch(db, requests, { skipRead })).toEqual([
        { kind: 'matched', ...plain, item: 'A', matchedAt: 5, alreadyMatched: false },
        { kind: 'matched', ...plain, item: 'B', matchedAt: 5, alreadyMatched: false },
        { kind: 'matched', ...plain, item: 'A', matchedAt: 5, alreadyMatched: true },
      ])
      expect(await matched()).toEqual([
        ['r1', 'A'],
        ['r2', 'B'],
      ])
    },
  )

  test('one that was killed is found again by the same instance', async () => {
    await add('A')
    const restarted = sqld.restart()
    const early = match('r')
    await restarted

    expect(await early).toEqual([
      { kind: 'matched', ...plain, item: 'A', matchedAt: 5, alreadyMatched: false },
    ])
    expect(await db.durability()).toBe('full')
  })

  test('what does not answer hangs nobody, and is unavailable, never none', async () => {
    await add('A', 'B')
    const cutting = await startProxy(sqld.ports.http)
    cutting.decide((way) => (way === 'answer' ? 'cut' : 'pass'))
    const cut = await Database.open(addressOf(name, cutting.port))
    const deaf = await Database.open(`http://127.0.0.1:${freePort()}`)
    const nowhere = await Database.open(addressOf('nowhere', sqld.ports.http))
    proxy.decide(() => 'hold')
    const startedMs = performance.now()
    const calls = [
      ...[match('r'), add('C'), db.durability(), ...Array.from({ length: 20 }, () => add('D'))],
      ...[matchBatch(cut, requestsAt(5, 'shop', 'r')), migrate(deaf)],
      migrate(nowhere),
    ]

    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
    }
    expect(performance.now() - startedMs).toBeLessThan(boundMs)
    cutting.stop()
    proxy.decide(() => 'pass')
    proxy.release()
    expect(await match('r', 's', 't')).toMatchObject([
      { item: 'A' },
      { item: 'B' },
      { reason: 'none_left' },
    ])
  })
})
