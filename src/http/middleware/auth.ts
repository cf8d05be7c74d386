import { createHash, timingSafeEqual } from 'node:crypto'
import { Elysia } from 'elysia'
import type { Actor } from '../../domain/actor.ts'
import type { ApiKey, ApiKeyId, Scope } from '../../domain/api-key.ts'
import { ZaasError } from '../../domain/errors.ts'
import type { KeyCache } from '../../domain/key-cache.ts'
import { traceKey } from './access-log.ts'
import { unread } from './json-body.ts'

export type KeyGuardDeps = {
  keyCache: Pick<KeyCache, 'find'>
  /** Told of each use of a key. */
  noteUse: (id: ApiKeyId) => void
}
export type MasterGuardDeps = { masterApiKeys: readonly string[] }

/**
 * Opens the routes that follow to keys with this scope for the namespace in the path, and says who the actor
 * is. Elysia would parse a body before it authorises; here it stays unread, for what comes behind the guard
 * to read, so that a caller without a key learns nothing about bodies.
 */
export const keyGuard = ({ keyCache, noteUse }: KeyGuardDeps, scope: Scope) =>
  new Elysia()
    .onParse({ as: 'scoped' }, () => unread)
    .derive({ as: 'scoped' }, async ({ request, params }: AuthContext) => {
      const presented = request.headers.get('x-api-key')
      const namespace = params['namespace'] ?? ''
      const opens = (key: ApiKey) => key.namespace === namespace && key.scopes.includes(scope)
      const bindings = presented ? await keyCache.find(presented, opens) : []
      const { id } = bindings.find(opens) ?? refuse(bindings, namespace, scope)
      noteUse(id)
      traceKey(request, id)
      const actor: Actor = id
      return { namespace, actor }
    })

/** Opens the routes that follow to the master keys, which `presented` finds in the headers. */
export const masterGuard = (
  { masterApiKeys }: MasterGuardDeps,
  presented: (headers: Headers) => string | null = inHeader,
) => {
  const digests = masterApiKeys.map(sha256)
  return new Elysia()
    .onParse({ as: 'scoped' }, () => unread)
    .derive({ as: 'scoped' }, ({ request }: AuthContext) => {
      const digest = sha256(presented(request.headers) ?? '')
      const [known] = digests.filter((each) => timingSafeEqual(each, digest))
      if (!known) throw new ZaasError('unauthenticated', 'A master API key is needed.')
      const actor: Actor = `master_${known.toString('hex', 0, fingerprintBytes)}`
      return { actor }
    })
}

const fingerprintBytes = 4

const inHeader = (headers: Headers) => headers.get('x-master-api-key')

/** Also as a bearer token, which is what Prometheus can send. */
export const inHeaderOrBearer = (headers: Headers) =>
  inHeader(headers) ?? /^Bearer +(\S.*)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? null

type AuthContext = { request: Request; params: Record<string, string | undefined> }

function refuse(bindings: readonly ApiKey[], namespace: string, scope: Scope): never {
  if (bindings.length === 0) throw new ZaasError('unauthenticated', 'A valid API key is needed.')
  if (!bindings.some((key) => key.namespace === namespace)) {
    throw new ZaasError('forbidden', 'This API key does not open this namespace.')
  }
  throw new ZaasError('insufficient_scope', `This API key lacks the scope ${scope}.`)
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()
