import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Store } from '../src/domain/store.ts'
import { firstMoment, type TestApp, testApp } from './support/app.ts'

type Listed = { batches: { batch: string }[]; nextCursor: string | null }
type Problem = { code: string; errors: { pointer: string; detail: string }[] }

const path = '/namespaces/shop/batches'
const at = (ms: number) => new Date(firstMoment + ms).toISOString()

let app: TestApp
let shop: Awaited<ReturnType<TestApp['keyFor']>>
/** The steps in which batches were removed. */
let steps: number
/** Done between two of these steps. */
let meanwhile: () => Promise<unknown>

const stepping = (store: Store): Store => ({
  ...store,
  removeBatch: async (removal, context) => {
    steps++
    const step = await store.removeBatch(removal, context)
    await meanwhile()
    return step
  },
})

beforeEach(async () => {
  steps = 0
  meanwhile = async () => {}
  app = await testApp({ wrapStore: stepping })
  shop = await app.keyFor('shop')
})
afterEach(() => app.close())

const see = (batch: string) => shop.call('GET', `${path}/${batch}`)
const list = async (query = '') => (await shop.call<Listed>('GET', `${path}${query}`)).body
const takeBack = (batch: string) => shop.call<Record<string, unknown>>('DELETE', `${path}/${batch}`)
const notFound = { status: 404, body: { code: 'not_found', detail: 'There is no such batch.' } }
const removed = (count: number, kept: number) => ({
  success: true,
  message: count === 0 ? 'No changes made' : `Removed ${count} items`,
  removed: count,
  kept,
})

describe('batches', () => {
  test('are listed with who brought them, the latest first, a page at a time', async () => {
    await shop.import('A\nB\n', 'text/plain', '?batch=june')
    app.advance(5)
    await shop.patch({ add: ['C'], batch: 'may' })
    await shop.import('D\n', 'text/plain', '?batch=june')
    const by = { keyId: shop.id }
    const [may, june] = [
      { batch: 'may', at: at(5), by, received: 1 },
      { batch: 'june', at: at(0), by, received: 3 },
    ]

    expect(await list()).toEqual({ batches: [may, june], nextCursor: null } as never)
    const first = await list('?limit=1')
    expect(first.batches).toEqual([may])
    expect(await list(`?limit=1&cursor=${first.nextCursor}`)).toEqual({
      batches: [june],
      nextCursor: null,
    } as never)
  })

  test('say what became of their items', async () => {
    const add = [...['A', 'B', 'C', 'D'], { item: 'E', expiresAt: at(1) }]
    await shop.patch({ add, batch: 'june' })
    await shop.match('u')
    await shop.match('v', { holdSeconds: 60 })
    await shop.patch({ remove: ['C'] })
    app.advance(1)

    expect((await see('june')).body).toEqual({
      ...{ batch: 'june', at: at(0), by: { keyId: shop.id }, received: 5 },
      ...{ available: 1, matched: 1, held: 1, expired: 1, removed: 1 },
    })
  })

  test('belong to their namespace', async () => {
    await shop.patch({ add: ['A'], batch: 'june' })
    const other = await app.keyFor('other')
    expect(await other.call('GET', '/namespaces/other/batches/june')).toMatchObject(notFound)
    expect(await other.call('DELETE', '/namespaces/other/batches/june')).toMatchObject(notFound)
    expect((await shop.stats()).body).toMatchObject({ available: 1 })
  })

  test('that are unknown are a 404', async () => {
    expect(await see('june')).toMatchObject(notFound)
    expect(await takeBack('june')).toMatchObject(notFound)
  })

  test.each([
    ['GET', '?limit=0', '#/limit'],
    ['GET', '?cursor=june', '#/cursor'],
    ['GET', '?order=asc', '#'],
    ['GET', '/-june', '#/batch'],
    ['DELETE', '/-june', '#/batch'],
    ['DELETE', '/june?force=true', '#'],
  ])('refuse %s %s', async (method, rest, pointer) => {
    const { status, body } = await shop.call<Problem>(method, path + rest)
    expect([status, body.errors.map((error) => error.pointer)]).toEqual([422, [pointer]])
  })
})

describe('a batch that is taken back', () => {
  test('loses what nobody has, and a repeat what became available since', async () => {
    const add = [...['A', 'B', 'C'], { item: 'D', expiresAt: at(1) }]
    await shop.patch({ add, batch: 'june' })
    await shop.patch({ add: ['X'] })
    await shop.match('u')
    await shop.match('v', { holdSeconds: 60 })
    app.advance(1)

    expect(await takeBack('june')).toMatchObject({ status: 200, body: removed(2, 2) })
    expect(await takeBack('june')).toMatchObject({ status: 200, body: removed(0, 2) })
    expect((await shop.stats()).body).toEqual({
      ...{ total: 3, matched: 1, available: 1, held: 1, expired: 0 },
      ...{ perDay: 1, runsOutAt: expect.any(String) },
    })
    app.advance(60_000)
    expect((await takeBack('june')).body).toEqual(removed(1, 1))
    expect((await shop.match('u')).body).toMatchObject({ item: 'A', alreadyMatched: true })
  })

  test('of many items goes in steps, between which others match, and the totals are exact', async () => {
    const items = Array.from({ length: 50_000 }, (_, n) => `item-${n}`)
    await shop.import(items.join('\n'), 'text/plain', '?batch=june')
    await Promise.all(Array.from({ length: 10 }, (_, n) => shop.match(`u${n}`)))
    let matches = 10
    meanwhile = async () => {
      const { body } = await shop.match(`meanwhile-${matches}`)
      if (body.success) matches++
    }
    const { body } = await takeBack('june')

    expect(steps).toBeGreaterThan(3)
    expect((await shop.stats()).body).toEqual({
      ...{ total: matches, matched: matches, available: 0, held: 0, expired: 0 },
      ...{ perDay: matches, runsOutAt: expect.any(String) },
    })
    expect(body).toMatchObject({ success: true, removed: 50_000 - matches })
    expect(body['kept']).toBeLessThanOrEqual(matches)
    expect((await see('june')).body).toMatchObject({ matched: matches, removed: 50_000 - matches })
  })
})
