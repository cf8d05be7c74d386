import { expect, test } from 'bun:test'
import { ConcurrencyLimit } from './concurrency-limit.ts'

test('takes up to its bound, refuses past it, and takes again what was given back once', () => {
  const quota = new ConcurrencyLimit({ max: 10, shareMax: 10 }, 'Too much.')
  const give = quota.take('shop', 7)
  const refused = () => quota.take('shop', 4)

  expect(refused).toThrow(expect.objectContaining({ code: 'unavailable', message: 'Too much.' }))
  expect(quota.used).toBe(7)
  quota.take('shop', 3)
  give()
  give()
  expect(quota.used).toBe(3)
  quota.take('shop', 7)
  expect(refused).toThrow('Too much.')
})

test('leaves to others what is past the share of one namespace', () => {
  const quota = new ConcurrencyLimit({ max: 10, shareMax: 5 }, 'Too much.')
  const give = quota.take('shop', 4)
  expect(() => quota.take('shop', 2)).toThrow('Too much.')
  expect(quota.used).toBe(4)
  quota.take('attic', 5)
  expect(() => quota.take('cellar', 2)).toThrow('Too much.')

  give()
  give()
  quota.take('shop', 5)
  expect(quota.used).toBe(10)
})
