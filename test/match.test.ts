import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { Store } from '../src/domain/store.ts'
import { firstMoment, type TestApp, testApp } from './support/app.ts'

type Shop = Awaited<ReturnType<TestApp['keyFor']>>
type Problem = { code: string; errors: { pointer: string; detail: string }[] }

const at = (ms: number) => new Date(firstMoment + ms).toISOString()
const start = at(0)
const minuteMs = 60_000
const path = '/namespaces/shop'
const all = { scopes: ['match', 'read', 'write', 'manage'] }

let app: TestApp
let shop: Shop
let store: Store

beforeEach(async () => {
  app = await testApp({
    wrapStore: (wrapped) => {
      store = wrapped
      return wrapped
    },
  })
  shop = await app.keyFor('shop', all)
})
afterEach(() => app.close())

const set = (settings: object) => shop.call('PATCH', path, settings)
const post = (body: unknown) => shop.call<Problem>('POST', `${path}/match`, body)

/** What a match answers, in the order of the contract. */
const matched = (item: string, others: object = {}) => ({
  ...{ success: true, item, data: null, expiresAt: null },
  ...{ matchedAt: start, alreadyMatched: false },
  message: 'Item successfully matched',
  ...others,
})
const again = { alreadyMatched: true, message: 'Item already assigned to this requestor' }
const held = { message: 'Item successfully held' }
const heldAgain = { alreadyMatched: true, message: 'Item already held for this requestor' }
const refused = (reason: string, message: string) => ({ success: false, reason, message })
const noneLeft = refused('none_left', 'No available items in this namespace')
const limitReached = refused(
  'limit_reached',
  'This requestor has as many items as this namespace allows',
)

describe('the answer', () => {
  test('has its properties in the order of the contract, and data just as it was sent', async () => {
    const data = '{"b":1.0,"a":{"z":[1e2,"\\u00e9"],"y":12345678901234567890},"0":null}'
    await store.changeItems(
      {
        ...{ namespace: 'shop', remove: [], release: [] },
        add: [{ item: 'A', data, expiresAt: firstMoment + minuteMs }],
      },
      { now: firstMoment, actor: 'process' },
    )
    const request = (name: string) =>
      new Request(`http://localhost${path}/${name}`, {
        method: 'POST',
        headers: { 'x-api-key': shop.apiKey, 'content-type': 'application/json' },
        body: JSON.stringify(name === 'match/batch' ? { requestors: ['u'] } : { requestor: 'u' }),
      })
    const given =
      `"success":true,"item":"A","data":${data},"expiresAt":"${at(minuteMs)}",` +
      `"matchedAt":"${start}","alreadyMatched":`
    const first = await app.send(request('match'))

    expect(first.headers.get('content-type')).toBe('application/json;charset=utf-8')
    expect(await first.text()).toBe(`{${given}false,"message":"Item successfully matched"}`)
    expect(await (await app.send(request('match/batch'))).text()).toBe(
      `{"results":[{"requestor":"u","slot":null,${given}true,"message":"Item already assigned to this requestor"}]}`,
    )
  })

  test('keeps an item whole whatever characters it has', async () => {
    const item = `"\\/é😀'${'`'}\${x} <b>`
    await shop.patch({ add: [item] })
    expect((await shop.match('u')).body).toEqual(matched(item))
  })
})

