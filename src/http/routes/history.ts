import { type Static, Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { invalid } from '../../domain/errors.ts'
import type { HistoryEvent, HistoryQuery } from '../../domain/history.ts'
import type { Store } from '../../domain/store.ts'
import { limits } from '../../limits.ts'
import { cursorOf, positionOf } from '../cursor.ts'
import { AdminEvent, adminEventJson, Event, eventJson } from '../history-json.ts'
import {
  type KeyGuardDeps,
  keyGuard,
  type MasterGuardDeps,
  masterGuard,
} from '../middleware/auth.ts'
import { type JsonBodyDeps, jsonBody } from '../middleware/json-body.ts'
import { problemsOf } from '../middleware/problems.ts'
import { Cursor, Item, inQuery, Limit, Namespace, orNull, Requestor, strict } from '../schemas.ts'

type Deps = JsonBodyDeps & { store: Pick<Store, 'listHistory'> }

const { historyPage } = limits.http
/** In a history of an item or a requestor, and in one of changes. */
const subjectPosition = /^\d{1,16}\.-?\d{1,16}(\.\d{1,16}){3}$/
const changePosition = /^\d{1,16}(\.\d{1,16}){2}$/

const query = strict({
  item: Type.Optional(Item),
  requestor: Type.Optional(Requestor),
  limit: Type.Optional(Limit),
  cursor: Type.Optional(Cursor),
})
const description =
  'The latest recorded first: with item or requestor, all that happened to it; with neither, what changes did, an ' +
  'event for each item, and changes of settings. Matches are not among those: they are listed as items. At most ' +
  `limit events, ${historyPage} unless said; nextCursor leads on, also from a page that has fewer.`

/** The history of a namespace, for its API keys. */
export const history = ({ store, ...deps }: KeyGuardDeps & Deps) =>
  new Elysia()
    .use(keyGuard(deps, 'read'))
    .use(jsonBody(deps))
    .get(
      '/namespaces/:namespace/history',
      async ({ namespace, query }) => pageOf(store, { namespace, ...query }, eventJson),
      {
        params: Type.Object({ namespace: Namespace }),
        query,
        response: {
          200: Type.Object({ events: Type.Array(Event), nextCursor: orNull(Type.String()) }),
          ...problemsOf(401, 403, 422, 503),
        },
        detail: {
          tags: ['History'],
          operationId: 'listHistory',
          summary: 'See who did what, and when',
          description,
        },
      },
    )

/** The same over all namespaces, for master keys. */
export const wholeHistory = ({ store, ...deps }: MasterGuardDeps & Deps) =>
  new Elysia()
    .use(masterGuard(deps))
    .use(jsonBody(deps))
    .get('/admin/history', async ({ query }) => pageOf(store, query, adminEventJson), {
      query,
      response: {
        200: Type.Object({ events: Type.Array(AdminEvent), nextCursor: orNull(Type.String()) }),
        ...problemsOf(401, 422, 503),
      },
      detail: {
        tags: ['Admin'],
        operationId: 'listWholeHistory',
        summary: 'See who did what, and when, in all namespaces',
        description: `${description} Here also what was done to keys.`,
      },
    })

type Asked = Static<typeof query> & { namespace?: string }

async function pageOf<Json>(
  store: Pick<Store, 'listHistory'>,
  { namespace, item, requestor, limit = String(historyPage), cursor }: Asked,
  toJson: (event: HistoryEvent) => Json,
) {
  const subject = subjectOf(item, requestor)
  const pattern = subject ? subjectPosition : changePosition
  const after = cursor === undefined ? undefined : positionOf(cursor, pattern)
  const page = { namespace, subject, after, limit: Number(limit) }
  const { events, next } = await store.listHistory(page)
  return { events: events.map(toJson), nextCursor: next === null ? null : cursorOf(next) }
}

function subjectOf(
  item: string | undefined,
  requestor: string | undefined,
): HistoryQuery['subject'] {
  if (item !== undefined && requestor !== undefined)
    throw invalid('requestor', `must not be there together with item${inQuery('requestor')}`)
  if (item !== undefined) return { item }
  return requestor === undefined ? undefined : { requestor }
}
