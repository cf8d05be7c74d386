import { Database } from 'bun:sqlite'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import {
  createAdmin,
  createClient,
  errorOf,
  type Item,
  type Scope,
  ZaasClientError,
} from '../../src/client/index.ts'
import { masterKey, tempFolder } from '../support/app.ts'
import { type Direction, type Fate, startProxy, type TcpProxy } from '../support/proxy.ts'
import { type Server, startServer } from '../support/server.ts'

const folder = tempFolder()
const databasePath = `${folder.path}/zaas.db`
const bodyLimitBytes = 65_536
let server: Server
let proxy: TcpProxy
let namespaces = 0

beforeAll(async () => {
  const env = { BODY_LIMIT_BYTES: String(bodyLimitBytes) }
  server = await startServer(`file:${databasePath}`, { env })
  proxy = await startProxy(server.port)
})
afterAll(async () => {
  proxy.stop()
  await server.stop()
  folder.remove()
})
beforeEach(() => proxy.decide(() => 'pass'))

const admin = (origin = server.origin) => createAdmin({ origin, masterApiKey: masterKey })
const viaProxy = () => `http://127.0.0.1:${proxy.port}`

/** A client with a new key for a new namespace that has these items. */
async function shop(items: string[] = [], options: { triesMax?: number; timeoutMs?: number } = {}) {
  const namespace = `shop-${++namespaces}`
  const scopes: Scope[] = ['match', 'read', 'write', 'manage']
  const { apiKey } = await admin().createKey({ namespace, scopes })
  const direct = createClient({ origin: server.origin, apiKey, namespace })
  if (items.length > 0) await direct.change({ add: items })
  const proxied = createClient({ origin: viaProxy(), apiKey, namespace, ...options })
  return { namespace, apiKey, direct, proxied }
}

async function all(items: AsyncIterable<Item>): Promise<string[]> {
  const listed = []
  for await (const { item, requestor } of items) listed.push(`${item} ${requestor}`)
  return listed
}

/** What a call throws, which must be the client's own error. */
async function failure(call: Promise<unknown>): Promise<ZaasClientError> {
  const error: unknown = await call.then(
    () => new Error('It succeeded.'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ZaasClientError)) throw error
  return error
}

