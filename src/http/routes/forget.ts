import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { WriteContext } from '../../domain/actor.ts'
import { forgottenPrefix } from '../../domain/history.ts'
import type { Store } from '../../domain/store.ts'
import { forgettingBody } from '../bodies/bodies.ts'
import {
  type KeyGuardDeps,
  keyGuard,
  type MasterGuardDeps,
  masterGuard,
} from '../middleware/auth.ts'
import { type JsonBodyDeps, jsonBody } from '../middleware/json-body.ts'
import { problemsOf } from '../middleware/problems.ts'
import { Namespace, strict } from '../schemas.ts'

type Deps = JsonBodyDeps & {
  clock: () => Date
  newId: () => string
  store: Pick<Store, 'findTraces' | 'forget'>
}

const Forgotten = Type.Object({ success: Type.Literal(true), forgotten: Type.Integer() })
const description =
  'In all that is stored, removed items and history included, the requestor is from now on called forgotten: and ' +
  'random characters. Its items stay given, its holds end, and a later match of it is a new one. Answers how many ' +
  'items it has or had; a repeat answers 0. What data, notes and request ids hold is not searched.'

/** Forgets a requestor of a namespace. */
export const forget = ({ clock, newId, store, ...deps }: KeyGuardDeps & Deps) =>
  new Elysia()
    .use(keyGuard(deps, 'write'))
    .use(jsonBody(deps, { POST: 'forgetting' }))
    .post(
      '/namespaces/:namespace/forget',
      async ({ namespace, actor, body: { requestor }, set }) => {
        const requestId = String(set.headers['x-request-id'])
        const forgotten = await store.forget(
          { namespace, requestor, as: forgottenPrefix + newId() },
          { now: clock().getTime(), actor, requestId },
        )
        return { success: true as const, forgotten }
      },
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({}),
        ...forgettingBody,
        response: { 200: Forgotten, ...problemsOf(400, 401, 403, 413, 415, 422, 503) },
        detail: {
          tags: ['History'],
          operationId: 'forgetRequestor',
          summary: 'Forget a requestor',
          description,
        },
      },
    )

/** The same in all namespaces, for master keys. */
export const forgetEverywhere = ({ clock, newId, store, ...deps }: MasterGuardDeps & Deps) =>
  new Elysia()
    .use(masterGuard(deps))
    .use(jsonBody(deps, { POST: 'forgetting' }))
    .post(
      '/admin/forget',
      async ({ actor, body: { requestor }, set }) => {
        const requestId = String(set.headers['x-request-id'])
        const context = { now: clock().getTime(), actor, requestId }
        const forgotten = await forgetAll({ store, newId }, requestor, context)
        return { success: true as const, forgotten }
      },
      {
        query: strict({}),
        ...forgettingBody,
        response: { 200: Forgotten, ...problemsOf(400, 401, 413, 415, 422, 503) },
        detail: {
          tags: ['Admin'],
          operationId: 'forgetEverywhere',
          summary: 'Forget a requestor in all namespaces',
          description: `${description} One namespace after the other; if the call fails, repeat it.`,
        },
      },
    )

/** Each namespace has a name of its own for the requestor, so that those cannot be told to be the same. */
async function forgetAll(
  { store, newId }: Pick<Deps, 'store' | 'newId'>,
  requestor: string,
  context: WriteContext,
): Promise<number> {
  let forgotten = 0
  for (let after: string | null = ''; after !== null; ) {
    const { namespaces, next } = await store.findTraces({ subject: { requestor }, after })
    for (const namespace of namespaces)
      forgotten += await store.forget(
        { namespace, requestor, as: forgottenPrefix + newId() },
        context,
      )
    after = next
  }
  return forgotten
}
