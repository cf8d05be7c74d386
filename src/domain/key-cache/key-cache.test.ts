import { expect, test } from 'bun:test'
import { type ApiKey, digestOf } from '../api-key.ts'
import { KeyCache } from './key-cache.ts'

const binding = (namespace: string): ApiKey => ({
  id: 'key_1',
  apiKey: 'zaas…',
  namespace,
  name: null,
  scopes: ['match'],
  createdAt: 0,
  expiresAt: null,
  lastUsedAt: null,
})

/** A cache on a store whose keys the test makes, and whose reads it ends. */
function keyCache() {
  const keys: Record<string, ApiKey[]> = {}
  const reads: { digests: readonly string[]; end: (error?: Error) => void }[] = []
  const cache = new KeyCache(
    {
      findApiKeys: (digests) =>
        new Promise((resolve, reject) => {
          const found = Object.fromEntries(
            digests.flatMap((each) => {
              const bound = keys[each]
              return bound ? [[each, [...bound]]] : []
            }),
          )
          reads.push({ digests, end: (error) => (error ? reject(error) : resolve(found)) })
        }),
    },
    () => new Date(0),
  )
  const turn = () => new Promise(setImmediate)
  return {
    cache,
    reads,
    find: async (apiKey: string) => cache.find(apiKey, ({ namespace }) => namespace === 'shop'),
    make: (apiKey: string, namespace: string) => {
      keys[digestOf(apiKey)] = [...(keys[digestOf(apiKey)] ?? []), binding(namespace)]
    },
    endAll: async () => {
      for (let n = 0; n < reads.length; n++) {
        reads[n]?.end()
        await turn()
      }
    },
    turn,
  }
}

test('keys that are asked for while a read runs share the next one', async () => {
  const { find, reads, endAll } = keyCache()
  const found = ['a', 'b', 'c', 'b'].map(find)
  await endAll()

  expect(await Promise.all(found)).toEqual([[], [], [], []])
  expect(reads.map(({ digests }) => digests)).toEqual([
    [digestOf('a')],
    [digestOf('b'), digestOf('c')],
  ])
})

test('an unknown key is one read a second, and opens once it is made here', async () => {
  const { cache, find, make, reads, endAll } = keyCache()
  const first = find('a')
  await endAll()
  expect(await first).toEqual([])
  expect(await find('a')).toEqual([])
  expect(reads).toHaveLength(1)

  make('a', 'shop')
  cache.clear()
  const second = find('a')
  await endAll()
  expect(await second).toEqual([binding('shop')])
  expect(reads).toHaveLength(2)
})

test('a key that is made while a read for it runs opens for whoever asks after that', async () => {
  const { cache, find, make, endAll } = keyCache()
  const before = find('a')
  make('a', 'shop')
  cache.clear()
  const after = find('a')
  await endAll()

  expect(await before).toEqual([])
  expect(await after).toEqual([binding('shop')])
  expect(await find('a')).toEqual([binding('shop')])
})

test('what is remembered of a known key only serves to open', async () => {
  const { find, make, endAll, reads } = keyCache()
  make('a', 'attic')
  const without = find('a')
  await endAll()
  expect(await without).toEqual([binding('attic')])

  make('a', 'shop')
  const open = find('a')
  await endAll()
  expect(await open).toEqual([binding('attic'), binding('shop')])
  expect(reads).toHaveLength(2)
})

test('a flood of made-up keys is refused, and keeps no key waiting that was known', async () => {
  const { cache, find, make, reads, turn } = keyCache()
  make('good', 'shop')
  const known = find('good')
  reads[0]?.end()
  expect(await known).toEqual([binding('shop')])
  // As after a second in which nobody has asked.
  cache.clear()

  const flood = Array.from({ length: 3_000 }, (_, n) =>
    find(`made-up-${n}`).catch((error) => error.code),
  )
  const good = find('good')
  reads[1]?.end()
  await turn()
  expect(reads[2]?.digests.slice(0, 1)).toEqual([digestOf('good')])
  expect(reads[2]?.digests).toHaveLength(256)
  reads[2]?.end()
  expect(await good).toEqual([binding('shop')])

  for (let n = 3; n < 12; n++) {
    reads[n]?.end()
    await turn()
  }
  const outcomes = await Promise.all(flood)
  expect(outcomes.filter((outcome) => outcome === 'unavailable')).toHaveLength(3_000 - 2_049)
  // Neither does it take the place of what is remembered.
  expect(await find('good')).toEqual([binding('shop')])
  expect(reads).toHaveLength(11)
})

test('a read that fails is told to all who share it, and is not remembered', async () => {
  const { find, make, reads, turn, endAll } = keyCache()
  const failing = [find('a'), find('a')].map((found) => found.catch((error) => error.message))
  reads[0]?.end(new Error('no database'))
  await turn()
  expect(await Promise.all(failing)).toEqual(['no database', 'no database'])

  make('a', 'shop')
  const found = find('a')
  await endAll()
  expect(await found).toEqual([binding('shop')])
})
