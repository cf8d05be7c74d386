import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { type ItemsChanged, isListText } from '../../domain/item.ts'
import { newItem } from '../../domain/rules.ts'
import type { Store } from '../../domain/store.ts'
import { assertDisjoint, itemChangesBody, itemReplacementBody } from '../bodies.ts'
import { type KeyGuardDeps, keyGuard } from '../middleware/auth.ts'
import { type JsonBodyDeps, jsonBody } from '../middleware/json-body.ts'
import { problemsOf } from '../middleware/problems.ts'
import { refuseUncleanItems } from '../new-items.ts'
import { Namespace, strict } from '../schemas.ts'

const changed = {
  success: Type.Literal(true),
  message: Type.String(),
  added: Type.Integer(),
  restored: Type.Integer(),
  removed: Type.Integer(),
  released: Type.Integer(),
  unchanged: Type.Integer(),
  conflicts: Type.Array(Type.String()),
}

/** Changes the stock of a namespace: PATCH adds, removes and releases items; PUT replaces the stock. */
export const itemChanges = ({
  clock,
  store,
  ...deps
}: KeyGuardDeps & JsonBodyDeps & { clock: () => Date; store: Store }) =>
  new Elysia()
    .use(keyGuard(deps, 'write'))
    .use(jsonBody(deps, { PATCH: 'itemChanges', PUT: 'itemReplacement' }))
    .patch(
      '/namespaces/:namespace/items',
      async ({ namespace, actor, body: { add = [], remove = [], release = [] } }) => {
        const lists = { add, remove, release }
        assertDisjoint(lists)
        await refuseUncleanItems(store, namespace, 'add', add)
        const context = { now: clock().getTime(), actor }
        return toResponse(await store.changeItems({ namespace, ...lists }, context))
      },
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({}),
        ...itemChangesBody,
        response: { 200: Type.Object(changed), ...problemsOf(400, 401, 403, 413, 415, 422, 503) },
        detail: {
          tags: ['Items'],
          operationId: 'changeItems',
          summary: 'Add, remove and release items',
          description:
            'All of it or nothing. Items are removed, then released, then added. add undoes remove; ' +
            'remove lets the requestor match anew; release puts a matched item back into the queue. ' +
            newItemsAre,
        },
      },
    )
    .put(
      '/namespaces/:namespace/items',
      async ({ namespace, actor, body: { items, removeMatched = false } }) => {
        await refuseUncleanItems(store, namespace, 'items', items)
        const context = { now: clock().getTime(), actor }
        return toResponse(await store.replaceItems({ namespace, items, removeMatched }, context))
      },
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({}),
        ...itemReplacementBody,
        response: {
          200: Type.Object({ ...changed, kept: Type.Integer() }),
          ...problemsOf(400, 401, 403, 413, 415, 422, 503),
        },
        detail: {
          tags: ['Items'],
          operationId: 'replaceItems',
          summary: 'Make the stock this list',
          description:
            'All of it or nothing. Adds what is missing and removes available items that are not ' +
            'listed. Items already handed out are kept, unless removeMatched is true. ' +
            newItemsAre,
        },
      },
    )

const newItemsAre = `A new item is ${newItem.description}.`

/** What a change did, in words. */
export function messageOf(change: Partial<ItemsChanged>): string {
  const { added = 0, restored = 0, removed = 0, released = 0 } = change
  const parts = Object.entries({
    Added: added,
    Restored: restored,
    Removed: removed,
    Released: released,
  })
    .filter(([, count]) => count > 0)
    .map(([verb, count]) => `${verb} ${count} items`)
  return parts.join(', ') || 'No changes made'
}

/** Not an object, because a text of conflicts must not be parsed and written again. */
function toResponse({ conflicts, ...counts }: ItemsChanged): Response {
  const changed = JSON.stringify({ success: true, message: messageOf(counts), ...counts })
  const list = isListText(conflicts) ? conflicts.json : JSON.stringify(conflicts)
  return new Response(`${changed.slice(0, -1)},"conflicts":${list}}`, {
    headers: { 'content-type': 'application/json;charset=utf-8' },
  })
}
