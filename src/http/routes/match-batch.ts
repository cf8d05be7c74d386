import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { WriteContext } from '../../domain/actor.ts'
import { ZaasError } from '../../domain/errors.ts'
import type { MatchRequest } from '../../domain/match.ts'
import type { Store } from '../../domain/store.ts'
import { limits } from '../../limits.ts'
import { matchBatchBody } from '../bodies/bodies.ts'
import { jsonType, labelOf, Matched, matchMembers, Refused } from '../match-json.ts'
import { counted } from '../metrics/counted.ts'
import type { HttpMetrics } from '../metrics/http-metrics.ts'
import { type KeyGuardDeps, keyGuard } from '../middleware/auth.ts'
import type { ConcurrencyLimit } from '../middleware/concurrency-limit.ts'
import { type JsonBodyDeps, jsonBody } from '../middleware/json-body.ts'
import { problemsOf } from '../middleware/problems.ts'
import { Namespace, orNull, strict } from '../schemas.ts'

type Deps = KeyGuardDeps &
  JsonBodyDeps & {
    clock: () => Date
    metrics: Pick<HttpMetrics, 'countMatch'>
    store: Pick<Store, 'match'>
    /** Limits how many calls run at once. */
    matchBatches: ConcurrencyLimit
  }

const { sliceMax, startMs } = limits.matchBatch
const asked = { requestor: Type.String(), slot: orNull(Type.String()) }

/** Matches up to `limits.matchBatch.requestorsMax` requestors with one call. */
export const matchBatch = ({ clock, metrics, store, matchBatches, ...deps }: Deps) =>
  new Elysia()
    .use(keyGuard(deps, 'match'))
    .use(jsonBody(deps, { POST: 'matchBatch' }))
    .post(
      '/namespaces/:namespace/match/batch',
      async ({ namespace, actor, body, set }) => {
        const requestId = String(set.headers['x-request-id'])
        const context = { now: clock().getTime(), actor, requestId }
        const requests = body.requestors.map((each) =>
          typeof each === 'string'
            ? { namespace, requestor: each }
            : { namespace, requestor: each.requestor, slot: each.slot ?? undefined },
        )
        const release = matchBatches.take(namespace)
        try {
          const results = await matchAll({ store, metrics }, requests, context)
          set.headers['content-type'] = jsonType
          return `{"results":[${results.join(',')}]}`
        } finally {
          release()
        }
      },
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({}),
        ...matchBatchBody,
        response: {
          200: Type.String({
            documentedAs: Type.Object({
              results: Type.Array(
                Type.Union([
                  Type.Object({ ...asked, ...Matched.properties }),
                  Type.Object({ ...asked, ...Refused.properties }),
                ]),
              ),
            }),
          }),
          ...problemsOf(400, 401, 403, 413, 415, 422, 503),
        },
        detail: {
          tags: ['Match'],
          operationId: 'matchBatch',
          summary: 'Match many requestors, each with an item',
          description:
            'Each is decided by itself, in the order of the list, and has a result in the same place. ' +
            'A 503 may come after some of them were matched: ask again, and each gets the same item.',
        },
      },
    )

/** Matches the requests in their order, a slice at a time, so that those of others go in between. */
async function matchAll(
  deps: Pick<Deps, 'metrics' | 'store'>,
  requests: readonly MatchRequest[],
  context: WriteContext,
): Promise<string[]> {
  const startUntilMs = performance.now() + startMs
  const results: string[] = []
  for (let from = 0; from < requests.length; from += sliceMax) {
    if (performance.now() > startUntilMs) {
      throw new ZaasError('unavailable', 'Matching takes too long; some have been matched.')
    }
    results.push(...(await matchSlice(deps, requests.slice(from, from + sliceMax), context)))
  }
  return results
}

/** Waits for all of them, so that none is under way when the call ends; then throws if one failed. */
async function matchSlice(
  { metrics, store }: Pick<Deps, 'metrics' | 'store'>,
  slice: readonly MatchRequest[],
  context: WriteContext,
): Promise<string[]> {
  const settled = await Promise.allSettled(
    slice.map(async (request) => {
      const { namespace, requestor, slot = null } = request
      const match = store.match(request, context)
      const outcome = await counted(metrics, namespace, match, labelOf)
      const asked = `"requestor":${JSON.stringify(requestor)},"slot":${JSON.stringify(slot)}`
      return `{${asked},${matchMembers(outcome)}}`
    }),
  )
  return settled.map((each) => {
    if (each.status === 'rejected') throw each.reason
    return each.value
  })
}
