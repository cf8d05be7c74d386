// GET /namespaces/:namespace/items lists items: a page of them with `limit`, or else the whole list as a stream.

import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Logger } from 'pino'
import type { ItemPage, ListedItem } from '../../domain/item.ts'
import type { Store } from '../../domain/store.ts'
import { limits } from '../../limits.ts'
import { cursorOf, positionOf } from '../cursor.ts'
import { type ItemJson, negotiateFormat } from '../formats/list-formats.ts'
import { type KeyGuardDeps, keyGuard } from '../middleware/auth.ts'
import type { ConcurrencyLimit } from '../middleware/concurrency-limit.ts'
import { addVary } from '../middleware/cors.ts'
import { type JsonBodyDeps, jsonBody } from '../middleware/json-body.ts'
import { problemsOf } from '../middleware/problems.ts'
import {
  Cursor,
  Item,
  iso,
  isoOrNull,
  Limit,
  Namespace,
  Order,
  orNull,
  Requestor,
  Status,
  strict,
  Time,
} from '../schemas.ts'
import { listResponse } from '../stream-list.ts'

const Listed = Type.Object({
  item: Type.String(),
  requestor: orNull(Type.String()),
  matchedAt: orNull(Time),
  createdAt: Time,
})

const rowId = /^[1-9]\d{0,14}$/
const textMedia = { schema: { type: 'string' } }

type Deps = KeyGuardDeps & JsonBodyDeps & { store: Store; log: Logger; lists: ConcurrencyLimit }

export const items = ({ store, log, lists, ...deps }: Deps) =>
  new Elysia()
    .use(keyGuard(deps, 'read'))
    .use(jsonBody(deps))
    .get(
      '/namespaces/:namespace/items',
      async ({ namespace, query: { limit, cursor, order, ...filter }, request, set }) => {
        addVary(set.headers, 'accept')
        const after = cursor === undefined ? undefined : Number(positionOf(cursor, rowId))
        const pageSize = Number(limit ?? limits.http.streamedPageRows)
        const readPage = (position?: number) =>
          store.listItems({ namespace, ...filter, after: position, limit: pageSize, order })
        const format = negotiateFormat(request)
        const firstPage = await readPage(after)
        if (limit === undefined) {
          const toText = ({ items, next }: ItemPage) => ({
            rows: format.rows(items.map(toJson)),
            next,
          })
          const readText = async (position: number) => toText(await readPage(position))
          const frame = { ...format, tail: format.tail(null) }
          const take = () => lists.take(namespace)
          const asked = { request, set, log, take, mediaType: format.mediaType }
          return listResponse(asked, frame, toText(firstPage), readText)
        }
        const nextCursor = firstPage.next === null ? null : cursorOf(firstPage.next)
        if (nextCursor !== null)
          set.headers['link'] = linkToNext({
            ...filter,
            ...(order && { order }),
            limit,
            cursor: nextCursor,
          })
        const rows = format.rows(firstPage.items.map(toJson))
        return new Response(format.head + rows + format.tail(nextCursor), {
          headers: { 'content-type': format.mediaType },
        })
      },
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({
          item: Type.Optional(Item),
          requestor: Type.Optional(Requestor),
          status: Type.Optional(Status),
          order: Type.Optional(Order),
          limit: Type.Optional(Limit),
          cursor: Type.Optional(Cursor),
        }),
        response: {
          200: Type.Object(
            { items: Type.Array(Listed), nextCursor: orNull(Type.String()) },
            { otherTypes: { 'text/csv': textMedia, 'application/x-ndjson': textMedia } },
          ),
          ...problemsOf(401, 403, 422, 503),
        },
        detail: {
          tags: ['Items'],
          operationId: 'listItems',
          summary: 'List the items of a namespace',
          description:
            'In the order they were added, or from the end with order=desc; removed ones left out. As ' +
            'items go out in their order, the matched ones from the end are the latest. Without limit the whole list is ' +
            'streamed; with it, nextCursor, and a link header with rel="next", lead to the next ' +
            'page. As CSV, cells that a spreadsheet would run as a formula begin with a quote; as ' +
            'NDJSON, nothing is changed. Looking never matches.',
        },
      },
    )

const toJson = ({ item, requestor, matchedAt, createdAt }: ListedItem): ItemJson => ({
  item,
  requestor,
  matchedAt: isoOrNull(matchedAt),
  createdAt: iso(createdAt),
})

/** The `link` header to the next page (RFC 8288), relative because a proxy may have changed the path. */
const linkToNext = (query: Record<string, string>) => `<?${new URLSearchParams(query)}>; rel="next"`
