// The header by which a change can be sent again safely.

import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { IdempotencyKey } from '../../domain/idempotency.ts'
import type { ItemsChangedBefore } from '../../domain/item.ts'
import type { Store } from '../../domain/store.ts'
import { limits } from '../../limits.ts'
import { aString, described } from '../schemas.ts'

const { idempotencyKeyMax } = limits.http
const header = 'idempotency-key'
const pattern = `^[\\x20-\\x7e]{1,${idempotencyKeyMax}}$`

/** The schema of the headers of a route that takes a key. */
export const IdempotencyHeaders = Type.Object({
  [header]: Type.Optional(
    Type.String({
      pattern,
      ...described(`1 to ${idempotencyKeyMax} printable ASCII characters`, aString),
    }),
  ),
})

type Deps = { store: Pick<Store, 'findChange'>; clock: () => Date }
type KeyedContext = { request: Request; body: unknown; namespace?: string }

/**
 * Looks the keys of the routes that follow up, behind `jsonBody`. Adds `idempotency` to their context, and `before`:
 * what the same request did before. Its body is then `{}`, or an empty list: what was in the future may have passed since.
 */
export const idempotency = ({ store, clock }: Deps) =>
  new Elysia().derive({ as: 'scoped' }, async (context: KeyedContext) => {
    const key = context.request.headers.get(header)
    const digest = digests.get(context.request)?.digest('hex')
    if (key === null || !valid.test(key) || digest === undefined) return none
    const idempotency: IdempotencyKey = { key, digest }
    const now = clock().getTime()
    const namespace = context.namespace ?? ''
    const before = await store.findChange({ namespace, ...idempotency, now })
    if (before !== undefined) context.body = context.request.method === 'PUT' ? { items: [] } : {}
    return { idempotency, before }
  })

const valid = new RegExp(pattern)
const none: { idempotency?: IdempotencyKey; before?: ItemsChangedBefore } = {}

const digests = new WeakMap<Request, Bun.CryptoHasher>()

/** What the bytes of a body are to be given to as they arrive; undefined for a request without a key. */
export function digestOf(request: Request): Bun.CryptoHasher | undefined {
  if (!request.headers.has(header)) return undefined
  const hasher = new Bun.CryptoHasher('sha256').update(`${request.method}\n`)
  digests.set(request, hasher)
  return hasher
}
