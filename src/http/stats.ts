import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Database } from '../db/database.ts'
import { countItems } from '../db/stats.ts'
import { type KeyGuardDeps, keyGuard } from './auth.ts'
import { Namespace, strict } from './fields.ts'
import { type JsonInputDeps, jsonInput } from './input.ts'
import { problemsOf } from './problems.ts'

export const stats = (deps: KeyGuardDeps & JsonInputDeps & { db: Database }) =>
  new Elysia()
    .use(keyGuard(deps, 'read'))
    .use(jsonInput(deps))
    .get('/namespaces/:namespace/stats', async ({ namespace }) => countItems(deps.db, namespace), {
      params: Type.Object({ namespace: Namespace }),
      query: strict({}),
      response: {
        200: Type.Object({
          total: Type.Integer(),
          matched: Type.Integer(),
          available: Type.Integer(),
        }),
        ...problemsOf(401, 403, 422, 503),
      },
      detail: {
        tags: ['API keys'],
        summary: 'Count the items of a namespace',
        description: 'One snapshot: total is always matched plus available.',
      },
    })
