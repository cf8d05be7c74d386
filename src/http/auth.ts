import { createHash, timingSafeEqual } from 'node:crypto'
import { Elysia } from 'elysia'
import type { KeyRing } from '../db/key-ring.ts'
import type { ApiKey, Scope } from '../db/keys.ts'
import { ZaasError } from '../errors.ts'
import { hasBody, type InputContext, readJson, readQuery, unread } from './input.ts'
import { traceKey } from './requests.ts'

export type KeyGuardDeps = { keyRing: KeyRing; bodyLimitBytes: number }
export type MasterGuardDeps = { masterApiKeys: readonly string[]; bodyLimitBytes: number }

/**
 * Opens the routes that follow to keys with this scope for the namespace in the path. Elysia would parse
 * a body before it authorises; here it is read afterwards, so that a caller without a key learns
 * nothing about bodies.
 */
export const keyGuard = ({ keyRing, bodyLimitBytes }: KeyGuardDeps, scope: Scope) =>
  new Elysia()
    .onParse({ as: 'scoped' }, () => unread)
    .derive({ as: 'scoped' }, async ({ request, params }: AuthContext) => {
      const presented = request.headers.get('x-api-key')
      const namespace = params['namespace'] ?? ''
      const opens = (key: ApiKey) => key.namespace === namespace && key.scopes.includes(scope)
      const bindings = presented ? await keyRing.find(presented, opens) : []
      const key = bindings.find(opens) ?? refuse(bindings, namespace, scope)
      keyRing.noteUse(key)
      traceKey(request, key.id)
      return { namespace }
    })
    .onTransform({ as: 'scoped' }, async (context: InputContext) => {
      context.query = readQuery(context.request.url)
      if (hasBody(context.request)) context.body = await readJson(context.request, bodyLimitBytes)
    })

/** Opens the routes that follow to the master keys. */
export const masterGuard = ({ masterApiKeys, bodyLimitBytes }: MasterGuardDeps) => {
  const digests = masterApiKeys.map(sha256)
  return new Elysia()
    .onParse({ as: 'scoped' }, () => unread)
    .derive({ as: 'scoped' }, ({ request }: AuthContext) => {
      const presented = sha256(request.headers.get('x-master-api-key') ?? '')
      const known = digests.filter((digest) => timingSafeEqual(digest, presented))
      if (known.length === 0) throw new ZaasError('unauthenticated', 'A master API key is needed.')
      return {}
    })
    .onTransform({ as: 'scoped' }, async (context: InputContext) => {
      context.query = readQuery(context.request.url)
      if (hasBody(context.request)) context.body = await readJson(context.request, bodyLimitBytes)
    })
}

type AuthContext = { request: Request; params: Record<string, string | undefined> }

function refuse(bindings: readonly ApiKey[], namespace: string, scope: Scope): never {
  if (bindings.length === 0) throw new ZaasError('unauthenticated', 'A valid API key is needed.')
  if (!bindings.some((key) => key.namespace === namespace)) {
    throw new ZaasError('forbidden', 'This API key does not open this namespace.')
  }
  throw new ZaasError('insufficient_scope', `This API key lacks the scope ${scope}.`)
}

const sha256 = (text: string) => createHash('sha256').update(text).digest()
