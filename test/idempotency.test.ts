import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { sweep } from '../src/storage/sqlite/matches/sweep.ts'
import { firstMoment, origin, type TestApp, testApp } from './support/app.ts'

const day = 24 * 3_600_000
let app: TestApp
let now = firstMoment
let names = 0

beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app.close())

function advance(ms: number) {
  app.advance(ms)
  now += ms
}

/** The calls of a new namespace, and those with an idempotency key. */
async function keyedPool() {
  const pool = await app.keyFor(`pool-${++names}`)
  const keyed = async (method: 'PATCH' | 'PUT', key: string, body: unknown) => {
    const headers = { 'idempotency-key': key }
    const { status, body: answer } = await pool.call<Record<string, unknown>>(
      method,
      `${pool.path}/items`,
      body,
      headers,
    )
    return { status, answer }
  }
  const items = async () =>
    (await pool.list()).body.items.map(({ item, requestor }) => [item, requestor])
  return { ...pool, keyed, items }
}

const done = (message: string, counts: Record<string, unknown>) => ({
  status: 200,
  answer: {
    ...{ success: true, message, added: 0, restored: 0, removed: 0, released: 0, updated: 0 },
    ...{ unchanged: 0, conflicts: [], ...counts },
  },
})
const usedOtherwise = {
  status: 409,
  answer: expect.objectContaining({
    code: 'conflict',
    detail: 'This idempotency-key was used for another request.',
  }),
}