describe('a reason', () => {
  beforeEach(() => shop.patch({ add: ['A', 'B'] }))

  test.each([
    [{ paused: true }, refused('paused', 'This namespace is paused')],
    [{ opensAt: at(minuteMs) }, refused('not_open', 'This namespace is not open yet')],
    [{ closesAt: start }, refused('closed', 'This namespace is closed')],
  ])('is given for %j, and who has an item still gets it', async (settings, refusal) => {
    await shop.match('holder')
    await set(settings)
    expect(await shop.match('u')).toMatchObject({ status: 200, body: refusal })
    expect((await shop.match('holder')).body).toEqual(matched('A', again))

    await set(Object.fromEntries(Object.keys(settings).map((name) => [name, null])))
    expect((await shop.match('u')).body).toEqual(matched('B'))
  })

  test('is the first that holds', async () => {
    const reason = async () => (await shop.match('u', { slot: '2' })).body.reason
    await shop.match('u')
    await shop.patch({ remove: ['B'] })
    await set({ opensAt: at(1), paused: true })
    const seen = [await reason()]
    await set({ paused: false })
    seen.push(await reason())
    await set({ opensAt: null, closesAt: start })
    seen.push(await reason())
    await set({ closesAt: null })
    seen.push(await reason())
    await set({ itemsPerRequestor: 2 })
    seen.push(await reason())
    expect(seen).toEqual(['paused', 'not_open', 'closed', 'limit_reached', 'none_left'])
  })
})

describe('slots', () => {
  test('are matches of their own, up to the limit of the namespace', async () => {
    await shop.patch({ add: ['A', 'B', 'C', 'D'] })
    expect((await shop.match('u')).body).toEqual(matched('A'))
    expect((await shop.match('u', { slot: '1' })).body).toEqual(limitReached)
    await set({ itemsPerRequestor: 3 })
    expect((await shop.match('u', { slot: '1' })).body).toEqual(matched('B'))
    expect((await shop.match('u', { slot: '2' })).body).toEqual(matched('C'))
    expect((await shop.match('u', { slot: '3' })).body).toEqual(limitReached)
    await set({ itemsPerRequestor: null })
    expect((await shop.match('u', { slot: '2' })).body).toEqual(matched('C', again))
    expect((await post({ requestor: 'u', slot: null })).body).toEqual(matched('A', again) as never)
  })
})

describe('replace', () => {
  beforeEach(() => shop.patch({ add: ['A', 'B'] }))

  test('removes the item and gives the next one, once', async () => {
    await shop.match('u')
    const replaced = { replaced: true }
    expect((await shop.match('u', { replace: 'A' })).body).toEqual(matched('B', { replaced: true }))
    expect((await shop.match('u', { replace: 'A' })).body).toEqual(
      matched('B', { ...again, ...replaced }),
    )
    expect((await shop.match('u', { replace: 'B' })).body).toEqual(noneLeft)
    expect((await shop.match('u')).body).toMatchObject({ item: 'B', alreadyMatched: true })
    expect((await shop.stats()).body).toEqual({
      ...{ total: 1, matched: 1, available: 0, held: 0, expired: 0 },
      ...{ perDay: 2, runsOutAt: at(0) },
    })
  })

  test('of what the requestor does not have is a match', async () => {
    expect((await shop.match('u', { replace: 'B' })).body).toEqual(matched('A'))
    expect((await post({ requestor: 'u', replace: null })).body).toEqual(
      matched('A', again) as never,
    )
  })

  test('needs the scope write too, whatever there is to replace', async () => {
    const limited = await app.keyFor('shop', { scopes: ['match', 'read'] })
    await limited.match('u')
    expect(await limited.match('u', { replace: 'A' })).toMatchObject({
      status: 403,
      body: { code: 'insufficient_scope', detail: 'This API key lacks the scope write.' } as object,
    })
    expect((await limited.match('u')).body).toEqual(matched('A', again))
  })
})

