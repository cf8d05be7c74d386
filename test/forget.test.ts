import { Database as Sqlite } from 'bun:sqlite'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { type TestApp, tempFolder, testApp } from './support/app.ts'
import { onSqld } from './support/backend.ts'
import type { HistoryAnswer } from './support/caller.ts'

const scopes = ['match', 'read', 'write', 'manage']
let app: TestApp
let shops = 0
let shop: Awaited<ReturnType<TestApp['keyFor']>>

beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app.close())
beforeEach(async () => {
  shop = await app.keyFor(`shop-${++shops}`, { scopes })
})

type Forgotten = { success: true; forgotten: number }
const forget = async (requestor: string, of = shop) => {
  const { status, body } = await of.call<Forgotten>('POST', `${of.path}/forget`, { requestor })
  expect(status).toBe(200)
  return body
}

const anonym = expect.stringMatching(/^forgotten:\d+$/)

const namesIn = async (query: string, of = shop) => {
  const { body } = await of.history(query)
  return body.events.map(({ event, item, requestor }) => [event, item, requestor])
}

/** A requestor with a match, a hold, a removed item, one that was released, and a hold that lapsed. */
async function leaveTraces(requestor: string) {
  await shop.call('PATCH', shop.path, { itemsPerRequestor: 9 })
  await shop.patch({ add: ['LAPSED', 'MATCHED', 'REMOVED', 'RELEASED'] })
  await shop.match(requestor, { slot: 'lapsed', holdSeconds: 1 })
  for (const slot of ['matched', 'removed', 'released']) {
    app.advance(1)
    await shop.match(requestor, { slot })
  }
  await shop.patch({ remove: ['REMOVED'], release: [{ item: 'RELEASED', requestor }] })
  app.advance(2_000)
  await shop.match(requestor, { slot: 'held', holdSeconds: 60 })
}

describe('a requestor that is forgotten', () => {
  test('has another name in lists and in the history, where it stays told who did that', async () => {
    await leaveTraces('ann')
    expect(await forget('ann')).toEqual({ success: true, forgotten: 4 })
    expect(await forget('ann')).toEqual({ success: true, forgotten: 0 })

    const matched = (await shop.list('?status=matched')).body.items
    const removed = (await shop.list('?status=removed')).body.items
    expect([...matched, ...removed].map(({ item, requestor }) => [item, requestor])).toEqual([
      ['MATCHED', anonym],
      ['REMOVED', anonym],
    ])
    const name = String(matched[0]?.requestor)
    expect(await namesIn('?requestor=ann')).toEqual([])
    expect(await namesIn(`?${new URLSearchParams({ requestor: name })}`)).toEqual([
      ['lapsed', 'LAPSED', name],
      ...['RELEASED', 'REMOVED', 'MATCHED', 'LAPSED'].map((item) => ['forgotten', item, name]),
      ['held', 'LAPSED', name],
      ['lapsed', 'LAPSED', name],
      ...['REMOVED', 'RELEASED'].map((item) => [item.toLowerCase(), item, name]).toReversed(),
      ...['RELEASED', 'REMOVED', 'MATCHED'].map((item) => ['matched', item, name]),
      ['held', 'LAPSED', name],
    ])
    const { body } = await shop.history('?limit=1')
    expect(body.events).toMatchObject([
      { event: 'forgotten', item: null, requestor: name, by: { keyId: shop.id } },
    ])
  })

  test('leaves its items spent, and what it held to others; a match of it is a new one', async () => {
    await leaveTraces('ann')
    await forget('ann')

    expect((await shop.stats()).body).toMatchObject({ total: 3, matched: 1, held: 0, available: 2 })
    expect((await shop.confirm('ann', 'LAPSED', 'held')).body).toMatchObject({ success: false })
    expect((await shop.match('bob')).body).toMatchObject({ success: true, item: 'LAPSED' })
    expect((await shop.match('ann', { slot: 'matched' })).body).toMatchObject({
      ...{ success: true, item: 'RELEASED', alreadyMatched: false },
    })
    await shop.patch({ add: ['REMOVED'] })
    expect((await shop.list('?item=REMOVED')).body.items).toMatchObject([{ requestor: anonym }])
  })

  test('is found in the form in which it is compared', async () => {
    await shop.call('PATCH', shop.path, { requestors: 'folded' })
    await shop.patch({ add: ['A'] })
    await shop.match('Ann ')

    expect(await forget('ANN')).toEqual({ success: true, forgotten: 1 })
    expect((await shop.list()).body.items).toMatchObject([{ requestor: anonym }])
  })

  test('is told nothing of, if all it had were holds that lapsed, but loses its name there too', async () => {
    await shop.patch({ add: ['A'] })
    await shop.match('ann', { holdSeconds: 1 })
    app.advance(2_000)
    await shop.match('bob')

    expect(await forget('ann')).toEqual({ success: true, forgotten: 0 })
    expect(await namesIn('?item=A')).toEqual([
      ['matched', 'A', 'bob'],
      ['lapsed', 'A', anonym],
      ['held', 'A', anonym],
      ['added', 'A', null],
    ])
  })

  test.each([
    ['Ann ', 'exact', 'folded', 'ANN'],
    ['Ann ', 'folded', 'exact', 'Ann '],
  ])(
    'is found as %j, whose hold lapsed while requestors were %s, once they are %s',
    async (sent, before, after, now) => {
      await shop.call('PATCH', shop.path, { requestors: before })
      await shop.patch({ add: ['A', 'B'] })
      await shop.match(sent, { holdSeconds: 1 })
      await shop.patch({ remove: ['A'] })
      await shop.match(sent, { holdSeconds: 1 })
      app.advance(2_000)
      await shop.match('bob', { holdSeconds: 1 })
      app.advance(2_000)
      await shop.call('PATCH', shop.path, { requestors: after })
      await shop.patch({ add: ['A'] })

      const names = async () =>
        (await namesIn('?item=A')).map(([event, , requestor]) => [event, requestor])
      const held = ['held', sent]
      expect(await names()).toEqual([
        ['restored', null],
        ['lapsed', sent],
        ['removed', sent],
        held,
        ['added', null],
      ])
      expect(await namesIn(`?${new URLSearchParams({ requestor: now })}`)).toHaveLength(5)
      await forget(now)
      expect(JSON.stringify(await namesIn('?item=A'))).not.toContain(sent)
      expect(JSON.stringify(await namesIn('?item=B'))).not.toContain(sent)
    },
  )

  test('with more items than one write changes loses its name in all of them', async () => {
    const lines = Array.from({ length: 2_100 }, (_, n) =>
      JSON.stringify({ item: `I${n}`, requestor: 'ann', slot: `s${n}` }),
    )
    await shop.import(lines.join('\n'), 'application/x-ndjson', '?matches=keep')

    expect(await forget('ann')).toEqual({ success: true, forgotten: 2_100 })
    const { items } = (await shop.list()).body
    expect(new Set(items.map(({ requestor }) => requestor)).size).toBe(1)
    expect(items[0]?.requestor).toEqual(anonym)
  })

  test('is forgotten in all namespaces by a master key, by another name in each', async () => {
    const other = await app.keyFor(`${shop.namespace}-too`, { scopes })
    for (const each of [shop, other]) {
      await each.patch({ add: ['A'] })
      await each.match(`ann-${shop.namespace}`)
    }
    const body = { requestor: `ann-${shop.namespace}` }

    expect((await app.master('POST', '/admin/forget', body)).body).toEqual({
      ...{ success: true, forgotten: 2 },
    })
    const names = await Promise.all([shop.list(), other.list()])
    const [here, there] = names.map((each) => each.body.items[0]?.requestor)
    expect([here, there]).toEqual([anonym, anonym])
    expect(here).not.toBe(there)
    const seen = await app.master<HistoryAnswer>('GET', '/admin/history?limit=2')
    expect(seen.body.events).toMatchObject([
      { event: 'forgotten', requestor: there },
      { event: 'forgotten', requestor: here },
    ])
  })
})

