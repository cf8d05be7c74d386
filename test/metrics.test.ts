import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { createClient } from '@libsql/client'
import { HttpMetrics } from '../src/http/metrics/http-metrics.ts'
import { firstMoment, masterKey, type TestApp, testApp } from './support/app.ts'
import { parseExposition, seriesValue } from './support/exposition.ts'

let app: TestApp

beforeEach(async () => {
  app = await testApp()
})
afterEach(() => app.close())

async function scrape(): Promise<string> {
  const { status, body } = await app.master<string>('GET', '/metrics')
  expect(status).toBe(200)
  return body
}

/** Access lines, and what is counted with them, come just after the answer. */
async function counted(requests: number): Promise<void> {
  while (app.lines.filter(({ msg }) => msg === 'request').length < requests) {
    await new Promise(setImmediate)
  }
}

const requestsOf = (text: string, labels: Record<string, string>) =>
  seriesValue(text, 'zaas_http_request_duration_seconds_count', labels)

test('the metrics are Prometheus text, also for a bearer token, and every one has a help', async () => {
  const { status, headers, body } = await app.nobody<string>('GET', '/metrics', undefined, {
    authorization: `Bearer ${masterKey}`,
  })

  expect(status).toBe(200)
  expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(headers.get('cache-control')).toBe('no-store')
  for (const { name, help } of parseExposition(body)) {
    expect(name).toMatch(/^(zaas|process)_[a-z0-9_]+$/)
    expect(help).toMatch(/^[A-Z].*\.$/)
  }
})

test('requests are counted by method, pattern and status, and nothing of a path gets in', async () => {
  const shop = await app.keyFor('shop')
  await shop.stats()
  await app.nobody('GET', '/namespaces/shop/stats')
  await app.nobody('GET', '/secret-path')
  await app.nobody('PURGE', '/')
  await app.master('DELETE', '/admin/api-keys/zaas_no-such-key')
  await counted(6)
  const text = await scrape()

  const stats = { method: 'GET', route: '/namespaces/:namespace/stats' }
  expect(requestsOf(text, { ...stats, status: '200' })).toBe(1)
  expect(requestsOf(text, { ...stats, status: '401' })).toBe(1)
  expect(requestsOf(text, { method: 'GET', route: 'unknown', status: '404' })).toBe(1)
  expect(requestsOf(text, { method: 'other', route: 'unknown', status: '405' })).toBe(1)
  expect(requestsOf(text, { route: '/admin/api-keys/:apiKey', status: '404' })).toBe(1)
  expect(text).not.toMatch(/secret-path|no-such-key|PURGE/)
})

test('matches are counted by namespace and outcome, and items as they stand', async () => {
  const [shop, other] = [await app.keyFor('shop'), await app.keyFor('other')]
  await shop.patch({ add: ['A', 'B'] })
  await other.patch({ add: ['C', 'D', 'E'] })
  for (const requestor of ['u1', 'u2', 'u1', 'u3', 'u4']) await shop.match(requestor)
  await other.match('u1')
  await shop.patch({ remove: ['A'] })
  const text = await scrape()

  const matches = (namespace: string) =>
    ['new', 'repeat', 'exhausted', 'failed'].map((outcome) =>
      seriesValue(text, 'zaas_matches_total', { namespace, outcome }),
    )
  expect([matches('shop'), matches('other')]).toEqual([
    [2, 1, 2, 0],
    [1, 0, 0, 0],
  ])
  expect(seriesValue(text, 'zaas_items_available', { namespace: 'shop' })).toBe(0)
  expect(seriesValue(text, 'zaas_items_matched', { namespace: 'shop' })).toBe(1)
  expect(seriesValue(text, 'zaas_items_available', { namespace: 'other' })).toBe(2)
  expect(seriesValue(text, 'zaas_items_matched', { namespace: 'other' })).toBe(1)
})

test('what else becomes of a match is counted once it was seen, and held and expired items too', async () => {
  const shop = await app.keyFor('shop', { scopes: ['match', 'read', 'write', 'manage'] })
  const set = (settings: object) => shop.call('PATCH', '/namespaces/shop', settings)
  const expiresAt = new Date(firstMoment + 1).toISOString()
  await shop.patch({ add: ['A', 'B', 'C', 'D', { item: 'E', expiresAt }] })
  app.advance(1)
  await shop.match('u')
  await shop.match('u', { slot: 's' })
  await shop.match('u', { replace: 'A' })
  await shop.match('v', { holdSeconds: 60 })
  await shop.confirm('v', 'C')
  await shop.match('w', { holdSeconds: 60 })
  await shop.confirm('w', 'A')
  await set({ paused: true })
  await shop.call('POST', '/namespaces/shop/match/batch', { requestors: ['x', 'y', 'u'] })
  await set({ paused: null, opensAt: '2040-01-01T00:00:00Z' })
  await shop.match('x')
  await set({ opensAt: null, closesAt: expiresAt })
  await shop.match('x')
  const text = await scrape()

  const outcomes = parseExposition(text).find(({ name }) => name === 'zaas_matches_total')
  const counts = outcomes?.samples.map(({ labels, value }) => [labels['outcome'], value]) ?? []
  expect(Object.fromEntries(counts)).toEqual({
    ...{ new: 1, repeat: 1, exhausted: 0, failed: 0, limit_reached: 1, replaced: 1, held: 2 },
    ...{ confirmed: 1, lapsed: 1, paused: 2, not_open: 1, closed: 1 },
  })
  const items = ['available', 'matched', 'held', 'expired'].map((kind) =>
    seriesValue(text, `zaas_items_${kind}`, { namespace: 'shop' }),
  )
  expect(items).toEqual([0, 2, 1, 1])
})

