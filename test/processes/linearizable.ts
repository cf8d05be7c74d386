import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import fc from 'fast-check'
import { full } from '../faults/form.ts'
import type { MatchAnswer } from '../support/caller.ts'
import { at, withServers } from '../support/instances.ts'
import { isLinearizable, type Operation } from '../support/linearizable.ts'
import { seedFor } from '../support/seed.ts'
import type { Server } from '../support/server.ts'

const runs = full ? 500 : 100
/** So many histories are recorded at once, each in a namespace of its own; their matches share batches. */
const lanes = 4
const requestors = ['r1', 'r2', 'r3', 'r4', 'r5']
const pool = ['A', 'B', 'C', 'D']
const selectThenUpdate = join(import.meta.dir, '../support/select-then-update.ts')

/** Callers that ask at once; each of them asks one thing after the other. */
type Plan = { size: number; callers: { requestor: string; server: number }[][] }

const plans: fc.Arbitrary<Plan> = fc.record({
  size: fc.integer({ min: 0, max: pool.length }),
  callers: fc.array(
    fc.array(fc.record({ requestor: fc.constantFrom(...requestors), server: fc.nat(1) }), {
      minLength: 1,
      maxLength: 4,
    }),
    { minLength: 2, maxLength: 5 },
  ),
})

test('concurrent matches over two processes on one database are linearizable', async () => {
  const results = await checkHistories({ preload: [] })

  expect(results.flatMap(faultOf)).toEqual([])
  expect(results.reduce((sum, { numRuns }) => sum + numRuns, 0)).toBe(runs)
}, 60_000)

test('the same check catches servers that select and then update', async () => {
  const results = await checkHistories({ preload: [selectThenUpdate] })

  expect(results.flatMap(faultOf)).toContainEqual(expect.stringContaining('not linearizable'))
}, 60_000)

describe('the checker', () => {
  const noon = '2030-01-01T12:00:00.000Z'
  const later = '2030-01-01T12:00:01.000Z'
  const got = (item: string, matchedAt = noon) => answer({ item, matchedAt, alreadyMatched: false })
  const has = (item: string, matchedAt = noon) => answer({ item, matchedAt, alreadyMatched: true })
  const none = { success: false, message: '' }

  const linearizable: [string, string[], Operation[]][] = [
    ['no calls', ['A'], []],
    [
      'items that go out in order',
      ['A', 'B'],
      [call('r1', 1, 2, got('A')), call('r2', 3, 4, got('B'))],
    ],
    [
      'overlapping calls in either order',
      ['A', 'B'],
      [call('r1', 1, 3, got('B')), call('r2', 2, 4, got('A'))],
    ],
    ['a repeat', ['A', 'B'], [call('r1', 1, 2, got('A')), call('r1', 3, 4, has('A'))]],
    [
      'a repeat that is answered before the first call',
      ['A'],
      [call('r1', 1, 4, got('A')), call('r1', 2, 3, has('A'))],
    ],
    [
      'a repeat from an empty pool',
      ['A'],
      [call('r1', 1, 2, got('A')), call('r2', 3, 4, none), call('r1', 5, 6, has('A'))],
    ],
    ['an empty pool', [], [call('r1', 1, 2, none), call('r1', 3, 4, none)]],
    [
      'one told none while another takes the last',
      ['A'],
      [call('r1', 1, 4, got('A')), call('r2', 2, 3, none)],
    ],
    [
      'three calls in a chain of overlaps',
      ['A', 'B', 'C'],
      [call('r1', 1, 4, got('B')), call('r2', 3, 6, got('C')), call('r3', 2, 5, got('A'))],
    ],
  ]
  test.each(linearizable)('accepts %s', (_, items, history) => {
    expect(isLinearizable(items, history)).toBe(true)
    expect(isLinearizable(items, history.toReversed())).toBe(true)
  })

  const impossible: [string, string[], Operation[]][] = [
    ['an item given to two', ['A', 'B'], [call('r1', 1, 3, got('A')), call('r2', 2, 4, got('A'))]],
    ['a requestor with two', ['A', 'B'], [call('r1', 1, 3, got('A')), call('r1', 2, 4, got('B'))]],
    ['a first match told twice', ['A'], [call('r1', 1, 3, got('A')), call('r1', 2, 4, got('A'))]],
    ['a younger item first', ['A', 'B'], [call('r1', 1, 2, got('B')), call('r2', 3, 4, got('A'))]],
    ['an item that is not in the pool', ['A'], [call('r1', 1, 2, got('Z'))]],
    ['none while one is available', ['A'], [call('r1', 1, 2, none), call('r2', 3, 4, got('A'))]],
    ['none for one who has an item', ['A'], [call('r1', 1, 2, got('A')), call('r1', 3, 4, none)]],
    ['a repeat without a first call', ['A'], [call('r1', 1, 2, has('A'))]],
    [
      'a repeat that ends before the first call begins',
      ['A'],
      [call('r1', 1, 2, has('A')), call('r1', 3, 4, got('A'))],
    ],
    [
      'another item on repeat',
      ['A', 'B'],
      [call('r1', 1, 2, got('A')), call('r1', 3, 4, has('B'))],
    ],
    [
      'another time on repeat',
      ['A'],
      [call('r1', 1, 2, got('A')), call('r1', 3, 4, has('A', later))],
    ],
    ['an item from an empty pool', [], [call('r1', 1, 2, got('A'))]],
    ['a call that failed', ['A'], [call('r1', 1, 2, { status: 500 })]],
    [
      'a wrong end after much that is right',
      ['A', 'B', 'C'],
      [call('r1', 1, 4, got('B')), call('r2', 2, 5, got('A')), call('r3', 3, 6, has('C'))],
    ],
  ]
  test.each(impossible)('refuses %s', (_, items, history) => {
    expect(isLinearizable(items, history)).toBe(false)
    expect(isLinearizable(items, history.toReversed())).toBe(false)
  })

  function answer(match: Omit<MatchAnswer, 'success' | 'message'>): MatchAnswer {
    return { success: true, message: '', ...match }
  }

  function call(
    requestor: string,
    invokedAt: number,
    answeredAt: number,
    answer: Operation['answer'],
  ): Operation {
    return { requestor, server: 0, invokedAt, answeredAt, answer }
  }
})

