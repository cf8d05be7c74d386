import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Logger } from 'pino'
import type { ItemPage, ListedItem } from '../../domain/item.ts'
import type { Store } from '../../domain/store.ts'
import { limits } from '../../limits.ts'
import { cursorOf, positionOf } from '../cursor.ts'
import { type Format, formatFor, type ItemJson } from '../formats/list-formats.ts'
import { type KeyGuardDeps, keyGuard } from '../middleware/auth.ts'
import type { ConcurrencyLimit } from '../middleware/concurrency-limit.ts'
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

const Listed = Type.Object({
  item: Type.String(),
  requestor: orNull(Type.String()),
  matchedAt: orNull(Time),
  createdAt: Time,
})

const row = /^[1-9]\d{0,14}$/
const text = { schema: { type: 'string' } }

type Deps = KeyGuardDeps & JsonBodyDeps & { store: Store; log: Logger; lists: ConcurrencyLimit }

export const items = ({ store, log, lists, ...deps }: Deps) =>
  new Elysia()
    .use(keyGuard(deps, 'read'))
    .use(jsonBody(deps))
    .get(
      '/namespaces/:namespace/items',
      async ({ namespace, query: { limit, cursor, order, ...filter }, request, set }) => {
        set.headers['vary'] = 'accept'
        const after = cursor === undefined ? undefined : Number(positionOf(cursor, row))
        const size = Number(limit ?? limits.http.streamedPageRows)
        const read = (from?: number) =>
          store.listItems({ namespace, ...filter, after: from, limit: size, order })
        const format = formatFor(request)
        const first = await read(after)
        const headers = { 'content-type': format.type }
        if (limit === undefined) {
          // No place and no stream for HEAD: nobody reads it to the end.
          if (request.method === 'HEAD') return new Response(null, { headers })
          const requestId = set.headers['x-request-id']
          const report = (err: unknown) => log.error({ requestId, err }, 'a list broke off')
          const ended = lists.take()
          return new Response(streamed(format, first, read, { report, ended }), { headers })
        }
        const nextCursor = first.next === null ? null : cursorOf(first.next)
        if (nextCursor !== null)
          set.headers['link'] = linkTo({
            ...filter,
            ...(order && { order }),
            limit,
            cursor: nextCursor,
          })
        const rows = format.rows(first.items.map(toJson))
        return new Response(format.head + rows + format.tail(nextCursor), { headers })
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
            { otherTypes: { 'text/csv': text, 'application/x-ndjson': text } },
          ),
          ...problemsOf(401, 403, 422, 503),
        },
        detail: {
          tags: ['API keys'],
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

/**
 * The same as a page, read and sent page by page, as fast as the caller takes it. The first page is read
 * before the answer begins; if a later one cannot be, the answer breaks off.
 */
function streamed(
  format: Format,
  first: ItemPage,
  read: (after: number) => Promise<ItemPage>,
  { report, ended }: { report: (error: unknown) => void; ended: () => void },
): ReadableStream<string> {
  let following = first
  let head = format.head
  const breakOff = (err: unknown) => {
    ended()
    report(err)
    throw new Error('A list broke off.')
  }
  return new ReadableStream({
    async pull(controller) {
      const { items, next } = following
      const rows = head + format.rows(items.map(toJson))
      controller.enqueue(rows + (next === null ? format.tail(null) : format.between))
      head = ''
      if (next === null) {
        ended()
        return controller.close()
      }
      await ownTurn()
      following = await read(next).catch(breakOff)
    },
    // The caller went away.
    cancel: ended,
  })
}

let lastTurn: Promise<unknown> = Promise.resolve()

/**
 * A turn of the event loop in which no other list writes a page: without one, a fast caller would keep
 * everyone else waiting to the end, and many lists at once would, for a page of each.
 */
function ownTurn(): Promise<unknown> {
  lastTurn = lastTurn.then(() => new Promise(setImmediate))
  return lastTurn
}

/** The next page (RFC 8288), relative to this one, since a proxy may have changed the path. */
const linkTo = (query: Record<string, string>) => `<?${new URLSearchParams(query)}>; rel="next"`