describe('a change with an idempotency key', () => {
  test('is made once, and its repeat gets the same answer, whatever has happened since', async () => {
    const pool = await keyedPool()
    await pool.patch({ add: ['A', 'B', 'C'] })
    await pool.match('u')
    const release = { release: ['A'], add: ['D'], remove: ['C', 'X'] }
    const released = done('Added 1 items, Removed 1 items, Released 1 items', {
      ...{ added: 1, removed: 1, released: 1, unchanged: 1 },
    })
    expect(await pool.keyed('PATCH', 'one', release)).toEqual(released)
    await pool.match('v')
    await pool.match('w')
    expect(await pool.keyed('PATCH', 'one', release)).toEqual(released)
    expect(await pool.items()).toEqual([
      ['B', 'v'],
      ['A', 'w'],
      ['D', null],
    ])
  })

  test('gets its conflicts, what was kept and what was restored again', async () => {
    const pool = await keyedPool()
    await pool.patch({ add: ['A', 'B', 'C', 'D', 'E'] })
    await pool.match('u')
    await pool.match('v')
    await pool.match('w')
    await pool.patch({ remove: ['A', 'B', 'E'] })
    await pool.match('u')
    const first = done('Added 1 items, Restored 1 items', {
      ...{ added: 1, restored: 1, unchanged: 1, conflicts: ['A'] },
    })
    const add = ['N', 'A', 'D', { item: 'E', data: { e: 1 } }]
    expect(await pool.keyed('PATCH', 'one', { add })).toEqual(first)
    const second = done('Added 1 items, Restored 1 items, Removed 2 items', {
      ...{ added: 1, restored: 1, removed: 2, kept: 2, conflicts: ['A'] },
    })
    const stock = { items: ['A', 'B', 'O'] }
    expect(await pool.keyed('PUT', 'two', stock)).toEqual(second)
    await pool.patch({ remove: ['D'], add: ['A'] })
    expect(await pool.keyed('PATCH', 'one', { add })).toEqual(first)
    expect(await pool.keyed('PUT', 'two', stock)).toEqual(second)
    const set = [
      { item: 'O', data: { o: 1 } },
      { item: 'A', data: { a: 1 } },
    ]
    const third = done('Updated 2 items', { updated: 2 })
    expect(await pool.keyed('PATCH', 'three', { set })).toEqual(third)
    expect(await pool.keyed('PATCH', 'three', { set })).toEqual(third)
  })

  test('is a 409 with another body or method, and changes nothing', async () => {
    const pool = await keyedPool()
    const added = done('Added 1 items', { added: 1 })
    expect(await pool.keyed('PATCH', 'one', '{"add":["A"]}')).toEqual(added)
    for (const body of ['{"add":["B"]}', '{"add": ["A"]}', '{"add":[1]}', '{"add":["A"],"a":1}']) {
      expect(await pool.keyed('PATCH', 'one', body)).toEqual(usedOtherwise)
    }
    expect(await pool.keyed('PUT', 'one', '{"items":[]}')).toEqual(usedOtherwise)
    expect(await pool.items()).toEqual([['A', null]])
    expect(await pool.keyed('PATCH', 'One', '{"add":["A"]}')).toEqual(
      done('No changes made', { unchanged: 1 }),
    )
    const other = await keyedPool()
    expect(await other.keyed('PATCH', 'one', '{"add":["A"]}')).toEqual(added)
  })

  test('is made by one of several requests at once, and the others get its answer', async () => {
    const pool = await keyedPool()
    await pool.patch({ add: ['A', 'B'] })
    await pool.match('u')
    const requests = Array.from({ length: 6 }, (_, n) => n)
    const released = done('Released 1 items', { released: 1, unchanged: 1 })
    const release = ['A', 'B']
    expect(await Promise.all(requests.map(() => pool.keyed('PATCH', 'one', { release })))).toEqual(
      requests.map(() => released),
    )
    const others = await Promise.all(
      requests.map((n) => pool.keyed('PUT', 'two', { items: [`item-${n}`] })),
    )
    const [winner] = others.filter(({ status }) => status === 200)
    expect(winner).toEqual(
      done('Added 1 items, Removed 2 items', { added: 1, removed: 2, kept: 0 }),
    )
    expect(others.filter((answer) => answer !== winner)).toEqual(
      requests.slice(1).map(() => usedOtherwise),
    )
  })

  test('that was refused has not used its key', async () => {
    const pool = await keyedPool()
    const refused = await pool.keyed('PATCH', 'one', { add: ['A'], remove: ['A'] })
    expect(refused.status).toBe(422)
    expect(await pool.keyed('PATCH', 'one', '{')).toMatchObject({ status: 400 })
    const added = done('Added 1 items', { added: 1 })
    expect(await pool.keyed('PATCH', 'one', { add: ['A'] })).toEqual(added)
  })

  test('is not a dry run, which uses no key', async () => {
    const pool = await keyedPool()
    const dry = await pool.keyed('PUT', 'one', { items: ['A'], dryRun: true })
    expect(dry.answer['message']).toBe('Dry run, nothing was changed: Added 1 items')
    const added = done('Added 1 items', { added: 1, kept: 0 })
    expect(await pool.keyed('PUT', 'one', { items: ['A'] })).toEqual(added)
    expect(await pool.keyed('PUT', 'one', { items: ['A'] })).toEqual(added)
  })

  test('may have a large body, and an expiry that passes before the repeat', async () => {
    const pool = await keyedPool()
    const expiresAt = new Date(now + 1_000).toISOString()
    const add = Array.from({ length: 1_200 }, (_, n) => ({ item: `item-${n}`, expiresAt }))
    const added = done('Added 1200 items', { added: 1_200 })
    const small = { add: [{ item: 'A', expiresAt }] }
    expect(await pool.keyed('PATCH', 'large', { add })).toEqual(added)
    expect(await pool.keyed('PATCH', 'small', small)).toEqual(done('Added 1 items', { added: 1 }))
    advance(1_000)
    expect(await pool.keyed('PATCH', 'large', { add })).toEqual(added)
    expect(await pool.keyed('PATCH', 'small', small)).toEqual(done('Added 1 items', { added: 1 }))
    expect(await pool.keyed('PATCH', 'large', { add: add.slice(1) })).toEqual(usedOtherwise)
    expect((await pool.keyed('PATCH', 'new', small)).status).toBe(422)
  })

  test('is known for 24 hours, and then deleted', async () => {
    const pool = await keyedPool()
    const added = done('Added 1 items', { added: 1 })
    expect(await pool.keyed('PATCH', 'one', { add: ['A'] })).toEqual(added)
    expect(await pool.keyed('PATCH', 'two', { add: ['B'] })).toEqual(added)
    await sweep(app.db, { now: now + day - 1, actor: 'process' })
    advance(day - 1)
    expect(await pool.keyed('PATCH', 'one', { add: ['A'] })).toEqual(added)
    advance(1)
    const unchanged = done('No changes made', { unchanged: 1 })
    expect(await pool.keyed('PATCH', 'one', { add: ['A'] })).toEqual(unchanged)
    expect(await pool.keyed('PATCH', 'one', { add: ['A'] })).toEqual(unchanged)

    const keys = `SELECT key FROM idempotency_keys WHERE namespace = '${pool.namespace}' ORDER BY id`
    const known = async () =>
      (await app.db.read({ sql: keys, params: [] })).rows.map(({ key }) => key)
    while (await sweep(app.db, { now, actor: 'process' })) {}
    expect(await known()).toEqual(['one'])
  })

  test('leaves no item behind in what is kept of it', async () => {
    const pool = await keyedPool()
    await pool.patch({ add: ['SECRET', 'B'] })
    await pool.match('u')
    await pool.patch({ remove: ['SECRET'] })
    await pool.match('u')
    const { answer } = await pool.keyed('PATCH', 'one', { add: ['SECRET'] })
    expect(answer['conflicts']).toEqual(['SECRET'])
    const sql = `SELECT outcome FROM idempotency_keys WHERE namespace = '${pool.namespace}'`
    const { rows } = await app.db.read({ sql, params: [] })
    expect(rows).toEqual([{ outcome: expect.not.stringContaining('SECRET') }])
  })

  test.each(['', 'x'.repeat(129), 'é', 'a\tb'])('is a 422 if the key is %j', async (key) => {
    const pool = await keyedPool()
    const headers = { 'x-api-key': pool.apiKey, 'content-type': 'application/json' }
    for (const [method, body] of [
      ['PATCH', '{"add":["A"]}'],
      ['PUT', '{"items":["A"]}'],
    ] as const) {
      const request = { method, body, headers: { ...headers, 'idempotency-key': key } }
      const answer = await app.send(new Request(`${origin}${pool.path}/items`, request))
      const detail =
        'must be a string: 1 to 128 printable ASCII characters (idempotency-key in the headers)'
      expect(await answer.json()).toMatchObject({
        ...{ status: 422, errors: [{ pointer: '#/idempotency-key', detail }] },
      })
    }
    expect(await pool.items()).toEqual([])
  })

  test('may have a key of 128 characters, spaces among them', async () => {
    const pool = await keyedPool()
    const key = `a ${'~'.repeat(126)}`
    const added = done('Added 1 items', { added: 1 })
    expect(await pool.keyed('PATCH', key, { add: ['A'] })).toEqual(added)
    expect(await pool.keyed('PATCH', key, { add: ['A'] })).toEqual(added)
  })
})
