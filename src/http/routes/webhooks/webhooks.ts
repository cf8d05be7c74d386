// /admin/webhooks creates, lists, changes and deletes webhooks, for master keys.

import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { invalid, ZaasError } from '../../../domain/errors.ts'
import type { Store } from '../../../domain/store.ts'
import {
  type CheckReceiver,
  makeWebhookSecret,
  type Webhook,
  webhookEvents,
} from '../../../domain/webhook.ts'
import { limits } from '../../../limits.ts'
import { newWebhookBody, webhookChangeBody } from '../../bodies/bodies.ts'
import { cursorOf, positionOf } from '../../cursor.ts'
import { type MasterGuardDeps, masterGuard } from '../../middleware/auth.ts'
import { type JsonBodyDeps, jsonBody } from '../../middleware/json-body.ts'
import { problemsOf } from '../../middleware/problems.ts'
import {
  Cursor,
  iso,
  isoOrNull,
  Limit,
  Namespace,
  oneOf,
  orNull,
  strict,
  Time,
} from '../../schemas.ts'

type Deps = MasterGuardDeps &
  JsonBodyDeps & {
    clock: () => Date
    store: Store
    newId: () => string
    checkReceiver: CheckReceiver
    sendSoon: () => void
  }

const { page } = limits.webhooks
const positionPattern = /^\d{1,15} whk_[\w-]+$/

const json = {
  id: Type.String(),
  url: Type.String(),
  events: Type.Array(oneOf(webhookEvents)),
  namespaces: orNull(Type.Array(Namespace)),
  createdAt: Time,
  disabledAt: orNull(Time),
}
const params = Type.Object({ id: Type.String() })

export const webhooks = ({ clock, newId, store, checkReceiver, sendSoon, ...deps }: Deps) =>
  new Elysia()
    .use(masterGuard(deps))
    .use(jsonBody(deps, { POST: 'newWebhook', PATCH: 'webhookChange' }))
    .post(
      '/admin/webhooks',
      async ({ actor, body: { url, events, namespaces = null }, set }) => {
        await assertReceiver(checkReceiver, url)
        const secret = makeWebhookSecret()
        const webhook = await store.createWebhook(
          { id: `whk_${newId()}`, url, events, namespaces, secret },
          { now: clock().getTime(), actor, requestId: String(set.headers['x-request-id']) },
        )
        return { ...toJson(webhook), secret }
      },
      {
        query: strict({}),
        ...newWebhookBody,
        response: {
          200: Type.Object({ ...json, secret: Type.String() }),
          ...problemsOf(400, 401, 409, 413, 415, 422, 503),
        },
        detail: {
          tags: ['Webhooks'],
          operationId: 'createWebhook',
          summary: 'Have events sent to an address',
          description:
            'Without namespaces, the events of all. The secret, by which a receiver verifies what it gets, is in ' +
            'this answer and in that of a rotation, and never again.',
        },
      },
    )
    .get(
      '/admin/webhooks',
      async ({ query: { limit = page, cursor } }) => {
        const after = cursor === undefined ? undefined : positionOf(cursor, positionPattern)
        const { webhooks, next } = await store.listWebhooks({ after, limit: Number(limit) })
        return { webhooks: webhooks.map(toJson), nextCursor: next === null ? null : cursorOf(next) }
      },
      {
        query: strict({ limit: Type.Optional(Limit), cursor: Type.Optional(Cursor) }),
        response: {
          200: Type.Object({
            webhooks: Type.Array(Type.Object(json)),
            nextCursor: orNull(Type.String()),
          }),
          ...problemsOf(401, 422, 503),
        },
        detail: {
          tags: ['Webhooks'],
          operationId: 'listWebhooks',
          summary: 'List the webhooks',
          description: `The oldest first, at most limit of them, ${page} unless said; nextCursor leads on.`,
        },
      },
    )
    .get('/admin/webhooks/:id', async ({ params: { id } }) => found(await store.findWebhook(id)), {
      params,
      query: strict({}),
      response: { 200: Type.Object(json), ...problemsOf(401, 404, 422, 503) },
      detail: {
        tags: ['Webhooks'],
        operationId: 'getWebhook',
        summary: 'See one webhook',
        description: 'Everything but its secret.',
      },
    })
    .patch(
      '/admin/webhooks/:id',
      async ({ actor, params: { id }, body: { url, events, namespaces, disabled }, set }) => {
        if (url !== undefined) await assertReceiver(checkReceiver, url)
        const webhook = await store.changeWebhook(
          { id, url, events, namespaces, disabled },
          { now: clock().getTime(), actor, requestId: String(set.headers['x-request-id']) },
        )
        if (disabled === false) sendSoon()
        return found(webhook)
      },
      {
        params,
        query: strict({}),
        ...webhookChangeBody,
        response: {
          200: Type.Object(json),
          ...problemsOf(400, 401, 404, 413, 415, 422, 503),
        },
        detail: {
          tags: ['Webhooks'],
          operationId: 'changeWebhook',
          summary: 'Change, disable or enable a webhook',
          description:
            'What is left out stays; namespaces: null stands for all. A disabled webhook gets no events; what ' +
            'waited for it is sent once it is enabled again.',
        },
      },
    )
    .delete(
      '/admin/webhooks/:id',
      async ({ actor, params: { id }, set }) => {
        const requestId = String(set.headers['x-request-id'])
        if (!(await store.deleteWebhook(id, { now: clock().getTime(), actor, requestId })))
          throw unknownWebhook()
        return { success: true as const, message: 'Webhook deleted successfully' }
      },
      {
        params,
        query: strict({}),
        response: {
          200: Type.Object({ success: Type.Literal(true), message: Type.String() }),
          ...problemsOf(401, 404, 422, 503),
        },
        detail: {
          tags: ['Webhooks'],
          operationId: 'deleteWebhook',
          summary: 'Delete a webhook',
          description: 'What waits for it is not sent any more, and its deliveries are forgotten.',
        },
      },
    )

/** Throws `invalid` for an address to which nothing is sent. */
async function assertReceiver(check: CheckReceiver, url: string): Promise<void> {
  const fault = URL.canParse(url) ? await check(url) : 'must be a valid URL'
  if (fault !== undefined) throw invalid('url', fault)
}

export const unknownWebhook = () => new ZaasError('not_found', 'There is no such webhook.')

function found(webhook: Webhook | undefined) {
  if (!webhook) throw unknownWebhook()
  return toJson(webhook)
}

const toJson = ({ id, url, events, namespaces, createdAt, disabledAt }: Webhook) => ({
  ...{ id, url, events, namespaces, createdAt: iso(createdAt), disabledAt: isoOrNull(disabledAt) },
})