/** Holds random histories against the specification, over two servers that are started for it. */
async function checkHistories({ preload }: { preload: string[] }) {
  return await withServers(
    2,
    async (servers) => {
      const seed = seedFor(preload.length > 0 ? 'linearizable, mutant' : 'linearizable')
      let histories = 0
      let fault = false
      const property = fc.asyncProperty(plans, async (plan) => {
        if (fault) return
        const history = await record(servers, `history-${++histories}`, plan)
        if (isLinearizable(pool.slice(0, plan.size), history)) return
        fault = true
        throw new Error(`not linearizable on ${plan.size} items: ${JSON.stringify(history)}`)
      })
      // A history that fails once may pass the next time, so there is no use in shrinking it.
      const check = (lane: number) =>
        fc.check(property, { numRuns: runs / lanes, seed: seed + lane, endOnFailure: true })
      return await Promise.all(Array.from({ length: lanes }, (_, lane) => check(lane)))
    },
    { preload },
  )
}

const faultOf = ({ failed, errorInstance }: fc.RunDetails<[Plan]>) =>
  failed ? [String(errorInstance)] : []

async function record(servers: Server[], namespace: string, plan: Plan): Promise<Operation[]> {
  const { apiKey, patch } = await at(servers, 0).keyFor(namespace)
  await patch({ add: pool.slice(0, plan.size) })
  const through = servers.map((server) => server.as(namespace, apiKey))
  const history: Operation[] = []
  let events = 0
  await Promise.all(
    plan.callers.map(async (asks) => {
      for (const { requestor, server } of asks) {
        const invokedAt = ++events
        const { status, body } = await at(through, server).match(requestor)
        history.push({
          requestor,
          server,
          invokedAt,
          answeredAt: ++events,
          answer: status === 200 ? body : { status },
        })
      }
    }),
  )
  return history
}
