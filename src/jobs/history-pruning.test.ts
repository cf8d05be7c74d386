import { afterAll, beforeAll, expect, test } from 'bun:test'
import pino from 'pino'
import { firstMoment, type TestApp, testApp } from '../../test/support/app.ts'
import type { Store } from '../domain/store.ts'
import { createJobs } from './jobs.ts'

const dayMs = 24 * 3_600_000
let app: TestApp
let store: Store
beforeAll(async () => {
  app = await testApp({
    wrapStore: (each) => {
      store = each
      return each
    },
  })
})
afterAll(() => app.close())

test('what was recorded before HISTORY_DAYS is pruned, and rows tell what they still tell', async () => {
  const shop = await app.keyFor('shop')
  const changes = (n: number) =>
    Array.from({ length: n }, (_, at) => ({ sql: changeAt, params: [firstMoment + at] }))
  await app.db.write(changes(4_500))
  await shop.patch({ add: ['A', 'B'], note: 'old' })
  await shop.match('ann', { holdSeconds: 1 })
  app.advance(8 * dayMs)
  await shop.match('bob')
  await shop.match('cy')
  await shop.patch({ remove: ['A'], note: 'new' })
  const before = (await shop.history('?item=A')).body.events.map(({ event }) => event)

  const clock = () => new Date(firstMoment + 8 * dayMs)
  const log = pino({ enabled: false })
  const jobs = createJobs({
    ...{ store, clock, log },
    ...{ historyDays: 7, webhooksAllowPrivate: false },
  })
  jobs.start()
  while ((await countOf('changes')) > 1 || (await countOf('events')) > 1)
    await new Promise(setImmediate)
  await jobs.stop()

  expect(before).toEqual(['removed', 'matched', 'lapsed', 'held', 'added'])
  const { body } = await shop.history('?item=A')
  expect(body.events).toMatchObject([
    { event: 'removed', note: 'new', by: { keyId: shop.id } },
    { event: 'matched', requestor: 'bob', by: { keyId: shop.id } },
    { event: 'lapsed', requestor: 'ann' },
    { event: 'added', note: null, by: null, requestId: null },
  ])
  expect((await shop.history()).body.events).toMatchObject([{ event: 'removed', item: 'A' }])
})

const changeAt = `INSERT INTO changes (namespace, at, actor, kind) VALUES ('other', ?1, 1, 'items')`

async function countOf(table: string): Promise<number> {
  const { rows } = await app.db.read({ sql: `SELECT count(*) AS rows FROM ${table}`, params: [] })
  return Number(rows[0]?.['rows'])
}