test('commits, batches and retries are counted where the database runs', async () => {
  const shop = await app.keyFor('shop')
  await shop.patch({ add: ['A', 'B', 'C'] })
  let before = await scrape()
  // The migration, the key, the change, and behind its answer the note that the key was used.
  while (seriesValue(before, 'zaas_database_commit_duration_seconds_count') < 4) {
    await new Promise(setImmediate)
    before = await scrape()
  }
  await Promise.all(['u1', 'u2', 'u3'].map((requestor) => shop.match(requestor)))
  const after = await scrape()
  const grown = (name: string) => seriesValue(after, name) - seriesValue(before, name)

  expect(grown('zaas_match_batch_requests_count')).toBe(1)
  expect(grown('zaas_match_batch_requests_sum')).toBe(3)
  expect(grown('zaas_database_commit_duration_seconds_count')).toBe(1)
  expect(grown('zaas_database_retries_total')).toBe(0)

  const other = createClient({ url: `file:${app.path}` })
  const lock = await other.transaction('write')
  const change = shop.patch({ add: ['D'] })
  let text = after
  while (seriesValue(text, 'zaas_database_retries_total') === 0) text = await scrape()
  expect(seriesValue(text, 'zaas_database_waiting_writes')).toBe(1)
  await lock.rollback()
  other.close()
  expect((await change).status).toBe(200)
  expect(seriesValue(await scrape(), 'zaas_database_failures_total')).toBe(0)
})

test('without its database the process still tells its own metrics, and that the others are missing', async () => {
  const up = await scrape()
  await app.db.close()
  const down = await scrape()

  expect([up, down].map((text) => seriesValue(text, 'zaas_database_up'))).toEqual([1, 0])
  expect([up, down].map((text) => seriesValue(text, 'zaas_ready'))).toEqual([1, 0])
  expect(seriesValue(up, 'zaas_durability_full')).toBe(1)
  expect(down).not.toContain('zaas_durability_full')
  expect(seriesValue(down, 'process_resident_memory_bytes')).toBeGreaterThan(0)
  expect(app.lines).toContainEqual(expect.objectContaining({ level: 40 }))
})

test('a process that is about to end is not ready', async () => {
  app.announceStop()

  expect(seriesValue(await scrape(), 'zaas_ready')).toBe(0)
})

test('a blocked event loop is measured', async () => {
  const slow = (text: string) =>
    seriesValue(text, 'zaas_event_loop_delay_seconds_count') -
    seriesValue(text, 'zaas_event_loop_delay_seconds_bucket', { le: '0.1' })
  const before = slow(await scrape())
  const until = performance.now() + 200
  while (performance.now() < until);
  let after = before
  while (after === before) {
    await new Promise(setImmediate)
    after = slow(await scrape())
  }

  expect(after).toBe(before + 1)
})

describe('of more than a thousand namespaces', () => {
  test('the first thousand are listed, and a metric says that it is cut', async () => {
    const names = Array.from({ length: 1_001 }, (_, n) => `n${String(n).padStart(4, '0')}`)
    const rows = JSON.stringify(names)
    await app.db.write([
      {
        sql: 'INSERT INTO namespaces (namespace) SELECT value FROM json_each(?)',
        params: [rows],
      },
    ])
    const text = await scrape()
    const listed = parseExposition(text).find(({ name }) => name === 'zaas_items_available')

    expect(listed?.samples).toHaveLength(1_000)
    expect(seriesValue(text, 'zaas_namespaces_cut')).toBe(1)
  })

  test('the matches of the others are counted together', async () => {
    const none = () => 0
    const metrics = new HttpMetrics({ bodyBytes: none, imports: none, lists: none })
    for (let n = 0; n < 1_002; n++) metrics.countMatch(`n${n}`, 'new')
    metrics.countMatch('n0', 'new')
    const text = await metrics.text()

    expect(seriesValue(text, 'zaas_matches_total', { namespace: 'n0', outcome: 'new' })).toBe(2)
    expect(seriesValue(text, 'zaas_matches_total', { namespace: '~other', outcome: 'new' })).toBe(2)
    expect(text).not.toContain('n1000')
  })
})

test.each([
  ['a line that is no sample', '# HELP a A.\n# TYPE a gauge\na {} 1\n'],
  ['a metric without a type', '# HELP a A.\na 1\n'],
  ['a metric without a help', '# TYPE a gauge\na 1\n'],
  ['a series that comes twice', '# HELP a A.\n# TYPE a gauge\na 1\na 2\n'],
  ['a metric that comes twice', '# HELP a A.\n# TYPE a gauge\na 1\n# HELP a A.\n# TYPE a gauge\n'],
  ['a bucket of no histogram', '# HELP a A.\n# TYPE a gauge\na_bucket{le="1"} 1\n'],
])('the parser of these tests refuses %s', (_, text) => {
  expect(() => parseExposition(text)).toThrow()
})
