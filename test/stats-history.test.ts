import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { runsOutAt } from '../src/domain/namespace.ts'
import { firstMoment, type TestApp, testApp } from './support/app.ts'

type Problem = { errors: { pointer: string; detail: string }[] }
type History = { points: Record<string, unknown>[] } & Partial<Problem>

const hourMs = 3_600_000
const at = (hours: number) => new Date(firstMoment + hours * hourMs).toISOString()
const nothing = { added: 0, matched: 0, released: 0, removed: 0 }

let app: TestApp
let shop: Awaited<ReturnType<TestApp['keyFor']>>

beforeAll(async () => {
  app = await testApp({ wrapStore: (store) => ({ ...store, sweep: async () => false }) })
  shop = await app.keyFor('shop')
  await shop.patch({ add: ['A', 'B', 'C', 'D', 'E'] })
  await shop.match('u')
  app.advance(2 * hourMs)
  await shop.patch({ remove: ['B'], release: ['A'] })
  app.advance(23 * hourMs)
  await shop.match('v')
  app.advance(hourMs / 2)
})
afterAll(() => app.close())

const history = async (query = '') => {
  const { status, body } = await shop.call<History>('GET', `${shop.path}/stats/history${query}`)
  return { status, ...body }
}
/** The hours of the last day: half an hour of the last one is over. */
const hours = Array.from({ length: 26 }, (_, hour) => {
  if (hour === 0) return { at: at(0), ...nothing, added: 5, matched: 1, available: 4 }
  if (hour === 2) return { at: at(2), ...nothing, released: 1, removed: 1, available: 4 }
  if (hour === 25) return { at: at(25), ...nothing, matched: 1, available: 3 }
  return { at: at(hour), ...nothing, available: 4 }
})

describe('a history of counts', () => {
  test('has the last 24 hours, or 30 days, unless said', async () => {
    expect(await history()).toEqual({ status: 200, points: hours.slice(-24) })
    expect(await history('?step=day')).toEqual({
      status: 200,
      points: [
        { at: at(0), added: 5, matched: 1, released: 1, removed: 1, available: 4 },
        { at: at(24), ...nothing, matched: 1, available: 3 },
      ],
    })
    expect(await history(`?to=${at(10)}`)).toEqual({ status: 200, points: hours.slice(0, 10) })
  })

  test('begins with the step of from, and ends with the last one that begins before to', async () => {
    expect(await history(`?from=${at(1.5)}&to=${at(3)}`)).toEqual({
      ...{ status: 200, points: hours.slice(1, 3) },
    })
    expect((await history(`?from=${at(1)}&to=${at(3.01)}`)).points).toEqual(hours.slice(1, 4))
    const { points } = await history(`?from=${at(3)}&to=${at(4)}&step=day`)
    expect(points.map((point) => point['at'])).toEqual([at(0)])
  })

  test('has no points of the future, nor of the time before the first change', async () => {
    expect((await history(`?from=${at(-100)}&to=${at(800)}`)).points).toEqual(hours)
    expect((await history(`?from=${at(-100)}&to=${at(-1)}`)).points).toEqual([])
    expect((await history(`?from=${at(26)}&to=${at(28)}`)).points).toEqual([])
    const fresh = await app.keyFor('fresh')
    expect((await fresh.call('GET', `${fresh.path}/stats/history`)).body).toEqual({ points: [] })
  })

  test.each<[query: string, pointer: string, detail: string]>([
    ['step=week', '#/step', 'must be a string: hour or day (step in the query)'],
    [
      'from=yesterday',
      '#/from',
      'must be a string: a time in UTC, written like 2030-01-31T23:59:59.000Z (from in the query)',
    ],
    ['to=2030-02-30T00:00:00Z', '#/to', 'must be a date and time that exist (to in the query)'],
    [`from=${at(26)}`, '#/from', 'must be before to, which is now unless said (from in the query)'],
    [
      `from=${at(0.5)}&to=${at(0.5)}`,
      '#/from',
      'must be before to, which is now unless said (from in the query)',
    ],
    [
      `from=${at(0)}&to=${at(1_000.1)}`,
      '#/from',
      'must be at most 1000 steps before to: ask for less at once, or for days (from, to and step in the query)',
    ],
    ['since=1', '#', 'the 1st parameter of the query is unknown; known are from, to, step'],
  ])('with %s is refused', async (query, pointer, detail) => {
    const { status, errors } = await history(`?${query}`)
    expect({ status, errors }).toEqual({ status: 422, errors: [{ pointer, detail }] })
  })

  test('has up to 1,000 points', async () => {
    const range = `from=${at(0)}&to=${at(1_000)}`
    expect((await history(`?${range}`)).points).toEqual(hours)
  })
})

describe('how fast a namespace goes', () => {
  test('is what this hour and the 23 before have matched, those released since included', async () => {
    const slow = await app.keyFor('slow')
    await slow.patch({ add: ['A', 'B', 'C', 'D'] })
    expect((await slow.stats()).body).toMatchObject({ perDay: 0, runsOutAt: null })
    await slow.match('u')
    await slow.patch({ release: ['A'] })
    const now = 25.5
    expect((await slow.stats()).body).toMatchObject({ perDay: 1, runsOutAt: at(now + 4 * 24) })
    expect((await shop.stats()).body).toMatchObject({ perDay: 1, runsOutAt: at(now + 3 * 24) })
  })

  test('never takes longer than until the year 9999', () => {
    const runsOut = runsOutAt({ available: 10_000_000_000, perDay: 1, now: firstMoment })
    expect(new Date(runsOut ?? 0).toISOString()).toBe('9999-12-31T23:59:59.999Z')
  })

  test('orders the namespaces, and those that do not run out are the last', async () => {
    const full = await app.keyFor('full')
    await full.patch({ add: ['A', 'B', 'C', 'D', 'E', 'F'] })
    const empty = await app.keyFor('empty')
    await empty.patch({ add: ['A'] })
    await empty.match('u')
    const list = async (query: string) => {
      const { body } = await app.master<{
        namespaces: { namespace: string }[]
        nextCursor: string | null
      }>('GET', `/admin/namespaces?${query}`)
      return [body.namespaces.map(({ namespace }) => namespace), body.nextCursor]
    }
    expect(await list('order=runsOutAt')).toEqual([
      ['empty', 'shop', 'slow', 'fresh', 'full'],
      null,
    ])
    expect(await list('order=available')).toEqual([
      ['empty', 'fresh', 'shop', 'slow', 'full'],
      null,
    ])
    expect(await list('order=available&prefix=f&limit=1')).toEqual([['fresh'], null])
    const [names, nextCursor] = await list('order=name&limit=2')
    expect(names).toEqual(['empty', 'fresh'])
    expect(await list(`order=name&cursor=${nextCursor}`)).toEqual([['full', 'shop', 'slow'], null])
    expect(
      await app.master('GET', `/admin/namespaces?order=available&cursor=${nextCursor}`),
    ).toMatchObject({
      status: 422,
      body: {
        errors: [
          {
            pointer: '#/cursor',
            detail: 'must be left out with this order (cursor in the query)',
          },
        ],
      },
    })
  })
})
