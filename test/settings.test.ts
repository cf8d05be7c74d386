import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { firstMoment, type TestApp, testApp } from './support/app.ts'

type State = { namespace: string; settings: Record<string, unknown>; stats: object }
type Problem = { code: string; errors: { pointer: string; detail: string }[] }

const path = '/namespaces/shop'
const at = (ms: number) => new Date(firstMoment + ms).toISOString()

let app: TestApp
let shop: Awaited<ReturnType<TestApp['keyFor']>>

beforeEach(async () => {
  app = await testApp()
  shop = await app.keyFor('shop', { scopes: ['match', 'read', 'write', 'manage'] })
})
afterEach(() => app.close())

const get = () => shop.call<State>('GET', path)
const set = (settings: unknown) => shop.call<State & Partial<Problem>>('PATCH', path, settings)

const defaults = {
  ...{ description: null, paused: null, opensAt: null, closesAt: null, expiryMarginSeconds: null },
  ...{ itemsPerRequestor: null, lowStockBelow: null, requestors: null },
}
const none = {
  ...{ total: 0, matched: 0, available: 0, held: 0, expired: 0, perDay: 0 },
  runsOutAt: null as string | null,
}
const stateOf = (settings: object, stats = none, namespace = 'shop') => ({
  namespace,
  settings: { ...defaults, ...settings },
  stats,
})

describe('a namespace', () => {
  test('shows every setting, null for the default, and its counts', async () => {
    await shop.patch({ add: ['A', 'B', 'C', { item: 'D', expiresAt: at(1) }] })
    await shop.match('u')
    await shop.match('v', { holdSeconds: 60 })
    app.advance(1)
    const stats = {
      ...{ total: 4, matched: 1, available: 1, held: 1, expired: 1, perDay: 1 },
      runsOutAt: '2030-01-02T00:00:00.001Z',
    }

    const { status, body } = await get()
    expect([status, body]).toEqual([200, stateOf({}, stats)])
    expect(Object.keys(body.settings)).toEqual(Object.keys(defaults))
    expect((await shop.stats()).body).toEqual(stats)
    expect((await app.master('GET', '/admin/namespaces')).body).toEqual({
      namespaces: [{ namespace: 'shop', ...stats }],
      nextCursor: null,
    })
  })

  test('counts what is within the margin of its expiry as expired', async () => {
    await shop.patch({ add: [{ item: 'A', expiresAt: at(60_000) }] })
    expect((await set({ expiryMarginSeconds: 59 })).body.stats).toMatchObject({ available: 1 })
    expect((await set({ expiryMarginSeconds: 60 })).body.stats).toMatchObject({ expired: 1 })
    expect((await shop.match('u')).body).toMatchObject({ success: false, reason: 'none_left' })
  })
})

