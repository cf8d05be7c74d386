import { Elysia } from 'elysia'
import { type Actor, fingerprintOf } from '../../domain/actor.ts'
import type { ApiKey, ApiKeyId, Scope } from '../../domain/api-key.ts'
import { ZaasError } from '../../domain/errors.ts'
import type { KeyCache } from '../../domain/key-cache/key-cache.ts'
import type { MasterKeys } from '../../domain/master-keys.ts'
import { logSubject } from './access-log.ts'
import { unread } from './json-body.ts'

export type KeyGuardDeps = {
  keyCache: Pick<KeyCache, 'find'>
  /** Called for each use of a key. */
  noteUse: (id: ApiKeyId) => void
}
export type MasterGuardDeps = { masterKeys: Pick<MasterKeys, 'find' | 'includes'> }

/**
 * A key sent as a bearer token (RFC 6750). It counts only if the key's own header is missing: beside one,
 * `authorization` may be for a proxy in front.
 */
export const bearerToken = (headers: Headers) =>
  /^Bearer +(\S.*)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? null

/** The `www-authenticate` of a 401. It reports an invalid token only if one was sent (RFC 6750, section 3.1). */
export const challengeTo = (headers: Headers) =>
  `Bearer realm="zaas"${bearerToken(headers) === null ? '' : ', error="invalid_token"'}`

/**
 * Authorises the routes that follow: their key must have this scope for the namespace in the path. Adds
 * `namespace` and `actor` to their context. Elysia would parse a body first; the guard leaves it unread, so that
 * a caller without a key learns nothing about bodies.
 */
export const keyGuard = ({ keyCache, noteUse }: KeyGuardDeps, scope: Scope) =>
  new Elysia()
    .onParse({ as: 'scoped' }, () => unread)
    .derive({ as: 'scoped' }, async ({ request, params }: AuthContext) => {
      const namespace = params['namespace'] ?? ''
      const { id } = await authorise(keyCache, request, namespace, scope)
      noteUse(id)
      logSubject(request, { namespace, keyId: id })
      const actor: Actor = id
      return { namespace, actor }
    })

/** Authorises the routes that follow: they need a master key. */
export const masterGuard = ({ masterKeys }: MasterGuardDeps) =>
  new Elysia()
    .onParse({ as: 'scoped' }, () => unread)
    .derive({ as: 'scoped' }, ({ request }: AuthContext) => {
      const presented = request.headers.get('x-master-api-key') ?? bearerToken(request.headers)
      const actor = masterKeys.find(presented ?? '')
      if (!actor) throw new ZaasError('unauthenticated', 'A master API key is needed.')
      logSubject(request, { masterKey: fingerprintOf(actor) ?? '' })
      return { actor }
    })

type AuthContext = { request: Request; params: Record<string, string | undefined> }

/**
 * The binding of the key of a request that has this scope for the namespace. Throws if there is none. Most are at
 * hand without a promise, which this route and every other would otherwise wait for on each request.
 */
export function authorise(
  keyCache: KeyGuardDeps['keyCache'],
  { headers }: Request,
  namespace: string,
  scope: Scope,
): ApiKey | Promise<ApiKey> {
  const presented = headers.get('x-api-key') ?? bearerToken(headers)
  const grants = (key: ApiKey) => key.namespace === namespace && key.scopes.includes(scope)
  const choose = (bindings: readonly ApiKey[]) =>
    bindings.find(grants) ?? deny(bindings, namespace, scope)
  const found = presented ? keyCache.find(presented, grants) : []
  return found instanceof Promise ? found.then(choose) : choose(found)
}

function deny(bindings: readonly ApiKey[], namespace: string, scope: Scope): never {
  if (bindings.length === 0) throw new ZaasError('unauthenticated', 'A valid API key is needed.')
  if (!bindings.some((key) => key.namespace === namespace)) {
    throw new ZaasError('forbidden', 'This API key does not open this namespace.')
  }
  throw new ZaasError('insufficient_scope', `This API key lacks the scope ${scope}.`)
}
