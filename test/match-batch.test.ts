import { afterEach, beforeEach, expect, test } from 'bun:test'
import type { Store } from '../src/domain/store.ts'
import { limits } from '../src/limits.ts'
import { firstMoment, type TestApp, testApp } from './support/app.ts'
import type { MatchAnswer } from './support/caller.ts'

type Result = MatchAnswer & { requestor: string; slot: string | null }
type Answer = { results: Result[]; code?: string; errors?: { pointer: string; detail: string }[] }

const start = new Date(firstMoment).toISOString()
const path = '/namespaces/shop/match/batch'
const { sliceMax, runningShareMax, requestorsMax } = limits.matchBatch

let app: TestApp
let shop: Awaited<ReturnType<TestApp['keyFor']>>
/** Matches that are under way, and the most that there were at once. */
let underWay = { now: 0, most: 0 }
/** What each match waits for. */
let gate: Promise<void>

const watched = (store: Store): Store => ({
  ...store,
  match: async (request, context) => {
    underWay.now++
    underWay.most = Math.max(underWay.most, underWay.now)
    await gate
    return store.match(request, context).finally(() => underWay.now--)
  },
})

beforeEach(async () => {
  underWay = { now: 0, most: 0 }
  gate = Promise.resolve()
  app = await testApp({ wrapStore: watched })
  shop = await app.keyFor('shop', { scopes: ['match', 'read', 'write', 'manage'] })
})
afterEach(() => app.close())

const ask = (requestors: unknown, caller = shop) =>
  caller.call<Answer>('POST', path, { requestors })
const itemsOf = ({ body }: { body: Answer }) => body.results.map(({ item }) => item)
const names = (count: number) => Array.from({ length: count }, (_, n) => `u${n}`)
const matched = (requestor: string, slot: string | null, item: string, others: object = {}) => ({
  ...{ requestor, slot, success: true, item, data: null, expiresAt: null },
  ...{ matchedAt: start, alreadyMatched: false },
  message: 'Item successfully matched',
  ...others,
})
const again = { alreadyMatched: true, message: 'Item already assigned to this requestor' }

test('each is decided by itself, in the order of the list, and a repeat gives the same', async () => {
  await shop.patch({ add: ['A', 'B', 'C', 'D'] })
  await shop.match('b')
  await shop.call('PATCH', '/namespaces/shop', { itemsPerRequestor: 2 })
  const requestors = [
    ...['c', 'b', { requestor: 'c', slot: '2' }, 'c', { requestor: 'c', slot: '3' }],
    ...[{ requestor: 'a', slot: null }, 'd'],
  ]
  const limit = {
    ...{ requestor: 'c', slot: '3', success: false, reason: 'limit_reached' },
    message: 'This requestor has as many items as this namespace allows',
  }
  const none = {
    ...{ requestor: 'd', slot: null, success: false, reason: 'none_left' },
    message: 'No available items in this namespace',
  }

  expect(await ask(requestors)).toMatchObject({ status: 200 })
  const { body } = await ask(requestors)
  expect(body.results.map(({ item }) => item)).toEqual([
    'B',
    'A',
    'C',
    'B',
    undefined,
    'D',
    undefined,
  ])
  expect<unknown[]>(body.results).toEqual([
    matched('c', null, 'B', again),
    matched('b', null, 'A', again),
    matched('c', '2', 'C', again),
    matched('c', null, 'B', again),
    limit,
    matched('a', null, 'D', again),
    none,
  ])
})

test('the first answer tells what is new, and the same one twice shares its item', async () => {
  await shop.patch({ add: ['A', 'B'] })

  expect<unknown[]>((await ask(['u', 'u', 'v'])).body.results).toEqual([
    matched('u', null, 'A'),
    matched('u', null, 'A', again),
    matched('v', null, 'B'),
  ])
})

