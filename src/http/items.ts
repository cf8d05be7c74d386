import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Database } from '../db/database.ts'
import { type ItemFilter, type ListedItem, listItems } from '../db/items.ts'
import { invalid } from '../errors.ts'
import { type KeyGuardDeps, keyGuard } from './auth.ts'
import { Item, iso, isoOrNull, Namespace, orNull, Requestor, strict, Time } from './fields.ts'
import { problemsOf } from './problems.ts'

const pageMax = 1_000

const Listed = Type.Object({
  item: Type.String(),
  requestor: orNull(Type.String()),
  matchedAt: orNull(Time),
  createdAt: Time,
})

export const items = (deps: KeyGuardDeps & { db: Database }) =>
  new Elysia().use(keyGuard(deps, 'read')).get(
    '/namespaces/:namespace/items',
    async ({ namespace, query: { limit, cursor, ...filter } }) => {
      const after = cursor === undefined ? 0 : rowOf(cursor)
      if (limit === undefined) return streamItems(deps.db, namespace, filter, after)
      const { page, next } = await listItems(deps.db, namespace, filter, {
        after,
        limit: Number(limit),
      })
      const nextCursor = next === null ? null : cursorOf(next)
      return Response.json({ items: page.map(shown), nextCursor })
    },
    {
      params: Type.Object({ namespace: Namespace }),
      query: strict({
        item: Type.Optional(Item),
        requestor: Type.Optional(Requestor),
        status: Type.Optional(
          Type.Union([Type.Literal('available'), Type.Literal('matched')], {
            description: 'available or matched',
          }),
        ),
        limit: Type.Optional(
          Type.String({
            pattern: '^([1-9][0-9]{0,2}|1000)$',
            description: `a whole number from 1 to ${pageMax}`,
          }),
        ),
        cursor: Type.Optional(Type.String({ description: 'a nextCursor of an earlier answer' })),
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

/** The same JSON as a page, read and sent page by page, as fast as the caller takes it. */
function streamItems(db: Database, namespace: string, filter: ItemFilter, first: number) {
  let after: number | null = first
  let separator = '{"items":['
  const chunks = new ReadableStream<string>({
    async pull(controller) {
      if (after === null) {
        controller.enqueue('],"nextCursor":null}')
        return controller.close()
      }
      const { page, next } = await listItems(db, namespace, filter, { after, limit: pageMax })
      const rows = page.map((item) => JSON.stringify(shown(item))).join(',')
      controller.enqueue(separator + rows)
      separator = ','
      after = next
    },
  })
  return new Response(chunks, { headers: { 'content-type': 'application/json;charset=utf-8' } })
}

const cursorOf = (row: number) => Buffer.from(`after ${row}`).toString('base64url')

function rowOf(cursor: string): number {
  const row = /^after ([1-9]\d{0,14})$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1]
  if (row === undefined || cursorOf(Number(row)) !== cursor) {
    throw invalid('cursor', 'must be a nextCursor of an earlier answer')
  }
  return Number(row)
}
