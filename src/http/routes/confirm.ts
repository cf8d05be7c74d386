import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { ConfirmationOutcome } from '../../domain/match.ts'
import type { Store } from '../../domain/store.ts'
import { confirmationBody } from '../bodies/bodies.ts'
import { jsonType, Matched, matchedMembers, Refused, refusedMembers } from '../match-json.ts'
import { counted } from '../metrics/counted.ts'
import type { HttpMetrics } from '../metrics/http-metrics.ts'
import { logSubject } from '../middleware/access-log.ts'
import { type KeyGuardDeps, keyGuard } from '../middleware/auth.ts'
import { type JsonBodyDeps, jsonBody } from '../middleware/json-body.ts'
import { problemsOf } from '../middleware/problems.ts'
import { Namespace, strict } from '../schemas.ts'

type Deps = KeyGuardDeps &
  JsonBodyDeps & {
    clock: () => Date
    metrics: Pick<HttpMetrics, 'countMatch'>
    store: Pick<Store, 'confirm'>
  }

const labelOf = ({ kind }: ConfirmationOutcome) => (kind === 'matched' ? 'confirmed' : 'lapsed')

const lapsed = refusedMembers('hold_lapsed', 'This requestor holds this item no longer')

const Lapsed = Type.Object({ ...Refused.properties, reason: Type.Literal('hold_lapsed') })

/** Keeps an item that was held. */
export const confirm = ({ clock, metrics, store, ...deps }: Deps) =>
  new Elysia()
    .use(keyGuard(deps, 'match'))
    .use(jsonBody(deps, { POST: 'confirmation' }))
    .post(
      '/namespaces/:namespace/confirm',
      async ({ namespace, actor, body: { requestor, slot, item }, request, set }) => {
        const confirmation = { namespace, requestor, slot: slot ?? undefined, item }
        const requestId = String(set.headers['x-request-id'])
        const context = { now: clock().getTime(), actor, requestId }
        const confirming = store.confirm(confirmation, context)
        const outcome = await counted(metrics, namespace, confirming, labelOf)
        logSubject(request, { outcome: labelOf(outcome) })
        set.headers['content-type'] = jsonType
        return `{${outcome.kind === 'matched' ? matchedMembers(outcome) : lapsed}}`
      },
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({}),
        ...confirmationBody,
        response: {
          200: Type.String({ documentedAs: Type.Union([Matched, Lapsed]) }),
          ...problemsOf(400, 401, 403, 413, 415, 422, 503),
        },
        detail: {
          tags: ['Match'],
          operationId: 'confirmHold',
          summary: 'Keep an item that was held',
          description:
            'Where the hold has lapsed, the requestor still gets the item if nobody else has it, ' +
            'whether or not the namespace is paused or open; it never gets another one. Can be repeated.',
        },
      },
    )
