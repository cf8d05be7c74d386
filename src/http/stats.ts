import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Store } from '../db/store.ts'
import { type KeyGuardDeps, keyGuard } from './auth.ts'
import { Namespace, strict } from './fields.ts'
import { type JsonInputDeps, jsonInput } from './input.ts'
import { problemsOf } from './problems.ts'

/** The counts of a namespace, as answers have them. */
export const counts = {
  total: Type.Integer(),
  matched: Type.Integer(),
  available: Type.Integer(),
}

export const stats = (deps: KeyGuardDeps & JsonInputDeps & { store: Store }) =>
  new Elysia()
    .use(keyGuard(deps, 'read'))
    .use(jsonInput(deps))
    .get(
      '/namespaces/:namespace/stats',
      async ({ namespace }) => deps.store.countItems(namespace),
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({}),
        response: {
          200: Type.Object(counts),
          ...problemsOf(401, 403, 422, 503),
        },
        detail: {
          tags: ['API keys'],
          operationId: 'countItems',
          summary: 'Count the items of a namespace',
          description: 'One snapshot: total is always matched plus available.',
        },
      },
    )
