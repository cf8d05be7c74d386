import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Store } from '../../domain/store.ts'
import { matchBody } from '../bodies/bodies.ts'
import { jsonType, labelOf, Matched, matchMembers, Refused } from '../match-json.ts'
import { counted } from '../metrics/counted.ts'
import type { HttpMetrics } from '../metrics/http-metrics.ts'
import { logSubject } from '../middleware/access-log.ts'
import { authorise, type KeyGuardDeps, keyGuard } from '../middleware/auth.ts'
import { type JsonBodyDeps, jsonBody } from '../middleware/json-body.ts'
import { problemsOf } from '../middleware/problems.ts'
import { Namespace, strict } from '../schemas.ts'

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
      async ({ namespace, actor, body, request, set }) => {
        const slot = body.slot ?? undefined
        const replace = body.replace ?? undefined
        const holdSeconds = body.holdSeconds ?? undefined
        if (replace !== undefined) await authorise(deps.keyCache, request, namespace, 'write')
        const { requestor } = body
        const requestId = String(set.headers['x-request-id'])
        const context = { now: clock().getTime(), actor, requestId }
        const asked = { namespace, requestor, slot, holdSeconds, replace }
        const outcome = await counted(metrics, namespace, store.match(asked, context), labelOf)
        logSubject(request, { outcome: labelOf(outcome) })
        set.headers['content-type'] = jsonType
        return `{${matchMembers(outcome)}}`
      },
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({}),
        ...matchBody,
        response: {
          200: Type.String({ documentedAs: Type.Union([Matched, Refused]) }),
          ...problemsOf(400, 401, 403, 413, 415, 422, 503),
        },
        detail: {
          tags: ['Match'],
          operationId: 'match',
          summary: 'Match a requestor with an item',
          description:
            'Gives the requestor the oldest available item, or the one that it already has. ' +
            'Answered only after the match is synced to disk. If the answer is lost, ask again. ' +
            'A slot names which of its several items the requestor asks for, where the namespace ' +
            'allows more than one. With holdSeconds the item is only held: unless a match without ' +
            'it, or confirm, follows in time, it goes back. replace, which needs the scope `write` too, ' +
            'removes the item that the requestor has and gives the next one.',
        },
      },
    )
