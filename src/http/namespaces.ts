import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Store } from '../db/store.ts'
import { type MasterGuardDeps, masterGuard } from './auth.ts'
import { cursorOf, positionOf } from './cursor.ts'
import { Cursor, Limit, Namespace, orNull, strict } from './fields.ts'
import { type JsonInputDeps, jsonInput } from './input.ts'
import { problemsOf } from './problems.ts'
import { counts } from './stats.ts'

const pageSize = 100
const name = new RegExp(String(Namespace.pattern))

export const namespaces = ({
  store,
  ...deps
}: MasterGuardDeps & JsonInputDeps & { store: Store }) =>
  new Elysia()
    .use(masterGuard(deps))
    .use(jsonInput(deps))
    .get(
      '/admin/namespaces',
      async ({ query: { limit = pageSize, cursor } }) => {
        const after = cursor === undefined ? '' : positionOf(cursor, name)
        const { page, next } = await store.listNamespaces({ after, limit: Number(limit) })
        return { namespaces: page, nextCursor: next === null ? null : cursorOf(next) }
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
          tags: ['Master keys'],
          operationId: 'listNamespaces',
          summary: 'List the namespaces',
          description:
            'Those that have an API key or have ever had an item, by name, with their counts in one ' +
            `snapshot. At most limit of them, ${pageSize} unless said; nextCursor leads on.`,
        },
      },
    )