describe('outcomes', () => {
  test('of a match: an item, the same one again, and none left', async () => {
    const { direct } = await shop(['A'])
    const first = await direct.match('u')
    expect(first).toEqual({
      success: true,
      item: 'A',
      data: null,
      expiresAt: null,
      matchedAt: expect.stringMatching(/^20.*Z$/),
      alreadyMatched: false,
      message: 'Item successfully matched',
    })
    expect<object>(await direct.match('u')).toEqual({
      ...first,
      message: 'Item already assigned to this requestor',
      alreadyMatched: true,
    })
    expect(await direct.match('v')).toEqual({
      success: false,
      reason: 'none_left',
      message: 'No available items in this namespace',
    })
  })

  test('of a match with a slot, a hold or a replacement, and of many', async () => {
    const { direct } = await shop(['A', 'B', 'C', 'D'])
    await direct.changeSettings({ itemsPerRequestor: 2 })
    const held = await direct.match('u', { slot: 's', holdSeconds: 60 })
    expect(held).toMatchObject({ item: 'A', heldUntil: expect.stringMatching(/^20.*Z$/) })
    const confirmation = { requestor: 'u', slot: 's', item: 'A' }
    expect(await direct.confirm(confirmation)).toMatchObject({ success: true, item: 'A' })
    expect(await direct.confirm({ requestor: 'v', item: 'A' })).toMatchObject({
      ...{ success: false, reason: 'hold_lapsed' },
    })
    expect(await direct.match('u', { slot: 's', replace: 'A' })).toMatchObject({
      ...{ item: 'B', replaced: true },
    })
    const outcomes = await direct.matchBatch(['u', { requestor: 'u', slot: 't' }, 'v', 'w'])
    expect(outcomes.map((each) => (each.success ? each.item : each.reason))).toEqual([
      ...['C', 'limit_reached', 'D', 'none_left'],
    ])
  })

  test('of settings, by an API key and by a master key', async () => {
    const { direct, namespace } = await shop(['A'])
    const changed = await direct.changeSettings({ description: 'Codes', paused: true })
    expect(changed.settings).toMatchObject({ description: 'Codes', paused: true, opensAt: null })
    expect(await direct.namespace()).toEqual(changed)
    expect(await direct.match('u')).toMatchObject({ success: false, reason: 'paused' })
    const state = await admin().changeSettings(namespace, { paused: null })
    expect(state.settings).toMatchObject({ description: 'Codes', paused: null })
    const listed = await Array.fromAsync(admin().namespaces({ prefix: namespace }))
    expect(listed.map((each) => each.namespace)).toContain(namespace)
    expect(listed.every((each) => each.namespace.startsWith(namespace))).toBe(true)
    const first = await admin().pageOfNamespaces({ order: 'available', prefix: namespace })
    expect(first.nextCursor).toBeNull()
  })

  test('of counts over time', async () => {
    const { direct } = await shop(['A', 'B'])
    const before = new Date().toISOString()
    await direct.match('u')
    // The hour may change meanwhile.
    const { points } = await direct.statsHistory({ from: before.slice(0, 14).concat('00:00Z') })
    expect(points.map(({ matched }) => matched).reduce((one, other) => one + other)).toBe(1)
    expect(points.at(-1)).toMatchObject({ available: 1, released: 0, removed: 0 })
    expect(await failure(direct.statsHistory({ from: before, to: before }))).toMatchObject({
      code: 'invalid',
    })
  })

  test('of batches, which can be taken back', async () => {
    const { direct } = await shop()
    await direct.import('A\nB\nC\n', { batch: 'june' })
    await direct.change({ add: [{ item: 'D', data: { pin: 1 } }], batch: 'may' })
    await direct.match('u')
    expect((await Array.fromAsync(direct.batches())).map(({ batch }) => batch)).toEqual([
      ...['may', 'june'],
    ])
    const page = await direct.pageOfBatches({ limit: 1 })
    expect(page).toMatchObject({ batches: [{ batch: 'may', received: 1 }] })
    expect(await direct.batch('june')).toMatchObject({ available: 2, matched: 1 })
    expect(await direct.removeBatch('june')).toMatchObject({ removed: 2, kept: 1 })
    expect(await failure(direct.batch('none'))).toMatchObject({ code: 'not_found' })
  })

  test('of history, and of a requestor that is forgotten', async () => {
    const { direct, namespace } = await shop(['A'])
    const requestor = `ann-${namespace}`
    await direct.match(requestor)
    const events = await Array.fromAsync(direct.history({ item: 'A' }))
    expect(events.map(({ event }) => event)).toEqual(['matched', 'added'])
    expect(await direct.pageOfHistory({ limit: 1 })).toMatchObject({ events: [{ event: 'added' }] })
    const whole = await Array.fromAsync(admin().history({ requestor }))
    expect(whole).toMatchObject([{ namespace, event: 'matched', item: 'A' }])
    expect(await direct.forget(requestor)).toBe(1)
    expect(await admin().forget(requestor)).toBe(0)
    expect(await admin().pageOfHistory({ requestor })).toEqual({ events: [], nextCursor: null })
  })

  test('of changes and of a new stock', async () => {
    const { direct } = await shop(['A', 'B', 'C'])
    await direct.match('u')
    const counts = { added: 0, restored: 0, removed: 0, released: 0, updated: 0, unchanged: 0 }
    const none = { ...counts, conflicts: [] }
    expect(await direct.change({ add: ['D'], remove: ['C'], release: ['A'] })).toEqual({
      ...{ ...none, added: 1, removed: 1, released: 1 },
      ...{ success: true, message: 'Added 1 items, Removed 1 items, Released 1 items' },
    })
    await direct.match('u')
    expect(await direct.replace(['E'])).toMatchObject({ added: 1, removed: 2, kept: 1 })
    expect(await direct.replace(['E'], { removeMatched: true })).toMatchObject({ removed: 1 })
    expect(await direct.stats()).toEqual({
      total: 1,
      matched: 0,
      available: 1,
      held: 0,
      expired: 0,
      ...{ perDay: 2, runsOutAt: expect.any(String) },
    })
  })

  test('of imports, from text, a Blob and a stream', async () => {
    const { direct } = await shop()
    expect(await direct.import('A\nB\n')).toMatchObject({ received: 2, added: 2, invalid: 0 })
    const csv = new Blob(['n,item\n1,C\n'])
    expect(await direct.import(csv, { type: 'text/csv' })).toMatchObject({ added: 1 })
    const lines = new Blob(['"D"\n', '{"item":"E"}\n', '{}\n']).stream()
    expect(await direct.import(lines, { type: 'application/x-ndjson' })).toMatchObject({
      added: 2,
      invalid: 1,
      errors: [{ line: 3, detail: expect.stringContaining('must be') }],
    })
    expect(await all(direct.items())).toEqual(['A', 'B', 'C', 'D', 'E'].map((x) => `${x} null`))
  })

  test('of imports that have to be told how to read a file', async () => {
    const { direct } = await shop()
    const file = Buffer.from('Nummer;Wert\nCAF\xc9;1\n', 'latin1')
    const told = { type: 'text/csv', charset: 'windows-1252', delimiter: ';' } as const
    const dry = await direct.import(new Blob([file]), { ...told, column: 'nummer', dryRun: true })
    expect(dry).toMatchObject({ items: [{ item: 'CAFÉ' }], added: 1 })
    expect(
      await direct.import(new Blob([file]), { ...told, column: 1, header: true }),
    ).toMatchObject({
      added: 1,
      read: { encoding: 'windows-1252', delimiter: ';', header: ['Nummer', 'Wert'], column: 1 },
    })
    await direct.match('u')
    const list = await direct.export()
    await direct.change({ remove: ['CAFÉ'] })
    const again = { type: 'text/csv', matches: 'drop', restore: false } as const
    expect(await direct.import(list, again)).toMatchObject({ added: 0, leftRemoved: 1 })
    const refused = await direct.import(list, { type: 'text/csv' }).catch((error) => error)
    expect(refused).toMatchObject({ status: 422, errors: [{ pointer: '#/matches' }] })
  })

  test('of a list, over several pages and by filters', async () => {
    const { direct } = await shop()
    const items = Array.from({ length: 2_001 }, (_, n) => `I${n}`)
    await direct.import(items.join('\n'))
    await direct.match('u & v')
    expect((await all(direct.items())).length).toBe(2_001)
    expect(await all(direct.items({ requestor: 'u & v' }))).toEqual(['I0 u & v'])
    expect((await all(direct.items({ status: 'available', item: undefined }))).length).toBe(2_000)
    const [last] = await all(direct.items({ order: 'desc' }))
    expect(last).toBe('I2000 null')
  })

  test('of a page, and of the one behind it', async () => {
    const { direct } = await shop(['A', 'B', 'C'])
    await direct.match('u')
    const page = await direct.pageOfItems({ status: 'available', order: 'desc', limit: 1 })
    expect(page).toEqual({
      items: [
        {
          ...{ item: 'C', requestor: null, slot: null, data: null, matchedAt: null },
          ...{ heldUntil: null, expiresAt: null, createdAt: expect.any(String), batch: null },
          status: 'available',
        },
      ],
      nextCursor: expect.any(String),
    })
    const next = { status: 'available', order: 'desc', cursor: page.nextCursor ?? '' } as const
    expect(await direct.pageOfItems(next)).toMatchObject({
      items: [{ item: 'B' }],
      nextCursor: null,
    })
    expect(
      await direct.pageOfItems({ item: 'A', requestor: 'u', cursor: undefined }),
    ).toMatchObject({
      items: [{ item: 'A' }],
      nextCursor: null,
    })
    expect((await direct.pageOfItems()).items).toHaveLength(3)
  })

  test.each([
    [
      'text/csv',
      'item,requestor,slot,data,matchedAt,heldUntil,expiresAt,createdAt,batch,status\r\n',
    ],
    ['application/x-ndjson', ''],
    ['application/json', '{"items":[],"nextCursor":null}'],
  ] as const)('of the whole list as %s, and of an empty one', async (type, empty) => {
    const { direct, namespace, apiKey } = await shop()
    const nothing = await direct.export({}, { type })
    expect([nothing.type, await nothing.text()]).toEqual([`${type};charset=utf-8`, empty])
    await direct.import(Array.from({ length: 2_001 }, (_, n) => `I${n}`).join('\n'))
    await direct.match('u & v')
    const headers = { 'x-api-key': apiKey, accept: type }
    const whole = await fetch(`${server.origin}/namespaces/${namespace}/items`, { headers })
    expect(await (await direct.export(undefined, { type })).text()).toBe(await whole.text())
    const filter = { requestor: 'u & v', status: undefined }
    expect(await (await direct.export(filter, { type })).text()).toContain('I0')
    expect(await (await direct.export(filter, { type })).text()).not.toContain('I1')
  })

  test('of keys: made, listed, deleted', async () => {
    const namespace = 'keys of the client'.replaceAll(' ', '-')
    const made = await admin().createKey({ namespace, name: 'shop', scopes: ['match'] })
    expect(made.apiKey).toMatch(/^zaas_\w{33}$/)
    const [listed, ...others] = await admin().listKeys({ apiKey: made.apiKey })
    expect([listed?.id, others]).toEqual([made.id, []])
    expect(await admin().listKeys({ namespace })).toHaveLength(1)
    expect(await admin().deleteKey(made.apiKey, { namespace })).toBe(1)
    expect(await admin().listKeys({ namespace })).toEqual([])
  })

  test('of lists of keys and namespaces that are longer than a page', async () => {
    const namespaces = Array.from({ length: 1_001 }, (_, n) => `many-${String(n).padStart(4, '0')}`)
    const { apiKey, id } = await admin().createKey({ namespace: 'many' })
    bindAlso(id, namespaces)
    expect(await admin().listKeys({ apiKey })).toHaveLength(1_002)
    expect((await admin().pageOfKeys()).apiKeys).toHaveLength(1_000)
    expect((await admin().pageOfNamespaces()).namespaces).toHaveLength(1_000)
    const listed = await Array.fromAsync(admin().namespaces())
    const none = {
      ...{ total: 0, matched: 0, available: 0, held: 0, expired: 0 },
      ...{ perDay: 0, runsOutAt: null },
    }
    expect(listed.filter(({ namespace }) => namespace.startsWith('many-'))).toEqual(
      namespaces.map((namespace) => ({ namespace, ...none })),
    )
  })

  test('of a page of keys and of one of namespaces, and of those behind them', async () => {
    const { namespace, apiKey } = await shop()
    const other = await admin().createKey({ namespace })
    const first = await admin().pageOfKeys({ namespace, limit: 1 })
    const second = await admin().pageOfKeys({ namespace, limit: 1, cursor: first.nextCursor ?? '' })
    const ids = [...first.apiKeys, ...second.apiKeys].map(({ id }) => id)
    expect([ids.length, second.nextCursor]).toEqual([2, null])
    expect(ids).toContain(other.id)
    expect(await admin().pageOfKeys({ apiKey })).toMatchObject({ apiKeys: [{ namespace }] })
    const { namespaces, nextCursor } = await admin().pageOfNamespaces({ limit: 1 })
    const behind = await admin().pageOfNamespaces({ limit: 1, cursor: nextCursor ?? '' })
    expect([namespaces.length, behind.namespaces.length]).toEqual([1, 1])
    expect(behind.namespaces).not.toEqual(namespaces)
  })
})

