import { expect, test } from 'bun:test'
import { ConcurrencyLimit } from './concurrency-limit.ts'

test('takes up to its bound, refuses past it, and takes again what was given back once', () => {
  const quota = new ConcurrencyLimit(10, 'Too much.')
  const give = quota.take(7)
  const refused = () => quota.take(4)

  expect(refused).toThrow(expect.objectContaining({ code: 'unavailable', message: 'Too much.' }))
  expect(quota.used).toBe(7)
  quota.take(3)
  give()
  give()
  expect(quota.used).toBe(3)
  quota.take(7)
  expect(refused).toThrow('Too much.')
})