test.each(['forgotten:1', ' Forgotten:1'])('nobody can ask as %j', async (requestor) => {
  const { path } = shop
  const calls = await Promise.all([
    shop.match(requestor),
    shop.confirm(requestor, 'A'),
    shop.call('POST', `${path}/match/batch`, { requestors: ['ann', requestor] }),
    shop.call('POST', `${path}/match/batch`, { requestors: [{ requestor }] }),
    shop.call('POST', `${path}/forget`, { requestor }),
    app.master('POST', '/admin/forget', { requestor }),
  ])
  expect(calls.map(({ status }) => status)).toEqual([422, 422, 422, 422, 422, 422])
  expect(calls[0].body).toMatchObject({
    errors: [
      { pointer: '#/requestor', detail: expect.stringContaining('not beginning with forgotten:') },
    ],
  })
  expect(
    (
      await shop.import(
        JSON.stringify({ item: 'A', requestor }),
        'application/x-ndjson',
        '?matches=keep',
      )
    ).body,
  ).toMatchObject({ matched: 1 })
})

test.skipIf(onSqld)(
  'no table and no byte of the file names a requestor that was forgotten',
  async () => {
    const name = 'requestor-to-be-forgotten'
    await leaveTraces(name)
    await forget(name)

    const folder = tempFolder()
    try {
      expect(Bun.spawnSync(['cp', app.path, `${app.path}-wal`, folder.path]).success).toBe(true)
      const file = `${folder.path}/${app.path.split('/').at(-1)}`
      const copy = new Sqlite(file)
      const tables = copy
        .query<{ name: string }, []>("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .all()
      expect(tables.length).toBeGreaterThan(9)
      for (const table of tables)
        expect(JSON.stringify(copy.query(`SELECT * FROM "${table.name}"`).all())).not.toContain(
          name,
        )
      copy.run('PRAGMA wal_checkpoint(TRUNCATE)')
      copy.run('VACUUM')
      copy.close(true)
      expect(Buffer.from(await Bun.file(file).bytes()).includes(name)).toBe(false)
    } finally {
      folder.remove()
    }
  },
)
