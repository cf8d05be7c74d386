import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { deadlineClasses, type OperationName, type Store } from '../src/domain/store.ts'
import { firstMoment, masterKey, type TestApp, testApp } from './support/app.ts'

/** The writes that the store was asked for: their names and what they were told besides the argument. */
let writes: [name: string, context: unknown][] = []
let app: TestApp
let shop: Awaited<ReturnType<TestApp['keyFor']>>

const reads: OperationName[] = [
  ...(['listItems', 'storedItems', 'namespaceStats', 'namespaceState', 'listNamespaces'] as const),
  ...([
    'statsHistory',
    'findChange',
    'listBatches',
    'findBatch',
    'listHistory',
    'findTraces',
  ] as const),
  ...(['listApiKeys', 'findApiKeys'] as const),
  ...(['readiness', 'metrics'] as const),
  ...(['findWebhook', 'listWebhooks', 'listDeliveries', 'webhookBacklog'] as const),
]

const recording = (store: Store): Store =>
  new Proxy(store, {
    get: (target, name: OperationName) => {
      const operation: (...args: never[]) => Promise<unknown> = target[name]
      return (...args: never[]) => {
        if (!reads.includes(name)) writes.push([name, args[1]])
        return operation(...args)
      }
    },
  })

beforeAll(async () => {
  app = await testApp({ wrapStore: recording })
  shop = await app.keyFor('shop', { scopes: ['match', 'read', 'write', 'manage'] })
})
afterAll(() => app.close())

const master = `master_${createHash('sha256').update(masterKey).digest('hex').slice(0, 8)}`

/** Done in the background, at its own time. */
const byItself = ['recordKeyUses', 'sweep', 'leaseDeliveries', 'recordAttempts', 'tidyWebhooks']

/** What an action writes; the uses of keys, which are noted behind the answers, left out. */
async function writesOf(action: () => Promise<unknown>) {
  writes = []
  await action()
  return writes.filter(([name]) => !byItself.includes(name))
}

test('what an API key asks for is told when and by which key', async () => {
  const context = { now: firstMoment, actor: shop.id, requestId: expect.any(String) }
  const { call } = shop

  expect(await writesOf(() => shop.patch({ add: ['A'] }))).toEqual([['changeItems', context]])
  expect(await writesOf(() => shop.put({ items: ['A', 'B'] }))).toEqual([['replaceItems', context]])
  expect(await writesOf(() => shop.import('C\n'))).toEqual([['importRows', context]])
  expect(await writesOf(() => shop.match('r'))).toEqual([['match', context]])
  expect(await writesOf(() => shop.confirm('r', 'A'))).toEqual([['confirm', context]])
  const batch = { requestors: ['s', 't'] }
  expect(await writesOf(() => call('POST', '/namespaces/shop/match/batch', batch))).toEqual([
    ['match', context],
    ['match', context],
  ])
  expect(await writesOf(() => call('PATCH', '/namespaces/shop', { paused: true }))).toEqual([
    ['changeSettings', context],
  ])
  const forget = () => call('POST', '/namespaces/shop/forget', { requestor: 'r' })
  expect(await writesOf(forget)).toEqual([['forget', context]])
  expect(await writesOf(() => call('DELETE', '/namespaces/shop/batches/june'))).toEqual([
    ['removeBatch', context],
  ])
})

test('what a master key asks for is told when and by which key, by its fingerprint alone', async () => {
  const context = { now: firstMoment, actor: master, requestId: expect.any(String) }
  const settings = () => app.master('PATCH', '/admin/namespaces/shop', { paused: null })
  let id = ''
  const create = async () => {
    id = (await app.keyFor('new')).id
  }

  expect(await writesOf(create)).toEqual([['createApiKey', context]])
  expect(await writesOf(() => app.master('DELETE', `/admin/api-keys/${id}`))).toEqual([
    ['deleteApiKeys', context],
  ])
  expect(await writesOf(settings)).toEqual([['changeSettings', context]])
  await shop.patch({ add: ['Z'] })
  await shop.match('anybody')
  const forget = () => app.master('POST', '/admin/forget', { requestor: 'anybody' })
  expect(await writesOf(forget)).toEqual([['forget', context]])
  const webhook = { url: 'https://1.1.1.1/', events: ['stock.low'] }
  const made = await app.master<{ id: string }>('POST', '/admin/webhooks', webhook)
  const hook = `/admin/webhooks/${made.body.id}`
  for (const [method, path, body, name] of [
    ['POST', '/admin/webhooks', webhook, 'createWebhook'],
    ['PATCH', hook, { disabled: true }, 'changeWebhook'],
    ['POST', `${hook}/rotate`, undefined, 'rotateWebhookSecret'],
    ['POST', `${hook}/test`, undefined, 'testWebhook'],
    ['POST', `${hook}/deliveries/msg_1/retry`, undefined, 'retryDelivery'],
    ['DELETE', hook, undefined, 'deleteWebhook'],
  ] as const)
    expect(await writesOf(() => app.master(method, path, body))).toEqual([[name, context]])
})

test('a write is told the request id that its answer has', async () => {
  const headers = { 'x-request-id': 'mine' }
  const match = () => shop.call('POST', '/namespaces/shop/match', { requestor: 'r' }, headers)

  expect(await writesOf(match)).toEqual([
    ['match', { now: firstMoment, actor: shop.id, requestId: 'mine' }],
  ])
})

test('what zaas does by itself is told so', async () => {
  writes = []
  app.advance(60_000)
  await shop.stats()
  const uses = () => writes.filter(([name]) => name === 'recordKeyUses')
  while (uses().length === 0) await new Promise(setImmediate)

  expect(uses()).toEqual([['recordKeyUses', { now: firstMoment + 60_000, actor: 'process' }]])
})

test('each operation that is not known to read is a write here', () => {
  const known = [
    ...['changeItems', 'importRows', 'replaceItems', 'match', 'confirm', 'removeBatch'],
    ...['changeSettings', 'createApiKey', 'deleteApiKeys', 'recordKeyUses', 'sweep'],
    ...['forget', 'pruneHistory'],
    ...['createWebhook', 'changeWebhook', 'deleteWebhook', 'rotateWebhookSecret'],
    ...['testWebhook', 'retryDelivery', 'leaseDeliveries', 'recordAttempts', 'tidyWebhooks'],
  ]
  const others = Object.keys(deadlineClasses).filter((name) => !reads.some((read) => read === name))
  expect(others.sort()).toEqual(known.sort())
})
