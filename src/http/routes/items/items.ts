// GET /namespaces/:namespace/items lists items: a page of them with `limit`, or else the whole list as a stream.

import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Logger } from 'pino'
import { type ItemPage, itemStatuses, type ListedItem } from '../../../domain/item.ts'
import * as rules from '../../../domain/rules.ts'
import type { Store } from '../../../domain/store.ts'
import { limits } from '../../../limits.ts'
import { cursorOf, positionOf } from '../../cursor.ts'
import { type ItemJson, negotiateFormat } from '../../formats/list-formats.ts'
import { type KeyGuardDeps, keyGuard } from '../../middleware/auth.ts'
import type { ConcurrencyLimit } from '../../middleware/concurrency-limit.ts'
import { addVary } from '../../middleware/cors.ts'
import { type JsonBodyDeps, jsonBody } from '../../middleware/json-body.ts'
import { problemsOf } from '../../middleware/problems.ts'
import {
  Batch,
  Cursor,
  Item,
  iso,
  isoOrNull,
  Limit,
  Namespace,
  Order,
  orNull,
  Prefix,
  Requestor,
  Status,
  strict,
  Time,
} from '../../schemas.ts'
import { listResponse } from '../../stream-list.ts'

const Listed = Type.Object({
  item: Type.String(),
  requestor: orNull(Type.String()),
  slot: orNull(Type.String()),
  data: orNull(Type.Object({}, { additionalProperties: true })),
  matchedAt: orNull(Time),
  heldUntil: orNull(Time),
  expiresAt: orNull(Time),
  createdAt: Time,
  batch: orNull(Type.String()),
  status: Type.String({ enum: [...itemStatuses] }),
})

/** Positions in the order of addition, and in that of items. */
const rowId = /^[1-9]\d{0,14}$/
const itemPosition = new RegExp(rules.item.pattern)
const textMedia = { schema: { type: 'string' } }

type Deps = KeyGuardDeps &
  JsonBodyDeps & { clock: () => Date; store: Store; log: Logger; lists: ConcurrencyLimit }

export const items = ({ clock, store, log, lists, ...deps }: Deps) =>
  new Elysia()
    .use(keyGuard(deps, 'read'))
    .use(jsonBody(deps))
    .get(
      '/namespaces/:namespace/items',
      async ({ namespace, query: { limit, cursor, order, ...filter }, request, set }) => {
        addVary(set.headers, 'accept')
        const position = filter.prefix === undefined ? rowId : itemPosition
        const after = cursor === undefined ? undefined : positionOf(cursor, position)
        const pageSize = Number(limit ?? limits.http.streamedPageRows)
        const now = clock().getTime()
        const readPage = (from?: string) =>
          store.listItems({ namespace, ...filter, now, after: from, limit: pageSize, order })
        const format = negotiateFormat(request)
        const firstPage = await readPage(after)
        if (limit === undefined) {
          const toText = ({ items, next }: ItemPage) => ({
            rows: format.rows(items.map(toJson)),
            next,
          })
          const readText = async (from: string) => toText(await readPage(from))
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
          batch: Type.Optional(Batch),
          prefix: Type.Optional(Prefix),
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
            'In the order they were added, or from the end with order=desc; with prefix, in the order ' +
            'of the items. Removed ones are left out, unless status=removed asks for them. As ' +
            'items go out in their order, the matched ones from the end are the latest. Without limit the whole list is ' +
            'streamed; with it, nextCursor, and a link header with rel="next", lead to the next ' +
            'page. As CSV, cells that a spreadsheet would run as a formula begin with a quote; as ' +
            'NDJSON, nothing is changed. Looking never matches.',
        },
      },
    )

const toJson = (row: ListedItem): ItemJson => ({
  item: row.item,
  requestor: row.requestor,
  slot: row.slot || null,
  data: row.data,
  matchedAt: isoOrNull(row.matchedAt),
  heldUntil: isoOrNull(row.heldUntil),
  expiresAt: isoOrNull(row.expiresAt),
  createdAt: iso(row.createdAt),
  batch: row.batch,
  status: row.status,
})

/** The `link` header to the next page (RFC 8288), relative because a proxy may have changed the path. */
const linkToNext = (query: Record<string, string>) => `<?${new URLSearchParams(query)}>; rel="next"`