describe('errors', () => {
  test('tell code, status, request and what is wrong', async () => {
    const { direct } = await shop()
    const error = await failure(direct.match(''))
    expect(error).toMatchObject({
      name: 'ZaasClientError',
      message: 'The request breaks a rule.',
      code: 'invalid',
      status: 422,
      requestId: expect.stringMatching(/^[\da-f]{12}-[\da-z]+$/),
      errors: [{ pointer: '#/requestor', detail: expect.stringContaining('1 to 255') }],
    })
  })

  test.each([
    ['unauthenticated', 401],
    ['forbidden', 403],
    ['insufficient_scope', 403],
    ['not_found', 404],
    ['conflict', 409],
    ['body_too_large', 413],
    ['unsupported_media_type', 415],
    ['invalid', 422],
    ['internal', 500],
    ['unexpected', undefined],
  ] as const)('%s comes after one try', async (code, status) => {
    const { proxied, apiKey, namespace } = await shop(['A'])
    const { apiKey: readOnly } = await admin().createKey({ namespace, scopes: ['read'] })
    const at = (options: object) =>
      createClient({ origin: viaProxy(), apiKey, namespace, ...options })
    const type = 'text/html' as 'text/csv'
    const calls = {
      unauthenticated: () => at({ apiKey: 'none' }).match('u'),
      forbidden: () => at({ namespace: 'other' }).match('u'),
      insufficient_scope: () => at({ apiKey: readOnly }).match('u'),
      not_found: () => at({ origin: `${viaProxy()}/elsewhere` }).match('u'),
      conflict: () => admin(viaProxy()).createKey({ namespace, apiKey }),
      body_too_large: () => proxied.match('u'.repeat(bodyLimitBytes)),
      unsupported_media_type: () => proxied.import('A', { type }),
      invalid: () => proxied.match('\ud800'),
      internal: () => withoutItems(() => proxied.match('u')),
      unexpected: () => at({ origin: `${viaProxy()}/swagger?` }).stats(),
    }
    const sent = countRequests()
    const error = await failure(calls[code]())
    expect([error.code, error.status, sent()]).toEqual([code, status, 1])
  })

  test('of a server that is not there are unreachable', async () => {
    const { namespace, apiKey } = await shop()
    const gone = createClient({ origin: 'http://127.0.0.1:1', namespace, apiKey, triesMax: 1 })
    const error = await failure(gone.stats())
    expect([error.code, error.status]).toEqual(['unreachable', undefined])
    expect(error.cause).toBeInstanceOf(Error)
  })

  test('tell no key, whatever became of the connection', async () => {
    const apiKey = `zaas_${'S'.repeat(33)}`
    const redirector = Bun.serve({ port: 0, fetch: ({ url }) => Response.redirect(url) })
    for (const origin of ['http://127.0.0.1:1', redirector.url.origin]) {
      const away = createAdmin({ origin, masterApiKey: masterKey, triesMax: 1 })
      for (const call of [() => away.deleteKey(apiKey), () => away.listKeys({ apiKey })]) {
        const error = await failure(call())
        const printed = Bun.inspect(error)
        expect(printed).toMatch(/code: "(ECONNREFUSED|UnexpectedRedirect)"/)
        expect(printed).not.toContain(apiKey)
        expect(printed).not.toContain(masterKey)
      }
    }
    await redirector.stop(true)
  })

  test('are made of answers to what was sent without the client, too', async () => {
    const { namespace } = await shop()
    const response = await fetch(`${server.origin}/namespaces/${namespace}/items`)
    expect(errorOf(response, await response.json())).toMatchObject({
      message: 'A valid API key is needed.',
      code: 'unauthenticated',
      status: 401,
    })
    expect(errorOf(new Response(null, { status: 502 }), undefined)).toMatchObject({
      code: 'unexpected',
      status: 502,
    })
  })

  test('of what cannot be sent are told before it is', async () => {
    const options = { origin: server.origin, apiKey: 'key', namespace: 'shop' }
    expect(() => createClient({ ...options, origin: 'zaas.example' })).toThrow(TypeError)
    expect(() => createClient({ ...options, apiKey: 'a\nb' })).toThrow(TypeError)
    for (const lost of ['', '.', '..']) {
      expect(() => createClient({ ...options, namespace: lost })).toThrow(TypeError)
      await expect(admin().deleteKey(lost)).rejects.toThrow(TypeError)
    }
  })
})

