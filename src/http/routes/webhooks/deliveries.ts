// What became of the events for a webhook, and what is done by hand.

import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { ZaasError } from '../../../domain/errors.ts'
import type { Store } from '../../../domain/store.ts'
import { type Delivery, makeWebhookSecret } from '../../../domain/webhook.ts'
import { limits } from '../../../limits.ts'
import { cursorOf, positionOf } from '../../cursor.ts'
import { type MasterGuardDeps, masterGuard } from '../../middleware/auth.ts'
import { type JsonBodyDeps, jsonBody } from '../../middleware/json-body.ts'
import { problemsOf } from '../../middleware/problems.ts'
import { Cursor, iso, isoOrNull, Limit, oneOf, orNull, strict, Time } from '../../schemas.ts'
import { unknownWebhook } from './webhooks.ts'

type Deps = MasterGuardDeps &
  JsonBodyDeps & { clock: () => Date; store: Store; sendSoon: () => void }

const { page } = limits.webhooks
const positionPattern = /^\d{1,15}$/

const params = Type.Object({ id: Type.String() })
const DeliveryJson = Type.Object({
  id: Type.String(),
  event: Type.String(),
  namespace: orNull(Type.String()),
  at: Time,
  attempts: Type.Integer(),
  status: oneOf(['pending', 'delivered', 'failed']),
  lastStatus: orNull(Type.Integer()),
  nextAttemptAt: orNull(Time),
})

export const deliveries = ({ clock, store, sendSoon, ...deps }: Deps) =>
  new Elysia()
    .use(masterGuard(deps))
    .use(jsonBody(deps))
    .get(
      '/admin/webhooks/:id/deliveries',
      async ({ params: { id }, query: { limit = page, cursor } }) => {
        const after = cursor === undefined ? undefined : positionOf(cursor, positionPattern)
        const found = await store.listDeliveries({ webhook: id, after, limit: Number(limit) })
        if (!found) throw unknownWebhook()
        const nextCursor = found.next === null ? null : cursorOf(found.next)
        return { deliveries: found.deliveries.map(toJson), nextCursor }
      },
      {
        params,
        query: strict({ limit: Type.Optional(Limit), cursor: Type.Optional(Cursor) }),
        response: {
          200: Type.Object({
            deliveries: Type.Array(DeliveryJson),
            nextCursor: orNull(Type.String()),
          }),
          ...problemsOf(401, 404, 422, 503),
        },
        detail: {
          tags: ['Webhooks'],
          operationId: 'listDeliveries',
          summary: 'What became of the events for a webhook',
          description:
            `The latest first, at most limit of them, ${page} unless said; nextCursor leads on. An id is what the ` +
            'receiver gets as webhook-id, the same over all tries.',
        },
      },
    )
    .post(
      '/admin/webhooks/:id/deliveries/:delivery/retry',
      async ({ actor, params: { id, delivery }, set }) => {
        const requestId = String(set.headers['x-request-id'])
        const retried = await store.retryDelivery(
          { webhook: id, delivery },
          { now: clock().getTime(), actor, requestId },
        )
        if (!retried) throw new ZaasError('not_found', 'There is no such delivery.')
        sendSoon()
        return toJson(retried)
      },
      {
        params: Type.Object({ id: Type.String(), delivery: Type.String() }),
        query: strict({}),
        response: { 200: DeliveryJson, ...problemsOf(401, 404, 409, 422, 503) },
        detail: {
          tags: ['Webhooks'],
          operationId: 'retryDelivery',
          summary: 'Send an event once more, now',
          description:
            'Whatever became of it, with the same webhook-id. If that fails, the tries that are left follow.',
        },
      },
    )
    .post(
      '/admin/webhooks/:id/test',
      async ({ actor, params: { id }, set }) => {
        const requestId = String(set.headers['x-request-id'])
        const staged = await store.testWebhook(id, { now: clock().getTime(), actor, requestId })
        if (!staged) throw unknownWebhook()
        sendSoon()
        return toJson(staged)
      },
      {
        params,
        query: strict({}),
        response: { 200: DeliveryJson, ...problemsOf(401, 404, 409, 422, 503) },
        detail: {
          tags: ['Webhooks'],
          operationId: 'testWebhook',
          summary: 'Send a test event',
          description: 'An event webhook.test goes out at once, whatever the webhook listens to.',
        },
      },
    )
    .post(
      '/admin/webhooks/:id/rotate',
      async ({ actor, params: { id }, set }) => {
        const requestId = String(set.headers['x-request-id'])
        const secret = makeWebhookSecret()
        const context = { now: clock().getTime(), actor, requestId }
        if (!(await store.rotateWebhookSecret({ id, secret }, context))) throw unknownWebhook()
        return { id, secret }
      },
      {
        params,
        query: strict({}),
        response: {
          200: Type.Object({ id: Type.String(), secret: Type.String() }),
          ...problemsOf(401, 404, 409, 422, 503),
        },
        detail: {
          tags: ['Webhooks'],
          operationId: 'rotateWebhookSecret',
          summary: 'Give a webhook a new secret',
          description:
            'The full secret is in this answer and never again. The one before signs along for 24 hours.',
        },
      },
    )

const toJson = ({ at, nextAttemptAt, ...delivery }: Delivery) => ({
  ...delivery,
  at: iso(at),
  nextAttemptAt: isoOrNull(nextAttemptAt),
})
