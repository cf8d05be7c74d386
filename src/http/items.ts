import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Logger } from 'pino'
import type { Database } from '../db/database.ts'
import { type ListedItem, listItems, type Page } from '../db/items.ts'
import { invalid } from '../errors.ts'
import { type KeyGuardDeps, keyGuard } from './auth.ts'
import {
  Cursor,
  Item,
  iso,
  isoOrNull,
  Limit,
  limitMax,
  Namespace,
  orNull,
  Requestor,
  Status,
  strict,
  Time,
} from './fields.ts'
import { type JsonInputDeps, jsonInput } from './input.ts'
import { problemsOf } from './problems.ts'

const Listed = Type.Object({
  item: Type.String(),
  requestor: orNull(Type.String()),
  matchedAt: orNull(Time),
  createdAt: Time,
})

export const items = ({
  db,
  log,
  ...deps
}: KeyGuardDeps & JsonInputDeps & { db: Database; log: Logger }) =>
  new Elysia()
    .use(keyGuard(deps, 'read'))
    .use(jsonInput(deps))
    .get(
      '/namespaces/:namespace/items',
      async ({ namespace, query: { limit, cursor, ...filter } }) => {
        const after = cursor === undefined ? 0 : rowOf(cursor)
        const read = (from: number) =>
          listItems(db, namespace, filter, { after: from, limit: Number(limit ?? limitMax) })
        const { page, next } = await read(after)
        if (limit === undefined) return streamed({ page, next }, read, log)
        const nextCursor = next === null ? null : cursorOf(next)
        return Response.json({ items: page.map(shown), nextCursor })
      },
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({
          item: Type.Optional(Item),
          requestor: Type.Optional(Requestor),
          status: Type.Optional(Status),
          limit: Type.Optional(Limit),
          cursor: Type.Optional(Cursor),
        }),
        response: {
          200: Type.Object({ items: Type.Array(Listed), nextCursor: orNull(Type.String()) }),
          ...problemsOf(401, 403, 422, 503),
        },
        detail: {
          tags: ['API keys'],
          summary: 'List the items of a namespace',
          description:
            'In the order they were added, removed ones left out. Without limit the whole list is ' +
            'streamed; with it, nextCursor leads to the next page. Looking never matches.',
        },
      },
    )

const shown = ({ item, requestor, matchedAt, createdAt }: ListedItem) => ({
  item,
  requestor,
  matchedAt: isoOrNull(matchedAt),
  createdAt: iso(createdAt),
})

/**
 * The same JSON as a page, read and sent page by page, as fast as the caller takes it. The first page is
 * read before the answer begins; if a later one cannot be, the answer breaks off.
 */
function streamed(first: Page, read: (after: number) => Promise<Page>, log: Logger): Response {
  let following: Page | null = first
  const breakOff = (err: unknown) => {
    log.error({ err }, 'a list broke off')
    throw new Error('A list broke off.')
  }
  const json = new ReadableStream<string>({
    start: (controller) => controller.enqueue('{"items":['),
    async pull(controller) {
      if (following === null) {
        controller.enqueue('],"nextCursor":null}')
        return controller.close()
      }
      const { page, next } = following
      const rows = page.map((item) => JSON.stringify(shown(item))).join(',')
      controller.enqueue(next === null ? rows : `${rows},`)
      following = next === null ? null : await read(next).catch(breakOff)
    },
  })
  return new Response(json, { headers: { 'content-type': 'application/json;charset=utf-8' } })
}

const cursorOf = (row: number) => Buffer.from(`after ${row}`).toString('base64url')

function rowOf(cursor: string): number {
  const row = /^after ([1-9]\d{0,14})$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1]
  if (row === undefined || cursorOf(Number(row)) !== cursor) {
    throw invalid('cursor', 'must be a nextCursor of an earlier answer')
  }
  return Number(row)
}
