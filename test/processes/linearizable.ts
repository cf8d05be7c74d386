import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import fc from 'fast-check'
import { full, mutant } from '../faults/form.ts'
import type { MatchAnswer } from '../support/caller.ts'
import { fastNow, realMs } from '../support/fast-clock.ts'
import { at, withServers } from '../support/instances.ts'
import { type Ask, isLinearizable, type Operation } from '../support/linearizable.ts'
import { seedFor } from '../support/seed.ts'
import type { Server } from '../support/server.ts'

const runs = full ? 500 : 100
/** So many at most until a planted fault shows, most of which show in the first hundred. */
const runsWithFault = 2_000
/** So many histories are recorded at once, each in a namespace of its own; their matches share batches. */
const lanes = 4
const requestors = ['r1', 'r2', 'r3']
const pool = ['A', 'B', 'C', 'D']
const selectThenUpdate = join(import.meta.dir, '../support/select-then-update.ts')
const fastClock = join(import.meta.dir, '../support/fast-clock.ts')
/** As long as the shortest hold, so that some lapse between two calls. */
const pauseMs = realMs(1_000)

/** Callers that ask at once; each of them asks one thing after the other. `own`: for what the requestor last got. */
type Step = { server: number; own?: 'replace' | 'confirm'; waits?: boolean; ask: Ask }
type Plan = { size: number; limit: number; callers: Step[][] }

const oneOf = fc.constantFrom
const asking = fc.record(
  { requestor: oneOf(...requestors), slot: oneOf('s') },
  { requiredKeys: ['requestor'] },
)
const matching = asking.map((who) => ({ do: 'match' as const, ...who }))
const holding = asking.map((who) => ({ do: 'match' as const, ...who, holdSeconds: 1 }))
const pausing = fc.boolean().map((paused) => ({ do: 'pause' as const, paused }))
const steps: fc.Arbitrary<Step> = fc
  .tuple(
    fc.nat(1),
    fc.nat(5).map((n) => n === 0),
    fc.oneof(
      { weight: 4, arbitrary: matching.map((ask) => ({ ask })) },
      { weight: 5, arbitrary: holding.map((ask) => ({ ask })) },
      { weight: 2, arbitrary: matching.map((ask) => ({ ask, own: 'replace' as const })) },
      { weight: 1, arbitrary: holding.map((ask) => ({ ask, own: 'replace' as const })) },
      { weight: 4, arbitrary: matching.map((ask) => ({ ask, own: 'confirm' as const })) },
      { weight: 1, arbitrary: pausing.map((ask) => ({ ask })) },
    ),
  )
  .map(([server, waits, step]) => ({ server, waits, ...step }))

const plans: fc.Arbitrary<Plan> = fc.record({
  size: fc.integer({ min: 0, max: pool.length }),
  limit: fc.integer({ min: 1, max: 2 }),
  callers: fc.array(fc.array(steps, { minLength: 1, maxLength: 4, size: 'max' }), {
    ...{ minLength: 2, maxLength: 5, size: 'max' },
  }),
})

test('concurrent calls over two processes on one database are linearizable', async () => {
  const results = await checkHistories('linearizable', runs)

  expect(results.flatMap(faultOf)).toEqual([])
  expect(results.reduce((sum, { numRuns }) => sum + numRuns, 0)).toBe(runs)
}, 120_000)

test('the same check catches servers that select and then update', async () => {
  const results = await checkHistories('linearizable, mutant', runsWithFault, {
    preload: [selectThenUpdate],
  })

  expect(results.flatMap(faultOf)).toContainEqual(expect.stringContaining('not linearizable'))
}, 60_000)

test
  .if(full)
  .each([
    'gives a lapsed hold away twice',
    'lets a hold lapse that was confirmed',
    'replaces whatever the requestor has',
    'lengthens a hold on repeat',
    'checks the limit before the write alone',
    'checks what it has read before the write alone',
  ])(
  'the same check catches a server that %s',
  async (name) => {
    const results = await checkHistories(`linearizable, ${name}`, runsWithFault, mutant(name))

    expect(results.flatMap(faultOf)).toContainEqual(expect.stringContaining('not linearizable'))
  },
  120_000,
)

