import { afterEach, beforeEach, describe, expect, spyOn, test } from 'bun:test'
import { type Client, createClient } from '@libsql/client'
import type { Statement } from '../src/storage/sqlite/database.ts'
import { type TestApp, testApp } from './support/app.ts'

let app: TestApp
let shop: Awaited<ReturnType<TestApp['keyFor']>>
let other: Client

beforeEach(async () => {
  // A sweep in the background would be counted along.
  app = await testApp({ wrapStore: (store) => ({ ...store, sweep: async () => false }) })
  other = createClient({ url: `file:${app.path}` })
  shop = await app.keyFor('shop')
  await shop.patch({ add: ['A', 'B'] })
  await shop.match('holder')
})
afterEach(async () => {
  other.close()
  await app.close()
})

/** Runs an action and counts the reads of items and the write batches on them that the database saw. */
async function counted(action: () => Promise<unknown>) {
  const read = spyOn(app.db, 'read')
  const write = spyOn(app.db, 'write')
  await action()
  const onItems = ({ sql }: Statement) => /\bitems\b/.test(sql)
  const counts = {
    reads: read.mock.calls.filter(([statement]) => onItems(statement)).length,
    writes: write.mock.calls.filter(([statements]) => statements.some(onItems)).length,
  }
  read.mockRestore()
  write.mockRestore()
  return counts
}

test('matches in many namespaces at once are one read and one write batch', async () => {
  const namespaces = await Promise.all(
    Array.from({ length: 15 }, async (_, n) => {
      const namespace = await app.keyFor(`namespace-${n}`)
      await namespace.patch({ add: ['A', 'B', 'C'] })
      return namespace
    }),
  )
  const matchAll = () =>
    Promise.all(namespaces.flatMap((it) => ['u1', 'u2'].map((requestor) => it.match(requestor))))

  expect(await counted(matchAll)).toEqual({ reads: 1, writes: 1 })
})

test('that is the same with a webhook on all events', async () => {
  const events = ['stock.low', 'stock.exhausted', 'stock.refilled', 'items.removed']
  const body = { url: 'https://1.1.1.1/', events, namespaces: ['other'] }
  expect((await app.master('POST', '/admin/webhooks', body)).status).toBe(200)
  const namespaces = await Promise.all(
    Array.from({ length: 15 }, async (_, n) => {
      const namespace = await app.keyFor(`namespace-${n}`)
      await namespace.patch({ add: ['A', 'B', 'C'] })
      return namespace
    }),
  )
  // Learns that somebody listens.
  await shop.match('another')
  const matchAll = () => Promise.all(namespaces.map((it) => it.match('u')))

  expect(await counted(matchAll)).toEqual({ reads: 1, writes: 1 })
})

test('repeats and exhausted namespaces are a read and no write', async () => {
  const empty = await app.keyFor('empty')

  const counts = await counted(async () => {
    const [held, none] = await Promise.all([shop.match('holder'), empty.match('anyone')])
    expect([held.body.item, none.body.success]).toEqual(['A', false])
  })

  expect(counts).toEqual({ reads: 1, writes: 0 })
})

test('repeats and exhausted namespaces are answered while another process holds the write lock', async () => {
  await shop.patch({ add: ['C', 'D', 'E', 'F', 'G', 'H', 'I'] })
  for (const requestor of 'bcdefghi') await shop.match(requestor)
  const lock = await other.transaction('write')

  expect((await shop.match('holder')).body).toMatchObject({ item: 'A', alreadyMatched: true })
  expect((await shop.match('third')).body.success).toBe(false)

  await lock.rollback()
})

describe('where all were new in eight batches on end', () => {
  let asked = 0
  const crowd = (...others: string[]) =>
    Promise.all([
      ...others.map((requestor) => shop.match(requestor)),
      ...Array.from({ length: 8 }, () => shop.match(`r${++asked}`)),
    ])
  const stock = (count: number) =>
    shop.patch({ add: Array.from({ length: count }, (_, n) => `item-${n}`) })

  // The holder was the first.
  beforeEach(async () => {
    await stock(66)
    for (let n = 0; n < 6; n++) await crowd()
    expect(await counted(() => crowd())).toEqual({ reads: 1, writes: 1 })
  })

  test('a crowd is written at once, and read first again once somebody in it was not', async () => {
    await stock(100)
    expect(await counted(() => crowd())).toEqual({ reads: 0, writes: 1 })

    let answers: Awaited<ReturnType<typeof crowd>> = []
    const mistaken = await counted(async () => {
      answers = await crowd('holder')
    })
    expect(answers.map(({ body }) => body.alreadyMatched)).toEqual([true, ...Array(8).fill(false)])
    expect(answers[0]?.body.item).toBe('A')
    expect(mistaken).toEqual({ reads: 1, writes: 2 })
    expect(await counted(() => crowd())).toEqual({ reads: 1, writes: 1 })
  })

  test('a crowd that is larger than the stock is told so, and the next is read first again', async () => {
    await crowd()
    let answers: Awaited<ReturnType<typeof crowd>> = []
    const mistaken = await counted(async () => {
      answers = await crowd()
    })
    expect(answers.map(({ body }) => body.success)).toEqual([
      ...Array(3).fill(true),
      ...Array(5).fill(false),
    ])
    expect(mistaken).toEqual({ reads: 1, writes: 1 })
    expect(await counted(() => crowd())).toEqual({ reads: 1, writes: 0 })
  })
})

test('the first use of a key is answered while its note waits for the write lock', async () => {
  const fresh = await app.keyFor('shop')
  const lock = await other.transaction('write')

  expect((await fresh.stats()).status).toBe(200)

  await lock.rollback()
})

test('matches past the bound of the queue are a 503 at once, and the others are served', async () => {
  const lock = await other.transaction('write')
  const asked = Array.from({ length: 10_300 }, (_, n) => shop.match(`u${n}`))
  const refused = await Promise.any(
    asked.map(async (answer) => {
      const { status, headers, body } = await answer
      if (status !== 503) throw new Error('served')
      return { retry: headers.get('retry-after'), body }
    }),
  )
  await lock.rollback()

  expect(refused).toMatchObject({ retry: '1', body: { code: 'unavailable', status: 503 } })
  const statuses = (await Promise.all(asked)).map(({ status }) => status)
  expect(new Set(statuses)).toEqual(new Set([200, 503]))
  expect((await shop.stats()).body).toEqual({
    total: 2,
    matched: 2,
    available: 0,
    held: 0,
    expired: 0,
    ...{ perDay: 2, runsOutAt: '2030-01-01T00:00:00.000Z' },
  })
})

test('changes past the bound of waiting writes are a 503 at once, and the others are made', async () => {
  const lock = await other.transaction('write')
  const asked = Array.from({ length: 1_100 }, (_, n) => shop.patch({ add: [`added-${n}`] }))
  const refused = await Promise.any(
    asked.map(async (answer) => {
      const { status, body } = await answer
      if (status !== 503) throw new Error('served')
      return body
    }),
  )
  await lock.rollback()

  expect(refused).toMatchObject({ code: 'unavailable' })
  const made = (await Promise.all(asked)).filter(({ status }) => status === 200)
  expect((await shop.stats()).body.total).toBe(2 + made.length)
})