describe('a hold', () => {
  const until = { heldUntil: at(minuteMs) }

  beforeEach(() => shop.patch({ add: ['A', 'B'] }))

  test('lasts as long as was asked first, and then its item goes back to its place', async () => {
    expect((await shop.match('u', { holdSeconds: 60 })).body).toEqual(
      matched('A', { ...until, ...held }),
    )
    app.advance(minuteMs - 1)
    expect((await shop.match('u', { holdSeconds: 600 })).body).toEqual(
      matched('A', { ...until, ...heldAgain }),
    )
    expect((await shop.stats()).body).toEqual({
      ...{ total: 2, matched: 0, available: 1, held: 1, expired: 0 },
      ...{ perDay: 0, runsOutAt: null },
    })
    app.advance(1)
    expect((await shop.stats()).body).toMatchObject({ available: 2, held: 0 })
    expect((await shop.match('v')).body).toEqual(matched('A', { matchedAt: at(minuteMs) }))
    expect((await shop.confirm('u', 'A')).body).toEqual(
      refused('hold_lapsed', 'This requestor holds this item no longer'),
    )
  })

  test('is confirmed by a match without holdSeconds', async () => {
    await shop.match('u', { holdSeconds: 60 })
    app.advance(1)
    expect((await shop.match('u')).body).toEqual(matched('A', again))
    app.advance(2 * minuteMs)
    expect((await shop.match('u', { holdSeconds: 60 })).body).toEqual(matched('A', again))
  })

  test('is confirmed by its item, again and again', async () => {
    await shop.match('u', { holdSeconds: 60, slot: 's' })
    for (const _ of [1, 2]) {
      expect(await shop.confirm('u', 'A', 's')).toMatchObject({
        status: 200,
        body: matched('A', again),
      })
    }
    app.advance(2 * minuteMs)
    expect((await shop.match('u', { slot: 's' })).body).toEqual(matched('A', again))
  })

  test('is kept after it has lapsed if nobody else has the item, even while paused', async () => {
    await shop.match('u', { holdSeconds: 60 })
    app.advance(2 * minuteMs)
    await set({ paused: true })
    expect((await shop.confirm('u', 'A')).body).toMatchObject({ success: true, item: 'A' })
  })

  test('can be of the item that comes in the place of another', async () => {
    await shop.match('u')
    expect((await shop.match('u', { replace: 'A', holdSeconds: 60 })).body).toEqual(
      matched('B', { ...until, ...held, replaced: true }),
    )
  })
})

describe('confirm', () => {
  const lapsed = refused('hold_lapsed', 'This requestor holds this item no longer')

  test('never gives what was not held', async () => {
    await shop.patch({ add: ['A'] })
    expect((await shop.confirm('u', 'A')).body).toEqual(lapsed)
    expect((await shop.confirm('u', 'unknown')).body).toEqual(lapsed)
    expect((await shop.stats()).body).toMatchObject({ available: 1 })
  })

  test('takes an item whose hold lapsed, though another hold on it has lapsed since', async () => {
    await shop.patch({ add: ['A'] })
    await shop.match('r1', { holdSeconds: 60 })
    app.advance(minuteMs)
    await shop.match('r2', { holdSeconds: 60 })
    expect((await shop.confirm('r1', 'A')).body).toEqual(lapsed)
    app.advance(minuteMs)
    const matchedAt = at(2 * minuteMs)
    expect((await shop.confirm('r1', 'A')).body).toEqual(matched('A', { ...again, matchedAt }))
    expect((await shop.confirm('r2', 'A')).body).toEqual(lapsed)
  })

  test('takes no item that was taken away since, by a release', async () => {
    await shop.patch({ add: ['A'] })
    await shop.match('r1', { holdSeconds: 60 })
    app.advance(minuteMs)
    await shop.match('r2')
    await shop.patch({ release: ['A'] })
    expect((await shop.confirm('r1', 'A')).body).toEqual(lapsed)
    expect((await shop.stats()).body).toMatchObject({ available: 1 })
  })

  test.each(['written down', 'not written down'])(
    'finds a lapsed hold, %s, though requestors are compared otherwise since',
    async (state) => {
      await shop.patch({ add: ['A', 'B', 'C'] })
      for (const requestor of ['Ann', ' ANN ', 'Bob']) {
        await shop.match(requestor, { holdSeconds: 60 })
      }
      app.advance(minuteMs)
      if (state === 'written down')
        await store.sweep({ now: firstMoment + minuteMs, actor: 'process' })
      await set({ requestors: 'folded' })
      expect((await shop.confirm('ann', 'C')).body).toEqual(lapsed)
      expect((await shop.confirm('aNN', 'B')).body).toMatchObject({ success: true, item: 'B' })
      expect((await shop.confirm('Ann', 'A')).body).toEqual(lapsed)
      expect((await shop.confirm('BOB', 'C')).body).toMatchObject({ success: true, item: 'C' })
    },
  )

  test('finds a hold of folded requestors by what was first sent, once they are exact', async () => {
    await set({ requestors: 'folded' })
    await shop.patch({ add: ['A', 'B'] })
    await shop.match(' Ann', { holdSeconds: 60 })
    await shop.match('bob', { holdSeconds: 60 })
    app.advance(minuteMs)
    await set({ requestors: null })
    for (const other of ['ann', 'Ann'])
      expect((await shop.confirm(other, 'A')).body).toEqual(lapsed)
    expect((await shop.confirm('Bob', 'B')).body).toEqual(lapsed)
    expect((await shop.confirm(' Ann', 'A')).body).toMatchObject({ success: true, item: 'A' })
    expect((await shop.confirm('bob', 'B')).body).toMatchObject({ success: true, item: 'B' })
  })
})