describe('the checker', () => {
  const noon = '2030-01-01T12:00:00.000Z'
  const later = '2030-01-01T12:00:01.000Z'
  const got = (item: string, matchedAt = noon) => answer({ item, matchedAt, alreadyMatched: false })
  const has = (item: string, matchedAt = noon) => answer({ item, matchedAt, alreadyMatched: true })
  const none = { success: false, reason: 'none_left', message: '' }

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

  const start = Date.parse(noon)
  const timed = (
    ask: Ask,
    [invokedAt, answeredAt, from, until]: number[],
    answer: MatchAnswer,
  ) => ({
    ...{ ask, server: 0, invokedAt: invokedAt ?? 0, answeredAt: answeredAt ?? 0, answer },
    ...{ from: start + (from ?? 0), until: start + (until ?? 0) },
  })
  const iso = (ms: number) => new Date(start + ms).toISOString()
  const gotHold = (item: string) =>
    answer({ item, matchedAt: iso(0), heldUntil: iso(1_000), alreadyMatched: false })
  const match = (requestor: string) => ({ do: 'match' as const, requestor })
  const held = timed({ ...match('r1'), holdSeconds: 1 }, [1, 2, 0, 0], gotHold('A'))
  const confirmed = (times: number[], answer: MatchAnswer) =>
    timed({ do: 'confirm', requestor: 'r1', item: 'A' }, times, answer)
  const gone = { success: false, reason: 'hold_lapsed', message: '' }

  test.each<[string, boolean, Operation[]]>([
    ['a hold', true, [held]],
    ['a hold that is too long', false, [{ ...held, ask: { ...match('r1'), holdSeconds: 2 } }]],
    [
      'a hold that has lapsed for another one',
      true,
      [held, timed(match('r2'), [3, 4, 1_000, 1_001], got('A', iso(1_000)))],
    ],
    [
      'a hold that stands for another one',
      false,
      [held, timed(match('r2'), [3, 4, 998, 999], got('A', iso(998)))],
    ],
    [
      'a lapsed hold that is confirmed',
      true,
      [held, confirmed([3, 4, 2_000, 2_001], has('A', iso(2_000)))],
    ],
    ['a hold that ends too soon', false, [held, confirmed([3, 4, 998, 999], gone)]],
    [
      'a lapsed hold given away twice',
      false,
      [
        held,
        timed(match('r2'), [3, 4, 1_000, 1_001], got('A', iso(1_000))),
        confirmed([5, 6, 2_000, 2_001], has('A', iso(2_000))),
      ],
    ],
    [
      'a replacement of the only item',
      false,
      [
        call('r1', 1, 2, got('A')),
        timed({ ...match('r1'), replace: 'A' }, [3, 4, 5, 6], { ...got('A'), replaced: true }),
      ],
    ],
  ])('judges %s', (_, isRight, history) => {
    expect(isLinearizable(['A'], history)).toBe(isRight)
  })

  test.each<[string, number, boolean]>([
    ['B', 2_100, true],
    ['B', 1_099, false],
    ['A', 2_049, false],
  ])(
    'judges a late gift of %s by %d, for which another call has taken it back',
    (item, until, isRight) => {
      const hold = (requestor: string, item: string, n: number, at: number) =>
        timed({ ...match(requestor), holdSeconds: 1 }, [n, n + 1, at, at], {
          ...gotHold(item),
          ...{ matchedAt: iso(at), heldUntil: iso(at + 1_000) },
        })
      const late = timed(match('r4'), [7, 8, 1_060, until], got(item, iso(1_060)))
      const history = [
        hold('r1', 'A', 1, 0),
        hold('r2', 'B', 3, 100),
        hold('r3', 'A', 5, 1_050),
        late,
      ]
      expect(isLinearizable(['A', 'B'], history)).toBe(isRight)
    },
  )

  function answer(match: Omit<MatchAnswer, 'success' | 'message'>): MatchAnswer {
    return { success: true, message: '', ...match }
  }

  function call(
    requestor: string,
    invokedAt: number,
    answeredAt: number,
    answer: Operation['answer'],
  ): Operation {
    const ask = { do: 'match' as const, requestor }
    return {
      ask,
      server: 0,
      invokedAt,
      answeredAt,
      from: Date.parse(noon),
      until: Date.parse(later),
      answer,
    }
  }
})