describe('a call whose answer is lost', () => {
  test.each(['answer', 'request'] as const)(
    'is made again when it is a match, cut at its %s, and brings the one item',
    async (direction) => {
      const { direct, proxied } = await shop(['A', 'B'])
      const sent = countRequests(cutFirst(direction))
      const outcome = await proxied.match('u')
      expect(outcome).toMatchObject({ item: 'A', alreadyMatched: direction === 'answer' })
      expect(sent()).toBe(2)
      expect(await direct.match('u')).toMatchObject({ item: 'A', alreadyMatched: true })
      expect(await direct.stats()).toEqual({
        total: 2,
        matched: 1,
        available: 1,
        held: 0,
        expired: 0,
        ...{ perDay: 1, runsOutAt: expect.any(String) },
      })
    },
  )

  test('is made again when it only reads', async () => {
    const { proxied } = await shop(['A'])
    const sent = countRequests(cutFirst('answer'))
    expect(await proxied.stats()).toEqual({
      total: 1,
      matched: 0,
      available: 1,
      held: 0,
      expired: 0,
      ...{ perDay: 0, runsOutAt: null },
    })
    expect(await all(proxied.items())).toEqual(['A null'])
    expect(sent()).toBe(3)
  })

  test('is made again when it is an export that breaks off', async () => {
    const { direct, proxied } = await shop()
    await direct.import(Array.from({ length: 10_000 }, (_, n) => `I${n}`).join('\n'))
    let pieces = 0
    const sent = countRequests((direction) =>
      direction === 'answer' && ++pieces === 2 ? 'cut' : 'pass',
    )
    expect((await (await proxied.export()).text()).split('\r\n')).toHaveLength(10_002)
    expect(sent()).toBe(2)
  })

  test('is waited for as long as it takes when it is an export', async () => {
    const { proxied } = await shop(['A'], { timeoutMs: 50 })
    const sent = countRequests((direction) => (direction === 'answer' ? 'hold' : 'pass'))
    setTimeout(() => proxy.release(), 200)
    expect(await (await proxied.export()).text()).toContain('A')
    expect(sent()).toBe(1)
  })

  test.each(['fresh', 'kept'])(
    'is sent once when it is a release, on a %s connection',
    async (connection) => {
      const { direct, proxied } = await shop(['A'])
      await direct.match('u')
      if (connection === 'kept') await proxied.stats()
      const sent = countRequests(cutFirst('answer'))
      const error = await failure(proxied.change({ release: ['A'] }))
      expect([error.code, error.status]).toEqual(['unreachable', undefined])
      expect(sent()).toBe(1)
      expect(await direct.stats()).toMatchObject({ matched: 0 })
    },
  )

  test('is sent again when it is a change with an idempotency key, and made once', async () => {
    const { direct, proxied } = await shop(['A', 'B'])
    await direct.match('u')
    const sent = countRequests(cutFirst('answer'))
    const changed = await proxied.change({ release: ['A'] }, { idempotencyKey: 'one' })
    expect([changed.released, sent()]).toEqual([1, 2])
    await direct.match('v')
    await direct.match('w')
    const repeated = await proxied.change({ release: ['A'] }, { idempotencyKey: 'one' })
    expect(repeated).toEqual(changed)
    const replaced = await proxied.replace(['A', 'B'], { idempotencyKey: 'two' })
    expect(replaced).toMatchObject({ unchanged: 2, kept: 0 })
    const other = await failure(proxied.replace([], { idempotencyKey: 'two' }))
    expect([other.code, other.status]).toEqual(['conflict', 409])
    expect(await direct.stats()).toMatchObject({ matched: 2 })
  })

  test('is given up in time and made again', async () => {
    const { proxied } = await shop(['A'], { timeoutMs: 500 })
    let held = 0
    const sent = countRequests((direction) =>
      direction === 'answer' && held++ === 0 ? 'hold' : 'pass',
    )
    expect(await proxied.match('u')).toMatchObject({ item: 'A', alreadyMatched: true })
    expect(sent()).toBe(2)
  })

  test('is a timeout when no try brings one', async () => {
    const { proxied } = await shop(['A'], { timeoutMs: 50, triesMax: 2 })
    const sent = countRequests((direction) => (direction === 'answer' ? 'hold' : 'pass'))
    const error = await failure(proxied.match('u'))
    expect([error.code, error.message]).toEqual(['timeout', 'No answer came within 50 ms.'])
    expect(sent()).toBe(2)
  })

  test('ends with the signal, while it waits for an answer', async () => {
    const { proxied } = await shop(['A'])
    const cancel = new AbortController()
    proxy.decide((direction) => {
      if (direction === 'answer') cancel.abort(new Error('enough'))
      return direction === 'answer' ? 'hold' : 'pass'
    })
    await expect(proxied.match('u', { signal: cancel.signal })).rejects.toThrow('enough')
  })

  test('ends with the signal, between two tries', async () => {
    const { proxied } = await shop(['A'])
    const cancel = new AbortController()
    const sent = countRequests(cutFirst('answer', () => cancel.abort(new Error('enough'))))
    await expect(proxied.match('u', { signal: cancel.signal })).rejects.toThrow('enough')
    expect(sent()).toBe(1)
  })
})

