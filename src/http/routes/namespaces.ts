import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { invalid } from '../../domain/errors.ts'
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
import {
  Cursor,
  inQuery,
  Limit,
  Namespace,
  NamespacePrefix,
  oneOf,
  orNull,
  strict,
} from '../schemas.ts'
import { counts, State, stateJson, statsJson } from '../settings-json.ts'

type Deps = JsonBodyDeps & { clock: () => Date; store: Store }

const { namespacesPage } = limits.http
const namePattern = new RegExp(String(Namespace.pattern))

/** A namespace, for its API keys. */
export const namespace = ({ clock, store, ...deps }: KeyGuardDeps & Deps) =>
  new Elysia()
    .use(keyGuard(deps, 'read'))
    .use(jsonBody(deps))
    .get(
      '/namespaces/:namespace',
      async ({ namespace }) => stateJson(await store.namespaceState(namespace, clock().getTime())),
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({}),
        response: { 200: State, ...problemsOf(401, 403, 422, 503) },
        detail: {
          tags: ['Settings'],
          operationId: 'getNamespace',
          summary: 'The settings and counts of a namespace',
          description: 'Every setting with its value; null stands for the default.',
        },
      },
    )
    .get(
      '/namespaces/:namespace/stats',
      async ({ namespace }) => statsJson(await store.namespaceStats(namespace, clock().getTime())),
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({}),
        response: { 200: Type.Object(counts), ...problemsOf(401, 403, 422, 503) },
        detail: {
          tags: ['Stats'],
          operationId: 'countItems',
          summary: 'Count the items of a namespace',
          description:
            'One snapshot: total is always available plus matched plus held plus expired. available ' +
            'is what a match could give now, whether or not the namespace is paused or open. perDay are ' +
            'the new matches of this hour and the 23 before, and runsOutAt is when nothing is available ' +
            'any more at that rate: null if nothing goes.',
        },
      },
    )

/** Lists the namespaces, for master keys. */
export const namespaces = ({ clock, store, ...deps }: MasterGuardDeps & Deps) =>
  new Elysia()
    .use(masterGuard(deps))
    .use(jsonBody(deps))
    .get(
      '/admin/namespaces',
      async ({ query: { limit = namespacesPage, cursor, prefix, order } }) => {
        if (cursor !== undefined && order !== undefined && order !== 'name')
          throw invalid('cursor', `must be left out with this order${inQuery('cursor')}`)
        const after = cursor === undefined ? '' : positionOf(cursor, namePattern)
        const now = clock().getTime()
        const query = { after, limit: Number(limit), now, prefix, order }
        const { namespaces, next } = await store.listNamespaces(query)
        const rows = namespaces.map(({ namespace, ...stats }) => ({
          namespace,
          ...statsJson(stats),
        }))
        return { namespaces: rows, nextCursor: next === null ? null : cursorOf(next) }
      },
      {
        query: strict({
          prefix: Type.Optional(NamespacePrefix),
          order: Type.Optional(oneOf(['name', 'available', 'runsOutAt'] as const)),
          limit: Type.Optional(Limit),
          cursor: Type.Optional(Cursor),
        }),
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
            'Those that have an API key or a setting, or have ever had an item, by name, with their ' +
            'counts in one snapshot; with prefix, those whose names begin with it. At most limit of ' +
            `them, ${namespacesPage} unless said; nextCursor leads on. With order=available (the fewest ` +
            'first) or order=runsOutAt (the soonest first, and those that do not run out last) there is one ' +
            'page, which takes no cursor, and whose namespaces are counted one after the other.',
        },
      },
    )
