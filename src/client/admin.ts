import type {
  CreatedKey,
  Key,
  KeyPage,
  NamespaceCounts,
  NamespacePage,
  NamespaceState,
  SettingsChange,
  WholeHistoryEvent,
  WholeHistoryPage,
} from './answers.ts'
import { Connection, pathSegment } from './connection.ts'
import type { HistorySubject } from './history.ts'
import { type CallOptions, type ConnectionOptions, given } from './options.ts'
import { limitMax, type Paging, pages } from './pages.ts'

export type Scope = Key['scopes'][number]
export type AdminOptions = ConnectionOptions & { masterApiKey: string }
export type NewKey = {
  namespace: string
  /** A key of your own; without, zaas makes one. */
  apiKey?: string
  name?: string
  /** `match`, `read` and `write` unless said; `manage` lets a key change the settings of its namespace. */
  scopes?: Scope[]
  /** A time in UTC, as `Date.toISOString` writes it. */
  expiresAt?: string
}

export type KeyFilter = {
  namespace?: string | undefined
  /** A key that you hold, to find its bindings. */
  apiKey?: string | undefined
}

export type NamespaceFilter = {
  /** Only those whose names begin with it. */
  prefix?: string | undefined
  /**
   * By name unless said. `available` (the fewest first) and `runsOutAt` (the soonest first) list the first ones alone, up
   * to the limit.
   */
  order?: 'name' | 'available' | 'runsOutAt' | undefined
}

/** The calls of a master key. Reading is repeated when its answer is lost; the others are sent once. */
export function createAdmin({ masterApiKey, ...options }: AdminOptions) {
  const connection = new Connection(options, { 'x-master-api-key': masterApiKey })
  const pageOfKeys = (
    { limit = limitMax, ...filter }: KeyFilter & Paging = {},
    options?: CallOptions,
  ): Promise<KeyPage> => {
    const query = { ...given(filter), limit }
    return connection.repeatable(
      (api, signal) => api.GET('/admin/api-keys', { params: { query }, signal }),
      options,
    )
  }
  const pageOfNamespaces = (
    { limit = limitMax, ...filter }: NamespaceFilter & Paging = {},
    options?: CallOptions,
  ): Promise<NamespacePage> => {
    const query = { ...given(filter), limit }
    return connection.repeatable(
      (api, signal) => api.GET('/admin/namespaces', { params: { query }, signal }),
      options,
    )
  }
  const pageOfHistory = (
    { limit = limitMax, ...asked }: HistorySubject & Paging = {},
    options?: CallOptions,
  ): Promise<WholeHistoryPage> => {
    const query = { ...given(asked), limit }
    return connection.repeatable(
      (api, signal) => api.GET('/admin/history', { params: { query }, signal }),
      options,
    )
  }
  return {
    /** Binds a key to a namespace. The whole key is in this answer and never again. */
    createKey: (body: NewKey, options?: CallOptions): Promise<CreatedKey> =>
      connection.once((api, signal) => api.POST('/admin/api-keys', { body, signal }), options),

    /** The keys, masked. */
    listKeys: async (filter: KeyFilter = {}, options?: CallOptions): Promise<Key[]> => {
      const keys: Key[] = []
      const listed = pages((cursor) => pageOfKeys({ ...filter, cursor }, options))
      for await (const { apiKeys } of listed) keys.push(...apiKeys)
      return keys
    },

    /** One page of the keys; its `nextCursor`, unless null or missing, leads to the next one. */
    pageOfKeys,

    /** Lists the namespaces by name, with the counts of their items, a page at a time as they are taken. */
    namespaces: async function* ({
      prefix,
      order,
      ...options
    }: NamespaceFilter & CallOptions = {}): AsyncGenerator<NamespaceCounts> {
      const listed = pages((cursor) => pageOfNamespaces({ prefix, order, cursor }, options))
      for await (const { namespaces } of listed) yield* namespaces
    },

    /** One page of the namespaces; its `nextCursor`, unless null, leads to the next one. */
    pageOfNamespaces,

    /** Changes settings of a namespace, which need not exist; null brings back the default. */
    changeSettings: async (
      namespace: string,
      body: SettingsChange,
      options?: CallOptions,
    ): Promise<NamespaceState> => {
      const params = { path: { namespace: pathSegment(namespace) } }
      return connection.once(
        (api, signal) => api.PATCH('/admin/namespaces/{namespace}', { params, body, signal }),
        options,
      )
    },

    /** The history of all namespaces, with what was done to keys; the latest first, a page at a time as it is taken. */
    history: async function* (
      subject: HistorySubject = {},
      options?: CallOptions,
    ): AsyncGenerator<WholeHistoryEvent> {
      const listed = pages((cursor) => pageOfHistory({ ...subject, cursor }, options))
      for await (const { events } of listed) yield* events
    },

    /** One page of that history; its `nextCursor`, unless null, leads to the next one. */
    pageOfHistory,

    /** Replaces a requestor by random names in all namespaces, and returns how many items it has or had. */
    forget: async (requestor: string, options?: CallOptions): Promise<number> => {
      const { forgotten } = await connection.once(
        (api, signal) => api.POST('/admin/forget', { body: { requestor }, signal }),
        options,
      )
      return forgotten
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
