import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Change, Lists } from '../db/stock.ts'
import type { Store } from '../db/store.ts'
import { invalid } from '../errors.ts'
import { type KeyGuardDeps, keyGuard } from './auth.ts'
import { Flag, Items, Namespace, strict } from './fields.ts'
import { type JsonInputDeps, jsonInput } from './input.ts'
import { problemsOf } from './problems.ts'

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

export const stock = ({
  clock,
  store,
  ...deps
}: KeyGuardDeps & JsonInputDeps & { clock: () => Date; store: Store }) =>
  new Elysia()
    .use(keyGuard(deps, 'write'))
    .use(jsonInput(deps))
    .patch(
      '/namespaces/:namespace/items',
      async ({ namespace, body: { add = [], remove = [], release = [] } }) => {
        const lists = { add, remove, release }
        refuseOverlap(lists)
        return told(await store.changeItems(namespace, lists, clock().getTime()))
      },
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({}),
        body: strict({
          add: Type.Optional(Items),
          remove: Type.Optional(Items),
          release: Type.Optional(Items),
        }),
        response: { 200: Type.Object(changed), ...problemsOf(400, 401, 403, 413, 415, 422, 503) },
        detail: {
          tags: ['API keys'],
          operationId: 'changeItems',
          summary: 'Add, remove and release items',
          description:
            'All of it or nothing. Items are removed, then released, then added. add undoes remove; ' +
            'remove lets the requestor match anew; release puts a matched item back into the queue.',
        },
      },
    )
    .put(
      '/namespaces/:namespace/items',
      async ({ namespace, body: { items, removeMatched = false } }) =>
        told(await store.replaceItems(namespace, { items, removeMatched }, clock().getTime())),
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({}),
        body: strict({ items: Items, removeMatched: Type.Optional(Flag) }),
        response: {
          200: Type.Object({ ...changed, kept: Type.Integer() }),
          ...problemsOf(400, 401, 403, 413, 415, 422, 503),
        },
        detail: {
          tags: ['API keys'],
          operationId: 'replaceItems',
          summary: 'Make the stock this list',
          description:
            'All of it or nothing. Adds what is missing and removes available items that are not ' +
            'listed. Items already handed out are kept, unless removeMatched is true.',
        },
      },
    )

/** What a change did, in words. */
export function messageOf(change: Partial<Change>): string {
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

function refuseOverlap(lists: Lists): void {
  const seen = new Map<string, string>()
  for (const [name, list] of Object.entries(lists)) {
    for (const [n, item] of list.entries()) {
      if ((seen.get(item) ?? name) !== name) throw invalid(`${name}/${n}`, 'is in two of the lists')
      seen.set(item, name)
    }
  }
}

function told<Counts extends Change>(change: Counts) {
  return { success: true as const, message: messageOf(change), ...change }
}