test('a thousand with the longest names are matched in their order, a slice at a time', async () => {
  const items = Array.from({ length: requestorsMax - 1 }, (_, n) => `item-${n}`)
  await shop.patch({ add: items })
  const requestors = names(requestorsMax).map((name) => ({
    requestor: name.padStart(255, 'é'),
    slot: name.padStart(64, '-'),
  }))
  const first = await ask(requestors)

  expect(first.status).toBe(200)
  expect(itemsOf(first)).toEqual([...items, undefined])
  expect(underWay.most).toBe(sliceMax)
  expect(itemsOf(await ask(requestors))).toEqual(itemsOf(first))
})

test('a small body has room for a thousand with slots', async () => {
  await shop.patch({ add: ['A'] })
  const requestors = names(requestorsMax).map((requestor) => ({ requestor, slot: 's' }))

  expect(itemsOf(await ask(requestors))).toEqual(['A', ...Array(requestorsMax - 1).fill(undefined)])
})

test('so many calls of one namespace run at once, and matches of all go in between', async () => {
  const other = await app.keyFor('other')
  await other.patch({ add: ['O'] })
  const { promise, resolve } = Promise.withResolvers<void>()
  gate = promise
  const running = Array.from({ length: runningShareMax }, () => ask(names(requestorsMax)))
  while (underWay.now < runningShareMax * sliceMax) await new Promise(setImmediate)

  const refused = await ask(['u'])
  expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } })
  expect(refused.headers.get('retry-after')).toBe('1')
  gate = Promise.resolve()
  expect((await other.match('u')).body.item).toBe('O')
  resolve()
  for (const answer of await Promise.all(running)) expect(answer.status).toBe(200)
  expect((await ask(['u'])).status).toBe(200)
})

test('what fails fails the call, once none of it is under way, and can be asked again', async () => {
  await shop.patch({ add: ['A', 'B', 'C'] })
  await app.db.write([{ sql: 'ALTER TABLE items RENAME TO lost', params: [] }])
  expect(await ask(names(3))).toMatchObject({ status: 500, body: { code: 'internal' } })
  expect(underWay.now).toBe(0)

  await app.db.write([{ sql: 'ALTER TABLE lost RENAME TO items', params: [] }])
  expect(itemsOf(await ask(names(3)))).toEqual(['A', 'B', 'C'])
})

const requestorRule =
  'must be a string: 1 to 255 characters of well-formed Unicode, without control characters and U+FFFD, not only white space, not beginning with forgotten:'

test.each([
  [[], '#/requestors', 'must be a list of 1 to 1000 requestors'],
  [names(1_001), '#/requestors', 'must be a list of 1 to 1000 requestors'],
  ['u', '#/requestors', 'must be a list of 1 to 1000 requestors'],
  [null, '#/requestors', 'must be a list of 1 to 1000 requestors'],
  ...['', 5, null].map((wrong) => [['fine', wrong], '#/requestors/1', requestorRule] as const),
  [['fine', { slot: 's' }], '#/requestors/1/requestor', 'is required'],
  [
    ['fine', { requestor: 'u', slot: 'a b' }],
    '#/requestors/1/slot',
    'must be a string: 1 to 64 of the characters A-Z a-z 0-9 . _ ~ : -, or null',
  ],
  [
    ['fine', { requestor: 'u', item: 'A' }],
    '#/requestors/1',
    'must be an object with no other properties than requestor, slot',
  ],
])('%j is told, and changes nothing', async (requestors, pointer, detail) => {
  await shop.patch({ add: ['A'] })
  const { status, body } = await ask(requestors)

  expect([status, body.code, body.errors]).toEqual([422, 'invalid', [{ pointer, detail }]])
  expect((await shop.stats()).body).toMatchObject({ available: 1 })
})

test('other properties are unknown', async () => {
  const body = { requestors: ['u'], holdSeconds: 60 }

  expect(await shop.call<Answer>('POST', path, body)).toMatchObject({
    status: 422,
    body: {
      errors: [
        { pointer: '#', detail: 'must be an object with no other properties than requestors' },
      ],
    },
  })
})
