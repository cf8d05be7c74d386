import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { MatchOutcome } from '../../domain/match.ts'
import type { Store } from '../../domain/store.ts'
import { matchBody } from '../bodies.ts'
import type { HttpMetrics, MatchOutcomeLabel } from '../metrics/http-metrics.ts'
import { type KeyGuardDeps, keyGuard } from '../middleware/auth.ts'
import { type JsonBodyDeps, jsonBody } from '../middleware/json-body.ts'
import { problemsOf } from '../middleware/problems.ts'
import { iso, Namespace, strict, Time } from '../schemas.ts'

const Matched = Type.Object({
  success: Type.Literal(true),
  item: Type.String(),
  message: Type.String(),
  matchedAt: Time,
  alreadyMatched: Type.Boolean(),
})
const Refused = Type.Object({
  success: Type.Literal(false),
  reason: Type.Literal('none_left'),
  message: Type.String(),
})

type Deps = KeyGuardDeps &
  JsonBodyDeps & {
    clock: () => Date
    metrics: Pick<HttpMetrics, 'countMatch'>
    store: Pick<Store, 'match'>
  }

/** Matches a requestor with an item. */
export const match = ({ clock, metrics, store, ...deps }: Deps) =>
  new Elysia()
    .use(keyGuard(deps, 'match'))
    .use(jsonBody(deps, { POST: 'match' }))
    .post(
      '/namespaces/:namespace/match',
      async ({ namespace, actor, body }) => {
        try {
          const context = { now: clock().getTime(), actor }
          const outcome = await store.match({ namespace, ...body }, context)
          metrics.countMatch(namespace, labelOf(outcome))
          return toResponse(outcome)
        } catch (error) {
          metrics.countMatch(namespace, 'failed')
          throw error
        }
      },
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({}),
        ...matchBody,
        response: {
          200: Type.Union([Matched, Refused]),
          ...problemsOf(400, 401, 403, 413, 415, 422, 503),
        },
        detail: {
          tags: ['Match'],
          operationId: 'match',
          summary: 'Match a requestor with an item',
          description:
            'Gives the requestor the oldest available item, or the one that it already has. ' +
            'Answered only after the match is synced to disk. If the answer is lost, ask again.',
        },
      },
    )

function labelOf(outcome: MatchOutcome): MatchOutcomeLabel {
  if (outcome.kind === 'refused') return 'exhausted'
  return outcome.alreadyMatched ? 'repeat' : 'new'
}

function toResponse(outcome: MatchOutcome) {
  if (outcome.kind === 'refused') {
    const { reason } = outcome
    return { success: false as const, reason, message: 'No available items in this namespace' }
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
