// /admin/api-keys creates, lists and deletes the bindings of API keys, for master keys.

import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import type { Logger } from 'pino'
import { type ApiKey, defaultScopes, digestOf, makeApiKey } from '../../domain/api-key.ts'
import { invalid, ZaasError } from '../../domain/errors.ts'
import type { KeyCache } from '../../domain/key-cache/key-cache.ts'
import type { Store } from '../../domain/store.ts'
import { limits } from '../../limits.ts'
import { newKeyBody } from '../bodies/bodies.ts'
import { cursorOf, positionOf } from '../cursor.ts'
import { type MasterGuardDeps, masterGuard } from '../middleware/auth.ts'
import type { ConcurrencyLimit } from '../middleware/concurrency-limit.ts'
import { type JsonBodyDeps, jsonBody } from '../middleware/json-body.ts'
import { problemsOf } from '../middleware/problems.ts'
import {
  ApiKeyText,
  Cursor,
  iso,
  isoOrNull,
  Limit,
  Namespace,
  orNull,
  Scopes,
  strict,
  Time,
} from '../schemas.ts'
import { listResponse } from '../stream-list.ts'
import { timeFault, timeOf } from '../times.ts'

type Deps = MasterGuardDeps &
  JsonBodyDeps & {
    clock: () => Date
    store: Store
    keyCache: Pick<KeyCache, 'clear'>
    newId: () => string
    log: Logger
    lists: ConcurrencyLimit
  }

const idPattern = /^key_[\w-]+$/

/** Whose share the lists of master keys are: no namespace has this name. */
const ofMasterKeys = ''

const mediaType = 'application/json;charset=utf-8'
/** What a whole list has around its pages. */
const frame = { head: '{"apiKeys":[', separator: ',', tail: ']}' }

const keyJson = {
  id: Type.String(),
  apiKey: Type.String(),
  namespace: Type.String(),
  name: orNull(Type.String()),
  scopes: Scopes,
  createdAt: Time,
  expiresAt: orNull(Time),
}

export const apiKeys = ({ clock, keyCache, newId, store, log, lists, ...deps }: Deps) =>
  new Elysia()
    .use(masterGuard(deps))
    .use(jsonBody(deps, { POST: 'newKey' }))
    .post(
      '/admin/api-keys',
      async ({
        actor,
        body: { namespace, apiKey = makeApiKey(), name = null, scopes = defaultScopes, expiresAt },
        set,
      }) => {
        if (deps.masterKeys.includes(apiKey)) throw invalid('apiKey', 'must not be a master key')
        const now = clock().getTime()
        const expiry = expiresAt === undefined ? null : parseExpiry(expiresAt, now)
        const key = await store.createApiKey(
          { id: `key_${newId()}`, apiKey, namespace, name, scopes, expiresAt: expiry },
          { now, actor, requestId: String(set.headers['x-request-id']) },
        )
        keyCache.clear()
        const { lastUsedAt: _, ...created } = toJson(key)
        return { success: true as const, message: 'API key created successfully', ...created }
      },
      {
        query: strict({}),
        ...newKeyBody,
        response: {
          200: Type.Object({ success: Type.Literal(true), message: Type.String(), ...keyJson }),
          ...problemsOf(400, 401, 409, 413, 415, 422, 503),
        },
        detail: {
          tags: ['Admin'],
          operationId: 'createKey',
          summary: 'Bind an API key to a namespace',
          description:
            'Without apiKey the server makes one. The full key is in this answer and never again. ' +
            'A key may be bound to several namespaces, with one call for each.',
        },
      },
    )
    .get(
      '/admin/api-keys',
      async ({ query: { namespace, apiKey, limit, cursor }, request, set }) => {
        const digest = apiKey === undefined ? undefined : digestOf(apiKey)
        const pageSize = Number(limit ?? limits.http.streamedPageRows)
        const readPage = async (after?: string) => {
          const keys = await store.listApiKeys({ namespace, digest, after, limit: pageSize + 1 })
          const page = keys.slice(0, pageSize)
          const rows = page.map((key) => JSON.stringify(toJson(key))).join(',')
          const last = keys.length > pageSize ? page.at(-1) : undefined
          return { rows, next: last?.id ?? null }
        }
        const after = cursor === undefined ? undefined : positionOf(cursor, idPattern)
        const firstPage = await readPage(after)
        if (limit !== undefined) {
          const nextCursor = JSON.stringify(firstPage.next && cursorOf(firstPage.next))
          const json = `{"apiKeys":[${firstPage.rows}],"nextCursor":${nextCursor}}`
          return new Response(json, { headers: { 'content-type': mediaType } })
        }
        const take = () => lists.take(ofMasterKeys)
        return listResponse({ request, set, log, take, mediaType }, frame, firstPage, readPage)
      },
      {
        query: strict({
          namespace: Type.Optional(Namespace),
          apiKey: Type.Optional(ApiKeyText),
          limit: Type.Optional(Limit),
          cursor: Type.Optional(Cursor),
        }),
        response: {
          200: Type.Object({
            apiKeys: Type.Array(Type.Object({ ...keyJson, lastUsedAt: orNull(Time) })),
            nextCursor: Type.Optional(orNull(Type.String())),
          }),
          ...problemsOf(401, 422, 503),
        },
        detail: {
          tags: ['Admin'],
          operationId: 'listKeys',
          summary: 'List API keys',
          description:
            'The oldest first, masked. apiKey finds the bindings of a key that you hold. With limit, ' +
            'nextCursor leads on; without, all of them are streamed.',
        },
      },
    )
    .delete(
      '/admin/api-keys/:apiKey',
      async ({ actor, params, query: { namespace }, set }) => {
        const deleted = await store.deleteApiKeys(
          // Elysia passes null for a path that cannot be decoded; no key is empty.
          { idOrKey: params.apiKey ?? '', namespace },
          { now: clock().getTime(), actor, requestId: String(set.headers['x-request-id']) },
        )
        keyCache.clear()
        if (deleted === 0) throw new ZaasError('not_found', 'There is no such API key.')
        return { success: true as const, message: 'API key deleted successfully', deleted }
      },
      {
        query: strict({ namespace: Type.Optional(Namespace) }),
        response: {
          200: Type.Object({
            success: Type.Literal(true),
            message: Type.String(),
            deleted: Type.Integer(),
          }),
          ...problemsOf(401, 404, 422, 503),
        },
        detail: {
          tags: ['Admin'],
          operationId: 'deleteKey',
          summary: 'Delete an API key',
          description:
            'Takes the key itself or an id; namespace limits it to one binding. The key stops ' +
            'working within a second on every instance.',
        },
      },
    )

function toJson(key: ApiKey) {
  return {
    ...key,
    createdAt: iso(key.createdAt),
    expiresAt: isoOrNull(key.expiresAt),
    lastUsedAt: isoOrNull(key.lastUsedAt),
  }
}

function parseExpiry(text: string, now: number): number | null {
  const fault = timeFault(text, now)
  if (fault !== undefined) throw invalid('expiresAt', fault)
  return timeOf(text) ?? null
}