/** Holds random histories against the specification, over two servers that are started for it. */
async function checkHistories(
  name: string,
  numRuns: number,
  { preload = [], env = {} }: { preload?: string[]; env?: Record<string, string> } = {},
) {
  const from = Date.now()
  return await withServers(
    2,
    async (servers) => {
      const seed = seedFor(name)
      let histories = 0
      let fault = false
      const property = fc.asyncProperty(plans, async (plan) => {
        if (fault) throw new Error('A fault has been found.')
        const history = await record(servers, `history-${++histories}`, plan, () => fastNow(from))
        if (isLinearizable(pool.slice(0, plan.size), history, plan.limit)) return
        fault = true
        const calls = history.map((call) => `\n${JSON.stringify(call)}`).join('')
        throw new Error(`not linearizable on ${plan.size} items:${calls}`)
      })
      // A history that fails once may pass the next time, so there is no use in shrinking it.
      const check = (lane: number) =>
        fc.check(property, { numRuns: numRuns / lanes, seed: seed + lane, endOnFailure: true })
      return await Promise.all(Array.from({ length: lanes }, (_, lane) => check(lane)))
    },
    { preload: [...preload, fastClock], env: { ...env, FAST_CLOCK_FROM: String(from) } },
  )
}

const faultOf = ({ failed, errorInstance }: fc.RunDetails<[Plan]>) =>
  failed ? String(errorInstance).split('\n') : []

async function record(
  servers: Server[],
  namespace: string,
  { size, limit, callers }: Plan,
  now: () => number,
): Promise<Operation[]> {
  const scopes = ['match', 'write', 'manage']
  const { apiKey, patch, call, path } = await at(servers, 0).keyFor(namespace, { scopes })
  await patch({ add: pool.slice(0, size) })
  await call('PATCH', path, { itemsPerRequestor: limit })
  const through = servers.map((server) => server.as(namespace, apiKey))
  const history: Operation[] = []
  const last = new Map<string, string>()
  let events = 0
  const send = async (ask: Ask, n: number): Promise<{ status: number; body: MatchAnswer }> => {
    const caller = at(through, n)
    if (ask.do === 'pause') {
      const { paused } = ask
      const { status } = await caller.call('PATCH', path, { paused })
      return { status, body: { success: true, message: '' } }
    }
    const { requestor, slot } = ask
    if (ask.do === 'confirm') return await caller.confirm(requestor, ask.item, slot)
    const { do: _, requestor: _requestor, ...options } = ask
    return await caller.match(requestor, options)
  }
  await Promise.all(
    callers.map(async (asks) => {
      for (const step of asks) {
        if (step.waits) await Bun.sleep(pauseMs)
        const ask = withOwn(step, last)
        const [invokedAt, from] = [++events, now()]
        const { status, body } = await send(ask, step.server)
        const times = { invokedAt, answeredAt: ++events, from, until: now() }
        if (ask.do !== 'pause' && body.item !== undefined) last.set(whoIn(ask), body.item)
        const answer = status === 200 ? body : { status }
        history.push({ ask, server: step.server, ...times, answer })
      }
    }),
  )
  return history
}

const whoIn = ({ requestor, slot = '' }: { requestor: string; slot?: string }) =>
  `${requestor} ${slot}`

/** What the step asks for, now that it is known what the requestor got. */
function withOwn({ ask, own }: Step, last: ReadonlyMap<string, string>): Ask {
  if (ask.do !== 'match' || own === undefined) return ask
  const item = last.get(whoIn(ask)) ?? at(pool, 0)
  if (own === 'replace') return { ...ask, replace: item }
  const { requestor, slot } = ask
  return { do: 'confirm', requestor, item, ...(slot !== undefined && { slot }) }
}