describe('a change of settings', () => {
  const everything = {
    ...{ description: 'Züge & Bahnen 😀', paused: true, opensAt: at(1), closesAt: at(2) },
    ...{ expiryMarginSeconds: 31_622_400, itemsPerRequestor: 1_000, lowStockBelow: 1_000_000_000 },
    requestors: 'folded',
  }

  test('is answered like the namespace, and can be repeated', async () => {
    for (const _ of [1, 2]) {
      expect(await set(everything)).toMatchObject({ status: 200, body: stateOf(everything) })
      expect((await get()).body).toEqual(stateOf(everything))
    }
  })

  test('leaves what is left out, and null brings the default back', async () => {
    await set(everything)
    expect((await set({ description: 'x' })).body).toEqual(
      stateOf({ ...everything, description: 'x' }),
    )
    expect((await set({})).body).toEqual(stateOf({ ...everything, description: 'x' }))
    expect((await set(defaults)).body).toEqual(stateOf({}))
  })

  test('is an event only where something becomes different', async () => {
    const settings = async (namespace: string) => {
      const sql = "SELECT count(*) AS count FROM changes WHERE kind = 'settings' AND namespace = ?1"
      return (await app.db.read({ sql, params: [namespace] })).rows[0]?.['count']
    }
    await set(everything)
    expect(await settings('shop')).toBe(1)
    for (const same of [everything, { paused: true }, {}, { requestors: 'folded' }]) {
      expect(await set(same)).toMatchObject({ status: 200, body: stateOf(everything) })
    }
    expect(await settings('shop')).toBe(1)
    await set({ ...everything, paused: false })
    expect(await settings('shop')).toBe(2)

    for (const nothing of [{}, { paused: null }, { opensAt: at(2), closesAt: at(1) }]) {
      await app.master('PATCH', '/admin/namespaces/unset', nothing)
    }
    expect(await settings('unset')).toBe(0)
    const { body } = await app.master('GET', '/admin/namespaces?prefix=unset')
    expect(body).toEqual({ namespaces: [], nextCursor: null })
  })

  test('is made by a master key in any namespace, which is there from then on', async () => {
    const change = { opensAt: '2030-01-01T12:00:00Z', expiryMarginSeconds: 0, paused: false }
    const state = stateOf({ ...change, opensAt: '2030-01-01T12:00:00.000Z' }, none, 'fresh')

    expect(await app.master('PATCH', '/admin/namespaces/fresh', change)).toMatchObject({
      status: 200,
      body: state,
    })
    expect((await app.master('GET', '/admin/namespaces?prefix=f')).body).toEqual({
      namespaces: [{ namespace: 'fresh', ...none }],
      nextCursor: null,
    })
  })

  test('needs the scope manage, which no key has unless it is asked for', async () => {
    const plain = await app.keyFor('shop')
    expect(await plain.call('PATCH', path, { paused: true })).toMatchObject({
      status: 403,
      body: { code: 'insufficient_scope', detail: 'This API key lacks the scope manage.' },
    })
    expect((await get()).body).toEqual(stateOf({}))
    const { body } = await app.master<{ scopes: string[] }>('POST', '/admin/api-keys', {
      ...{ namespace: 'shop', scopes: ['manage'] },
    })
    expect(body.scopes).toEqual(['manage'])
  })

  test('cannot let closesAt come before or with opensAt, be one stored or both sent', async () => {
    const detail = 'must leave closesAt after opensAt'
    const wrong = (pointer: string) => ({
      status: 422,
      body: { code: 'invalid', errors: [{ pointer, detail }] },
    })
    expect(await set({ opensAt: at(2), closesAt: at(1) })).toMatchObject(wrong('#/closesAt'))
    expect(await set({ opensAt: at(2), closesAt: at(2) })).toMatchObject(wrong('#/closesAt'))
    await set({ opensAt: at(2) })
    expect(await set({ closesAt: at(1) })).toMatchObject(wrong('#/closesAt'))
    await set({ closesAt: at(3) })
    expect(await set({ opensAt: at(3) })).toMatchObject(wrong('#/opensAt'))
    expect((await get()).body).toEqual(stateOf({ opensAt: at(2), closesAt: at(3) }))
  })

  test('of how requestors are compared is a 409 while somebody has or had an item', async () => {
    await shop.patch({ add: ['A'] })
    await shop.match('U')
    const conflict = { status: 409, body: { code: 'conflict' } }
    expect(await set({ requestors: 'folded' })).toMatchObject(conflict)
    expect(await set({ requestors: 'exact' })).toMatchObject({ status: 200 })
    await shop.patch({ remove: ['A'] })
    expect(await set({ requestors: 'folded', paused: true })).toMatchObject(conflict)
    expect((await get()).body.settings).toEqual({ ...defaults, requestors: 'exact' })
  })

  test('to folded requestors holds in every call, and gives back what was first sent', async () => {
    await set({ requestors: 'folded' })
    await shop.patch({ add: ['A', 'B'] })
    await shop.match('Ann@Example.com')
    expect((await shop.match(' ann@example.COM ')).body).toMatchObject({ item: 'A' })
    const { body } = await shop.list('?requestor=ANN@example.com')
    expect(body.items).toMatchObject([{ item: 'A', requestor: 'Ann@Example.com' }])
  })

  const time = 'must be a string: a time in UTC, written like 2030-01-31T23:59:59.000Z, or null'
  test.each([
    [{ paused: 'yes' }, '#/paused', 'must be true or false, or null'],
    [{ opensAt: '2030-01-01' }, '#/opensAt', time],
    [{ closesAt: '2030-01-01T12:00:00+01:00' }, '#/closesAt', time],
    [{ closesAt: 5 }, '#/closesAt', time],
    [{ opensAt: '2030-02-30T00:00:00Z' }, '#/opensAt', 'must be a date and time that exist'],
    [{ closesAt: '2030-13-01T00:00:00Z' }, '#/closesAt', 'must be a date and time that exist'],
    ...[-1, 31_622_401, 1.5, '5'].map(
      (value) =>
        [
          { expiryMarginSeconds: value },
          '#/expiryMarginSeconds',
          'must be a whole number from 0 to 31622400, or null',
        ] as const,
    ),
    ...[0, 1_001].map(
      (value) =>
        [
          { itemsPerRequestor: value },
          '#/itemsPerRequestor',
          'must be a whole number from 1 to 1000, or null',
        ] as const,
    ),
    ...[0, 1_000_000_001].map(
      (value) =>
        [
          { lowStockBelow: value },
          '#/lowStockBelow',
          'must be a whole number from 1 to 1000000000, or null',
        ] as const,
    ),
    [{ requestors: 'loose' }, '#/requestors', 'must be a string: exact or folded, or null'],
    [
      { description: 'x'.repeat(256) },
      '#/description',
      'must be a string: 1 to 255 characters of well-formed Unicode, without control characters and U+FFFD, not only white space, or null',
    ],
    [
      { pause: true },
      '#',
      `must be an object with no other properties than ${Object.keys(defaults).join(', ')}`,
    ],
  ])('%j is told, and changes nothing', async (wrong, pointer, detail) => {
    const { status, body } = await set({ description: 'new', ...wrong })
    expect([status, body.code, body.errors]).toEqual([422, 'invalid', [{ pointer, detail }]])
    const byMaster = await app.master<Problem>('PATCH', `/admin${path}`, wrong)
    expect([byMaster.status, byMaster.body.errors]).toEqual([422, [{ pointer, detail }]])
    expect((await get()).body).toEqual(stateOf({}))
  })

  test('of a namespace that cannot be is told', async () => {
    const { status, body } = await app.master<Problem>('PATCH', '/admin/namespaces/-', {})
    expect([status, body.errors[0]?.pointer]).toEqual([422, '#/namespace'])
  })
})

