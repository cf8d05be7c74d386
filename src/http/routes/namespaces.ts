import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Store } from '../../domain/store.ts'
import { limits } from '../../limits.ts'
import { cursorOf, positionOf } from '../cursor.ts'
import {
  type KeyGuardDeps,
  keyGuard,
  type MasterGuardDeps,
  masterGuard,
} from '../middleware/auth.ts'
import { type JsonBodyDeps, jsonBody } from '../middleware/json-body.ts'
import { problemsOf } from '../middleware/problems.ts'
import { Cursor, Limit, Namespace, orNull, strict } from '../schemas.ts'

type Deps = JsonBodyDeps & { store: Store }

const counts = {
  total: Type.Integer(),
  matched: Type.Integer(),
  available: Type.Integer(),
}

const { namespacesPage } = limits.http
const namePattern = new RegExp(String(Namespace.pattern))

/** Counts the items of a namespace, for its API keys. */
export const namespace = ({ store, ...deps }: KeyGuardDeps & Deps) =>
  new Elysia()
    .use(keyGuard(deps, 'read'))
    .use(jsonBody(deps))
    .get('/namespaces/:namespace/stats', async ({ namespace }) => store.namespaceStats(namespace), {
      params: Type.Object({ namespace: Namespace }),
      query: strict({}),
      response: {
        200: Type.Object(counts),
        ...problemsOf(401, 403, 422, 503),
      },
      detail: {
        tags: ['Stats'],
        operationId: 'countItems',
        summary: 'Count the items of a namespace',
        description: 'One snapshot: total is always matched plus available.',
      },
    })

/** Lists the namespaces, for master keys. */
export const namespaces = ({ store, ...deps }: MasterGuardDeps & Deps) =>
  new Elysia()
    .use(masterGuard(deps))
    .use(jsonBody(deps))
    .get(
      '/admin/namespaces',
      async ({ query: { limit = namespacesPage, cursor } }) => {
        const after = cursor === undefined ? '' : positionOf(cursor, namePattern)
        const { namespaces, next } = await store.listNamespaces({ after, limit: Number(limit) })
        return { namespaces, nextCursor: next === null ? null : cursorOf(next) }
      },
      {
        query: strict({ limit: Type.Optional(Limit), cursor: Type.Optional(Cursor) }),
        response: {
          200: Type.Object({
            namespaces: Type.Array(Type.Object({ namespace: Namespace, ...counts })),
            nextCursor: orNull(Type.String()),
          }),
          ...problemsOf(401, 422, 503),
        },
        detail: {
          tags: ['Admin'],
          operationId: 'listNamespaces',
          summary: 'List the namespaces',
          description:
            'Those that have an API key or have ever had an item, by name, with their counts in one ' +
            `snapshot. At most limit of them, ${namespacesPage} unless said; nextCursor leads on.`,
        },
      },
    )