test('a match that zaas is too busy for waits as long as it is asked to, if it may be tried again', async () => {
  const { proxied, namespace, apiKey } = await shop(['A'])
  const once = createClient({ origin: server.origin, namespace, apiKey, triesMax: 1 })
  const unlock = lockDatabase()
  let refusedAt = 0
  let returnedAfterMs = 0
  const sent = countRequests((direction, piece) => {
    if (direction === 'answer' && piece.includes(' 503 ')) refusedAt = performance.now()
    if (direction === 'request' && refusedAt > 0) returnedAfterMs = performance.now() - refusedAt
    return 'pass'
  })
  const patient = proxied.match('u')
  const error = await failure(once.match('v'))
  unlock()
  expect([error.code, error.status, error.retryAfterMs]).toEqual(['unavailable', 503, 1_000])
  expect(await patient).toMatchObject({ item: 'A', alreadyMatched: false })
  expect(sent()).toBe(2)
  expect(returnedAfterMs).toBeGreaterThanOrEqual(1_000)
})

/** Counts the requests that come through the proxy, each of which begins with its method. */
function countRequests(fateOf: (direction: Direction, piece: Buffer) => Fate = () => 'pass') {
  let count = 0
  proxy.decide((direction, piece) => {
    if (direction === 'request' && /^[A-Z]+ \//.test(piece.toString('latin1'))) count++
    return fateOf(direction, piece)
  })
  return () => count
}

/** Resets the first connection that has a piece of this direction, and lets all others be. */
function cutFirst(direction: Direction, then = () => {}): (of: Direction) => Fate {
  let cut = false
  return (of) => {
    if (cut || of !== direction) return 'pass'
    cut = true
    then()
    return 'cut'
  }
}

/** Does something while the table of the items has another name, which makes every query of it fail. */
async function withoutItems<Result>(use: () => Promise<Result>): Promise<Result> {
  const other = openDatabase()
  other.run('ALTER TABLE items RENAME TO lost')
  try {
    return await use()
  } finally {
    other.run('ALTER TABLE lost RENAME TO items')
    other.close()
  }
}

/** Binds a key to more namespaces, all at once. */
function bindAlso(id: string, namespaces: string[]): void {
  const other = openDatabase()
  other.run(
    `INSERT INTO api_keys (id, digest, masked, namespace, name, scopes, created_at)
     SELECT key.id || each.value, digest, masked, each.value, name, scopes, created_at
     FROM api_keys key, json_each(?) each WHERE key.id = ?`,
    [JSON.stringify(namespaces), id],
  )
  other.close()
}

/** Holds the write lock, as another process may, until the function that it returns is called. */
function lockDatabase(): () => void {
  const other = openDatabase()
  other.run('BEGIN IMMEDIATE')
  return () => {
    other.run('ROLLBACK')
    other.close()
  }
}

/** The server's database, from a process that is not the server's. */
function openDatabase(): Database {
  const database = new Database(databasePath)
  database.run('PRAGMA busy_timeout = 5000')
  return database
}