describe('what is wrong', () => {
  const slotRule = 'must be a string: 1 to 64 of the characters A-Z a-z 0-9 . _ ~ : -, or null'
  const secondsRule = 'must be a whole number from 1 to 86400, or null'

  test.each([
    [{ holdSeconds: 0 }, '#/holdSeconds', secondsRule],
    [{ holdSeconds: 86_401 }, '#/holdSeconds', secondsRule],
    [{ holdSeconds: 1.5 }, '#/holdSeconds', secondsRule],
    [{ holdSeconds: '60' }, '#/holdSeconds', secondsRule],
    [{ slot: '' }, '#/slot', slotRule],
    [{ slot: 'a b' }, '#/slot', slotRule],
    [{ slot: 'a'.repeat(65) }, '#/slot', slotRule],
    [{ slot: 5 }, '#/slot', slotRule],
    [
      { replace: '' },
      '#/replace',
      'must be a string: 1 to 1024 characters of well-formed Unicode, without control characters and U+FFFD, not only white space, or null',
    ],
    [
      { holdseconds: 5 },
      '#',
      'must be an object with no other properties than requestor, slot, replace, holdSeconds',
    ],
  ])('in a match, %j, is told, and changes nothing', async (wrong, pointer, detail) => {
    await shop.patch({ add: ['A'] })
    expect(await post({ requestor: 'u', ...wrong })).toMatchObject({
      status: 422,
      body: { code: 'invalid', errors: [{ pointer, detail }] },
    })
    expect((await shop.stats()).body).toMatchObject({ available: 1 })
  })

  test.each([
    [{ requestor: 'u' }, '#/item', 'is required'],
    [{ item: 'A' }, '#/requestor', 'is required'],
    [{ requestor: 'u', item: 'A', slot: '' }, '#/slot', slotRule],
    [
      { requestor: 'u', item: 'A', holdSeconds: 5 },
      '#',
      'must be an object with no other properties than requestor, slot, item',
    ],
  ])('in a confirmation, %j, is told', async (body, pointer, detail) => {
    expect(await shop.call<Problem>('POST', `${path}/confirm`, body)).toMatchObject({
      status: 422,
      body: { code: 'invalid', errors: [{ pointer, detail }] },
    })
  })

  test('the longest of each are taken', async () => {
    await shop.patch({ add: ['A'] })
    const slot = 'aZ09._~:-'.padEnd(64, 'x')
    expect(await post({ requestor: 'u', slot, holdSeconds: 86_400 })).toMatchObject({
      status: 200,
      body: matched('A', { heldUntil: at(86_400_000), ...held }),
    })
  })
})
