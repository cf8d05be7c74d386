import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { WriteContext } from '../../../domain/actor.ts'
import { ZaasError } from '../../../domain/errors.ts'
import type { ItemBatch } from '../../../domain/item-batch.ts'
import type { Store } from '../../../domain/store.ts'
import { yieldToEventLoop } from '../../../event-loop.ts'
import { limits } from '../../../limits.ts'
import { cursorOf, positionOf } from '../../cursor.ts'
import { type KeyGuardDeps, keyGuard } from '../../middleware/auth.ts'
import { type JsonBodyDeps, jsonBody } from '../../middleware/json-body.ts'
import { problemsOf } from '../../middleware/problems.ts'
import { Batch, Cursor, iso, Limit, Namespace, orNull, strict, Time } from '../../schemas.ts'

type Deps = KeyGuardDeps & JsonBodyDeps & { clock: () => Date; store: Store }

const { itemBatchesPage } = limits.http
const position = /^[1-9]\d{0,14}$/

const listed = {
  batch: Type.String(),
  at: Time,
  by: orNull(Type.Object({ keyId: Type.String() })),
  received: Type.Integer(),
}
const params = Type.Object({ namespace: Namespace, batch: Batch })

/** Shows the batches of a namespace. */
export const batches = ({ clock, store, ...deps }: Deps) =>
  new Elysia()
    .use(keyGuard(deps, 'read'))
    .use(jsonBody(deps))
    .get(
      '/namespaces/:namespace/batches',
      async ({ namespace, query: { limit = itemBatchesPage, cursor } }) => {
        const after = cursor === undefined ? undefined : positionOf(cursor, position)
        const asked = { namespace, after, limit: Number(limit) }
        const { batches, next } = await store.listBatches(asked)
        return {
          batches: batches.map(batchJson),
          nextCursor: next === null ? null : cursorOf(next),
        }
      },
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({ limit: Type.Optional(Limit), cursor: Type.Optional(Cursor) }),
        response: {
          200: Type.Object({
            batches: Type.Array(Type.Object(listed)),
            nextCursor: orNull(Type.String()),
          }),
          ...problemsOf(401, 403, 422, 503),
        },
        detail: {
          tags: ['Batches'],
          operationId: 'listBatches',
          summary: 'List the batches of a namespace',
          description:
            'What came in together, as by an import, the latest first. At most limit of them, ' +
            `${itemBatchesPage} unless said; nextCursor leads on.`,
        },
      },
    )
    .get(
      '/namespaces/:namespace/batches/:batch',
      async ({ namespace, params: { batch } }) => {
        const state = await store.findBatch(namespace, batch, clock().getTime())
        if (!state) throw unknownBatch()
        const { available, matched, held, expired, removed } = state
        return { ...batchJson(state), available, matched, held, expired, removed }
      },
      {
        params,
        query: strict({}),
        response: {
          200: Type.Object({
            ...listed,
            available: Type.Integer(),
            matched: Type.Integer(),
            held: Type.Integer(),
            expired: Type.Integer(),
            removed: Type.Integer(),
          }),
          ...problemsOf(401, 403, 404, 422, 503),
        },
        detail: {
          tags: ['Batches'],
          operationId: 'getBatch',
          summary: 'See what became of a batch',
          description: 'How many of its items are available, matched, held, expired, removed now.',
        },
      },
    )

/** Takes batches back. */
export const batchRemoval = ({
  clock,
  store,
  keepOpen,
  ...deps
}: Deps & { keepOpen: (request: Request) => () => void }) =>
  new Elysia()
    .use(keyGuard(deps, 'write'))
    .use(jsonBody(deps))
    .delete(
      '/namespaces/:namespace/batches/:batch',
      async ({ namespace, actor, params: { batch }, request, set }) => {
        const requestId = String(set.headers['x-request-id'])
        const context = () => ({ now: clock().getTime(), actor, requestId })
        const letIdle = keepOpen(request)
        try {
          const { removed, kept } = await removeAll(store, { namespace, batch }, context)
          const message = removed === 0 ? 'No changes made' : `Removed ${removed} items`
          return { success: true as const, message, removed, kept }
        } finally {
          letIdle()
        }
      },
      {
        params,
        query: strict({}),
        response: {
          200: Type.Object({
            success: Type.Literal(true),
            message: Type.String(),
            removed: Type.Integer(),
            kept: Type.Integer(),
          }),
          ...problemsOf(401, 403, 404, 422, 503),
        },
        detail: {
          tags: ['Batches'],
          operationId: 'removeBatch',
          summary: 'Take a batch back',
          description:
            'Removes what is available or expired of it, in steps that keep no match waiting, and keeps ' +
            'what was handed out or is held. A repeat removes what became available since.',
        },
      },
    )

/** A step at a time, so that matches and other changes go in between. A step that was made stays made. */
async function removeAll(
  store: Pick<Store, 'removeBatch'>,
  batch: { namespace: string; batch: string },
  context: () => WriteContext,
): Promise<{ removed: number; kept: number }> {
  const total = { removed: 0, kept: 0 }
  for (let after: number | undefined; ; await yieldToEventLoop()) {
    const step = await store.removeBatch(
      { ...batch, after, removedBefore: total.removed },
      context(),
    )
    if (!step) throw unknownBatch()
    total.removed += step.removed
    total.kept += step.kept
    if (step.next === null) return total
    after = step.next
  }
}

const unknownBatch = () => new ZaasError('not_found', 'There is no such batch.')

/** Items come in by API keys, and by zaas itself. */
const batchJson = ({ batch, at, by, received }: ItemBatch) => ({
  batch,
  at: iso(at),
  by: by?.startsWith('key_') ? { keyId: by } : null,
  received,
})
