import { type Static, Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { WriteContext } from '../../domain/actor.ts'
import type { Store } from '../../domain/store.ts'
import {
  type KeyGuardDeps,
  keyGuard,
  type MasterGuardDeps,
  masterGuard,
} from '../middleware/auth.ts'
import { type JsonBodyDeps, jsonBody } from '../middleware/json-body.ts'
import { problemsOf } from '../middleware/problems.ts'
import { Namespace, strict } from '../schemas.ts'
import { State, settingsBody, settingsOf, stateJson } from '../settings-json.ts'

type Deps = JsonBodyDeps & { clock: () => Date; store: Pick<Store, 'changeSettings'> }

const schemas = {
  params: Type.Object({ namespace: Namespace }),
  query: strict({}),
  ...settingsBody,
}
const description =
  'What is left out stays, and null brings back the default. A change holds from its answer on, on every ' +
  'instance. requestors can be changed only while no item has a requestor, removed ones included.'

/** Changes the settings of a namespace, for API keys with the scope `manage`. */
export const settings = ({ clock, store, ...deps }: KeyGuardDeps & Deps) =>
  new Elysia()
    .use(keyGuard(deps, 'manage'))
    .use(jsonBody(deps, { PATCH: 'settings' }))
    .patch(
      '/namespaces/:namespace',
      async ({ namespace, actor, body, set }) => {
        const requestId = String(set.headers['x-request-id'])
        return change(store, namespace, body, { now: clock().getTime(), actor, requestId })
      },
      {
        ...schemas,
        response: { 200: State, ...problemsOf(400, 401, 403, 409, 413, 415, 422, 503) },
        detail: {
          tags: ['Settings'],
          operationId: 'changeSettings',
          summary: 'Change the settings of a namespace',
          description,
        },
      },
    )

/** The same for master keys, on every namespace. */
export const anySettings = ({ clock, store, ...deps }: MasterGuardDeps & Deps) =>
  new Elysia()
    .use(masterGuard(deps))
    .use(jsonBody(deps, { PATCH: 'settings' }))
    .patch(
      '/admin/namespaces/:namespace',
      async ({ params: { namespace }, actor, body, set }) => {
        const requestId = String(set.headers['x-request-id'])
        return change(store, namespace, body, { now: clock().getTime(), actor, requestId })
      },
      {
        ...schemas,
        response: { 200: State, ...problemsOf(400, 401, 409, 413, 415, 422, 503) },
        detail: {
          tags: ['Admin'],
          operationId: 'changeNamespace',
          summary: 'Change the settings of any namespace',
          description: `${description} The namespace need not exist.`,
        },
      },
    )

async function change(
  store: Pick<Store, 'changeSettings'>,
  namespace: string,
  body: Static<(typeof settingsBody)['body']>,
  context: WriteContext,
) {
  return stateJson(await store.changeSettings({ namespace, settings: settingsOf(body) }, context))
}
