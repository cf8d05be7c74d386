import type { Answer } from './client.ts'
import { Connection, pathSegment } from './connection.ts'
import type { CallOptions, ConnectionOptions } from './options.ts'
import { pages } from './pages.ts'

export type CreatedKey = Answer<'createKey'>
export type Key = Answer<'listKeys'>['apiKeys'][number]
export type NamespaceCounts = Answer<'listNamespaces'>['namespaces'][number]
export type Scope = 'match' | 'read' | 'write'
export type AdminOptions = ConnectionOptions & { masterApiKey: string }
export type NewKey = {
  namespace: string
  /** A key of your own; without, zaas makes one. */
  apiKey?: string
  name?: string
  /** All three unless said. */
  scopes?: Scope[]
  /** A time in UTC, as `Date.toISOString` writes it. */
  expiresAt?: string
}

/** The calls of a master key. Listing is repeated when its answer is lost; the others are sent once. */
export function createAdmin({ masterApiKey, ...options }: AdminOptions) {
  const connection = new Connection(options, { 'x-master-api-key': masterApiKey })
  return {
    /** Binds a key to a namespace. The whole key is in this answer and never again. */
    createKey: (body: NewKey, options?: CallOptions): Promise<CreatedKey> =>
      connection.once((api, signal) => api.POST('/admin/api-keys', { body, signal }), options),

    /** The keys, masked; `apiKey` finds the bindings of a key that you hold. */
    listKeys: async (
      query: { namespace?: string; apiKey?: string } = {},
      options?: CallOptions,
    ): Promise<Key[]> => {
      const listed = pages((page) =>
        connection.repeatable(
          (api, signal) =>
            api.GET('/admin/api-keys', { params: { query: { ...query, ...page } }, signal }),
          options,
        ),
      )
      const keys: Key[] = []
      for await (const { apiKeys } of listed) keys.push(...apiKeys)
      return keys
    },

    /** Lists the namespaces by name, with the counts of their items, a page at a time as they are taken. */
    namespaces: async function* (options?: CallOptions): AsyncGenerator<NamespaceCounts> {
      const listed = pages((query) =>
        connection.repeatable(
          (api, signal) => api.GET('/admin/namespaces', { params: { query }, signal }),
          options,
        ),
      )
      for await (const { namespaces } of listed) yield* namespaces
    },

    /** Deletes a key, given itself or by id, and returns how many bindings it had; `namespace` limits it. */
    deleteKey: async (
      apiKey: string,
      { namespace, ...options }: CallOptions & { namespace?: string } = {},
    ): Promise<number> => {
      const params = {
        path: { apiKey: pathSegment(apiKey) },
        query: { ...(namespace !== undefined && { namespace }) },
      }
      const { deleted } = await connection.once(
        (api, signal) => api.DELETE('/admin/api-keys/{apiKey}', { params, signal }),
        options,
      )
      return deleted
    },
  }
}

export type Admin = ReturnType<typeof createAdmin>