describe('the namespaces with a prefix', () => {
  const names = async (query: string) => {
    const answer = await app.master<{ namespaces: State[]; nextCursor: string | null }>(
      'GET',
      `/admin/namespaces${query}`,
    )
    return [answer.body.namespaces.map(({ namespace }) => namespace), answer.body.nextCursor]
  }

  test('are those whose names begin with it, exactly, a page at a time', async () => {
    for (const name of ['a', 'ab', 'abc', 'aB', 'b', 'a~']) await app.keyFor(name)
    expect(await names('?prefix=ab')).toEqual([['ab', 'abc'], null])
    expect(await names('?prefix=a~')).toEqual([['a~'], null])
    expect(await names('?prefix=x')).toEqual([[], null])
    const [first, cursor] = await names('?prefix=a&limit=3')
    expect(first).toEqual(['a', 'aB', 'ab'])
    expect(await names(`?prefix=a&limit=3&cursor=${cursor}`)).toEqual([['abc', 'a~'], null])
  })

  test('refuse what no name begins with', async () => {
    for (const prefix of ['', '-', 'a%20', 'a%25']) {
      const { status } = await app.master('GET', `/admin/namespaces?prefix=${prefix}`)
      expect([prefix, status]).toEqual([prefix, 422])
    }
  })
})
