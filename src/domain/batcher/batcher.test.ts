import { expect, test } from 'bun:test'
import type { ZaasError } from '../errors.ts'
import { Batcher } from './batcher.ts'

const bounds = { requestsMax: 4, queueMax: 100, waitMs: 1_000, lingerMaxMs: 0 }
const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

/** Doubles numbers, takes its time for each batch, and remembers the batches that it was given. */
function doubling(options = bounds, takesMs: () => number = () => 0) {
  const batches: number[][] = []
  const batcher = new Batcher<number, number>(async (batch) => {
    batches.push(batch)
    const ms = takesMs()
    if (ms > 0) await Bun.sleep(ms)
    return batch.map((n) => 2 * n)
  }, options)
  return { batcher, batches }
}

test('joins what arrives together, and answers each its own', async () => {
  const { batcher, batches } = doubling()

  expect(await Promise.all([1, 2, 3].map((n) => batcher.submit(n)))).toEqual([2, 4, 6])
  expect(batches).toEqual([[1, 2, 3]])
})

test('makes no batch larger than its bound, and keeps the order', async () => {
  const { batcher, batches } = doubling()

  await Promise.all(numbers(10).map((n) => batcher.submit(n)))

  expect(batches).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9],
  ])
})

test('runs one batch at a time, and joins what arrives meanwhile', async () => {
  const batches: number[][] = []
  const gate = Promise.withResolvers<void>()
  const batcher = new Batcher<number, number>(async (batch) => {
    batches.push(batch)
    if (batches.length === 1) await gate.promise
    return batch
  }, bounds)

  const first = batcher.submit(1)
  while (batches.length === 0) await new Promise(setImmediate)
  const others = [2, 3].map((n) => batcher.submit(n))
  for (const _ of numbers(5)) await new Promise(setImmediate)
  expect(batches).toEqual([[1]])

  gate.resolve()
  expect(await Promise.all([first, ...others])).toEqual([1, 2, 3])
  expect(batches).toEqual([[1], [2, 3]])
})

test('waits for those whom a batch of several has answered to ask again', async () => {
  const { batcher, batches } = doubling({ ...bounds, lingerMaxMs: 1_000 }, () => 100)
  await Promise.all([1, 2].map((n) => batcher.submit(n)))

  const first = batcher.submit(3)
  for (const _ of numbers(5)) await new Promise(setImmediate)
  expect(batches).toEqual([[1, 2]])

  expect(await Promise.all([first, batcher.submit(4)])).toEqual([6, 8])
  expect(batches).toEqual([
    [1, 2],
    [3, 4],
  ])
})

/** Waits after the last of some batches, each of two requests, which took so long; answers for how long. */
async function pauseAfter(durationsMs: number[], lingerMaxMs: number): Promise<number> {
  const left = [...durationsMs, 0]
  const { batcher } = doubling({ ...bounds, lingerMaxMs }, () => left.shift() ?? 0)
  for (const _ of durationsMs) await Promise.all([1, 2].map((n) => batcher.submit(n)))
  const endedMs = performance.now()
  await batcher.submit(3)
  return performance.now() - endedMs
}

test('waits for as long as the quickest batch took, and no longer than its bound', async () => {
  const asLongAsQuickest = await pauseAfter([50, 500], 60_000)
  expect(asLongAsQuickest).toBeGreaterThan(45)
  expect(asLongAsQuickest).toBeLessThan(450)

  expect(await pauseAfter([500], 1)).toBeLessThan(450)
  // The first of them is forgotten.
  expect(await pauseAfter([0, ...Array(16).fill(20)], 60_000)).toBeGreaterThan(15)
})

test('does not wait after a batch of one, nor for more than a batch takes', async () => {
  const { batcher, batches } = doubling({ ...bounds, lingerMaxMs: 60_000 }, () => 500)

  const startedMs = performance.now()
  await batcher.submit(1)
  await Promise.all(numbers(8).map((n) => batcher.submit(n)))

  expect(batches.map(({ length }) => length)).toEqual([1, 4, 4])
  expect(performance.now() - startedMs).toBeLessThan(3 * 500 + 450)
})

test('a failing batch rejects its own requests and no others', async () => {
  const batcher = new Batcher<number, number>(async (batch) => {
    if (batch.includes(0)) throw new Error('no')
    return batch
  }, bounds)

  const settled = await Promise.allSettled(numbers(6).map((n) => batcher.submit(n)))

  expect(settled.map(({ status }) => status)).toEqual([
    ...Array(4).fill('rejected'),
    ...Array(2).fill('fulfilled'),
  ])
  expect(await batcher.submit(7)).toBe(7)
})

test('turns away what exceeds the bound on its queue', async () => {
  const { batcher } = doubling({ ...bounds, requestsMax: 2, queueMax: 3 })
  const accepted = [1, 2, 3].map((n) => batcher.submit(n))

  expect(() => batcher.submit(4)).toThrow(
    expect.objectContaining({ name: 'ZaasError', code: 'unavailable' }) as ZaasError,
  )
  expect(await Promise.all(accepted)).toEqual([2, 4, 6])
  expect(await batcher.submit(5)).toBe(10)
})

test('rejects a request that the batch left without a result', async () => {
  const batcher = new Batcher<number, number>(async () => [], bounds)

  await expect(batcher.submit(1)).rejects.toThrow('without a result')
})

test('turns away what has waited for too long behind a slow batch, and nothing else', async () => {
  const gate = Promise.withResolvers<void>()
  const batches: number[][] = []
  const batcher = new Batcher<number, number>(
    async (batch) => {
      batches.push(batch)
      if (batches.length === 1) await gate.promise
      return batch
    },
    { ...bounds, waitMs: 50 },
  )
  const slow = batcher.submit(1)
  while (batches.length === 0) await new Promise(setImmediate)
  const early = batcher.submit(2)
  await Bun.sleep(60)
  const late = batcher.submit(3)
  gate.resolve()

  await expect(early).rejects.toMatchObject({ code: 'unavailable' })
  expect(await Promise.all([slow, late])).toEqual([1, 3])
  expect(batches).toEqual([[1], [3]])
})
