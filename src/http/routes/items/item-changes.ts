import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { type ItemsChanged, isListText } from '../../../domain/item.ts'
import { newItem } from '../../../domain/rules.ts'
import type { Store } from '../../../domain/store.ts'
import { limits } from '../../../limits.ts'
import { itemChangesBody, itemReplacementBody } from '../../bodies/bodies.ts'
import { readChanges, readItems } from '../../bodies/item-lists.ts'
import { refuseUncleanItems } from '../../bodies/new-items.ts'
import { type KeyGuardDeps, keyGuard } from '../../middleware/auth.ts'
import { IdempotencyHeaders, idempotency } from '../../middleware/idempotency.ts'
import { type JsonBodyDeps, jsonBody } from '../../middleware/json-body.ts'
import { problemsOf } from '../../middleware/problems.ts'
import { Namespace, strict } from '../../schemas.ts'

const changed = {
  success: Type.Literal(true),
  message: Type.String(),
  added: Type.Integer(),
  restored: Type.Integer(),
  removed: Type.Integer(),
  released: Type.Integer(),
  updated: Type.Integer(),
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
    .use(idempotency({ store, clock }))
    .patch(
      '/namespaces/:namespace/items',
      async ({ namespace, actor, body: { batch, note, ...sent }, set, before, idempotency }) => {
        if (before !== undefined) return toResponse(before)
        const requestId = String(set.headers['x-request-id'])
        const context = { now: clock().getTime(), actor, requestId }
        const lists = readChanges(sent, context.now)
        await refuseUncleanItems(store, namespace, 'add', lists.add)
        const changes = { namespace, ...lists, batch, note, idempotency }
        return toResponse(await store.changeItems(changes, context))
      },
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({}),
        headers: IdempotencyHeaders,
        ...itemChangesBody,
        response: {
          200: Type.Object(changed),
          ...problemsOf(400, 401, 403, 409, 413, 415, 422, 503),
        },
        detail: {
          tags: ['Items'],
          operationId: 'changeItems',
          summary: 'Add, remove, release and set items',
          description:
            'All of it or nothing. Items are removed, then released, then added, then set. add undoes ' +
            'remove; remove lets the requestor match anew; release puts a matched or held item back ' +
            'into the queue, with a requestor only while that one has it; set changes the data or ' +
            'expiry of a live item, and {} and never take them off. An item that is there or comes ' +
            'back keeps what it has, whatever add sends with it. batch labels what is added; ' +
            'note is for the history. ' +
            newItemsAre +
            keyed,
        },
      },
    )
    .put(
      '/namespaces/:namespace/items',
      async ({
        namespace,
        actor,
        body: { removeMatched = false, dryRun = false, ...sent },
        set,
        before,
        idempotency,
      }) => {
        if (before !== undefined) return toResponse(before)
        const requestId = String(set.headers['x-request-id'])
        const context = { now: clock().getTime(), actor, requestId }
        const { items } = readItems(sent, context.now)
        await refuseUncleanItems(store, namespace, 'items', items)
        const replacement = { namespace, items, removeMatched, dryRun, idempotency }
        return toResponse(await store.replaceItems(replacement, context), dryRun)
      },
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({}),
        headers: IdempotencyHeaders,
        ...itemReplacementBody,
        response: {
          200: Type.Object({ ...changed, kept: Type.Integer() }),
          ...problemsOf(400, 401, 403, 409, 413, 415, 422, 503),
        },
        detail: {
          tags: ['Items'],
          operationId: 'replaceItems',
          summary: 'Make the stock this list',
          description:
            'All of it or nothing. Adds what is missing and removes available items that are not ' +
            'listed. Items already handed out or held are kept, unless removeMatched is true. ' +
            'dryRun answers what would change, and changes nothing. ' +
            newItemsAre +
            keyed,
        },
      },
    )

const newItemsAre =
  `A new item is ${newItem.description}. As an object it may have data, a JSON object of at most ` +
  `${limits.values.dataBytesMax} bytes which comes back as it was sent, and expiresAt, a time in the future.`
const keyed =
  ' With the header idempotency-key the answer is kept for 24 hours: the same body gets it again, without being ' +
  'applied again, and another body is a 409.'

type Counts = Partial<ItemsChanged & { matched: number }>

/** What a change did, in words. */
export function messageOf(change: Counts): string {
  const { added = 0, restored = 0, removed = 0, released = 0, updated = 0, matched = 0 } = change
  const parts = Object.entries({
    Added: added,
    Restored: restored,
    Matched: matched,
    Removed: removed,
    Released: released,
    Updated: updated,
  })
    .filter(([, count]) => count > 0)
    .map(([verb, count]) => `${verb} ${count} items`)
  return parts.join(', ') || 'No changes made'
}

/** What a dry run would have done, in words. */
export const dryRunMessage = (change: Counts) =>
  `Dry run, nothing was changed: ${messageOf(change)}`

/** Not an object, because a text of conflicts must not be parsed and written again. */
function toResponse({ conflicts, ...counts }: ItemsChanged, dryRun = false): Response {
  const message = dryRun ? dryRunMessage(counts) : messageOf(counts)
  const changed = JSON.stringify({ success: true, message, ...counts })
  const list = isListText(conflicts) ? conflicts.json : JSON.stringify(conflicts)
  return new Response(`${changed.slice(0, -1)},"conflicts":${list}}`, {
    headers: { 'content-type': 'application/json;charset=utf-8' },
  })
}
