import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { deadlineClasses, type OperationName, type Store } from '../src/domain/store.ts'
import { firstMoment, masterKey, type TestApp, testApp } from './support/app.ts'

/** The writes that the store was asked for: their names and what they were told besides the argument. */
let writes: [name: string, context: unknown][] = []
let app: TestApp
let shop: Awaited<ReturnType<TestApp['keyFor']>>

const reads: OperationName[] = [
  ...(['listItems', 'storedItems', 'previewAdd', 'namespaceStats', 'listNamespaces'] as const),
  ...(['listApiKeys', 'findApiKeys'] as const),
  ...(['readiness', 'metrics'] as const),
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
  shop = await app.keyFor('shop')
})
afterAll(() => app.close())

const master = `master_${createHash('sha256').update(masterKey).digest('hex').slice(0, 8)}`

/** What an action writes; the uses of keys, which are noted behind the answers, left out. */
async function writesOf(action: () => Promise<unknown>) {
  writes = []
  await action()
  return writes.filter(([name]) => name !== 'recordKeyUses')
}

test('what an API key asks for is told when and by which key', async () => {
  const context = { now: firstMoment, actor: shop.id }

  expect(await writesOf(() => shop.patch({ add: ['A'] }))).toEqual([['changeItems', context]])
  expect(await writesOf(() => shop.put({ items: ['A', 'B'] }))).toEqual([['replaceItems', context]])
  expect(await writesOf(() => shop.import('C\n'))).toEqual([['changeItems', context]])
  expect(await writesOf(() => shop.match('r'))).toEqual([['match', context]])
})

test('what a master key asks for is told when and by which key, by its fingerprint alone', async () => {
  const context = { now: firstMoment, actor: master }
  let id = ''
  const create = async () => {
    id = (await app.keyFor('new')).id
  }

  expect(await writesOf(create)).toEqual([['createApiKey', context]])
  expect(await writesOf(() => app.master('DELETE', `/admin/api-keys/${id}`))).toEqual([
    ['deleteApiKeys', context],
  ])
})

test('what zaas does by itself is told so', async () => {
  writes = []
  app.advance(60_000)
  await shop.stats()
  while (writes.length === 0) await new Promise(setImmediate)

  expect(writes).toEqual([['recordKeyUses', { now: firstMoment + 60_000, actor: 'process' }]])
})

test('each operation that is not known to read is a write here', () => {
  const known = ['changeItems', 'createApiKey', 'deleteApiKeys', 'match', 'recordKeyUses']
  const others = Object.keys(deadlineClasses).filter((name) => !reads.some((read) => read === name))
  expect(others.sort()).toEqual([...known, 'replaceItems'].sort())
})
