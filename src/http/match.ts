import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Outcome } from '../db/matches.ts'
import type { Store } from '../db/store.ts'
import { type KeyGuardDeps, keyGuard } from './auth.ts'
import { iso, Namespace, Requestor, strict, Time } from './fields.ts'
import { type JsonInputDeps, jsonInput } from './input.ts'
import type { Meters } from './meters.ts'
import { problemsOf } from './problems.ts'

const Matched = Type.Object({
  success: Type.Literal(true),
  item: Type.String(),
  message: Type.String(),
  matchedAt: Time,
  alreadyMatched: Type.Boolean(),
})
const NoneLeft = Type.Object({ success: Type.Literal(false), message: Type.String() })

type Deps = KeyGuardDeps &
  JsonInputDeps & {
    clock: () => Date
    meters: Pick<Meters, 'countMatch'>
    store: Pick<Store, 'match'>
  }

export const match = ({ clock, meters, store, ...deps }: Deps) =>
  new Elysia()
    .use(keyGuard(deps, 'match'))
    .use(jsonInput(deps))
    .post(
      '/namespaces/:namespace/match',
      async ({ namespace, body }) => {
        try {
          const outcome = await store.match({ namespace, ...body }, clock().getTime())
          meters.countMatch(namespace, nameOf(outcome))
          return answer(outcome)
        } catch (error) {
          meters.countMatch(namespace, 'failed')
          throw error
        }
      },
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({}),
        body: strict({ requestor: Requestor }),
        response: {
          200: Type.Union([Matched, NoneLeft]),
          ...problemsOf(400, 401, 403, 413, 415, 422, 503),
        },
        detail: {
          tags: ['API keys'],
          operationId: 'match',
          summary: 'Match a requestor with an item',
          description:
            'Gives the requestor the oldest available item, or the one that it already has. ' +
            'Answered only after the match is synced to disk. If the answer is lost, ask again.',
        },
      },
    )

function nameOf(outcome: Outcome) {
  if (outcome === 'none') return 'exhausted'
  return outcome.alreadyMatched ? 'repeat' : 'new'
}

function answer(outcome: Outcome) {
  if (outcome === 'none') {
    return { success: false as const, message: 'No available items in this namespace' }
  }
  const { item, matchedAt, alreadyMatched } = outcome
  return {
    success: true as const,
    item,
    message: alreadyMatched
      ? 'Item already assigned to this requestor'
      : 'Item successfully matched',
    matchedAt: iso(matchedAt),
    alreadyMatched,
  }
}
