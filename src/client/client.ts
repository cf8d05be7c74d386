import type {
  Change,
  Changed,
  ExportType,
  Imported,
  Item,
  ItemPage,
  NamespaceState,
  NewItem,
  Replaced,
  SettingsChange,
  Stats,
  StatsHistory,
} from './answers.ts'
import { batchCalls } from './batches.ts'
import { Connection, pathSegment } from './connection.ts'
import { historyCalls } from './history.ts'
import { matchCalls } from './matches.ts'
import {
  type CallOptions,
  type ChangeOptions,
  type ConnectionOptions,
  given,
  type ImportOptions,
} from './options.ts'
import { limitMax, type Paging, pages } from './pages.ts'

export type ClientOptions = ConnectionOptions & { apiKey: string; namespace: string }
export type Filter = {
  item?: string | undefined
  requestor?: string | undefined
  /** Without it, removed items are left out. */
  status?: Item['status'] | undefined
  batch?: string | undefined
  /** Of items; they then come in their order. */
  prefix?: string | undefined
  /** By when they were added: `asc` unless said. */
  order?: 'asc' | 'desc' | undefined
}
/** Times in UTC, as `Date.toISOString` writes them. At most 1,000 steps, 24 hours or 30 days unless said. */
export type HistoryRange = {
  from?: string | undefined
  /** Now unless said. */
  to?: string | undefined
  /** `hour` unless said. */
  step?: 'hour' | 'day' | undefined
}
/** A browser sends no streams over HTTP/1.1: give it a Blob. */
export type Upload = string | Blob | ReadableStream<Uint8Array>
/**
 * The calls of an API key on its namespace. `match`, `matchBatch`, `confirm` and those that only read are
 * repeated when their answer is lost, and so are changes with an `idempotencyKey`; the others are sent once, because
 * someone else may have changed the stock meanwhile.
 * Each throws ZaasClientError for whatever zaas refuses, and when nothing comes back. In a browser they
 * work in pages of the same origin, and of those in CORS_ORIGINS; a key in a page is public. Throws
 * TypeError for an origin, key or namespace that cannot be one.
 */
export function createClient({ apiKey, namespace, ...options }: ClientOptions) {
  const connection = new Connection(options, { 'x-api-key': apiKey })
  const path = { namespace: pathSegment(namespace) }
  const pageOfItems = (
    { limit = limitMax, ...filter }: Filter & Paging = {},
    options?: CallOptions,
  ): Promise<ItemPage> => {
    const query = { ...given(filter), limit }
    return connection.repeatable(
      (api, signal) =>
        api.GET('/namespaces/{namespace}/items', { params: { path, query }, signal }),
      options,
    )
  }
  return {
    ...matchCalls(connection, path),
    ...batchCalls(connection, path),
    ...historyCalls(connection, path),

    /** Lists the items, a page at a time as they are taken. */
    items: async function* (filter: Filter = {}, options?: CallOptions): AsyncGenerator<Item> {
      const listed = pages((cursor) => pageOfItems({ ...filter, cursor }, options))
      for await (const { items } of listed) yield* items
    },

    /** One page of the items; its `nextCursor`, unless null, leads to the next one. */
    pageOfItems,

    /** The whole list as a file: CSV, with a quote before formulas, unless `type` says otherwise. */
    export: (
      filter: Filter = {},
      { type = 'text/csv', ...options }: CallOptions & { type?: ExportType } = {},
    ): Promise<Blob> =>
      connection.download(
        (api, signal) =>
          api.GET('/namespaces/{namespace}/items', {
            params: { path, query: given(filter) },
            headers: { accept: type },
            parseAs: 'blob',
            signal,
          }),
        options,
      ),

    /** Counts the items. */
    stats: (options?: CallOptions): Promise<Stats> =>
      connection.repeatable(
        (api, signal) => api.GET('/namespaces/{namespace}/stats', { params: { path }, signal }),
        options,
      ),

    /** What each hour or day has brought, and what was available after it. */
    statsHistory: (range: HistoryRange = {}, options?: CallOptions): Promise<StatsHistory> =>
      connection.repeatable(
        (api, signal) =>
          api.GET('/namespaces/{namespace}/stats/history', {
            params: { path, query: given(range) },
            signal,
          }),
        options,
      ),

    /** The settings and the counts of the namespace. */
    namespace: (options?: CallOptions): Promise<NamespaceState> =>
      connection.repeatable(
        (api, signal) => api.GET('/namespaces/{namespace}', { params: { path }, signal }),
        options,
      ),

    /** Changes settings; null brings back the default. Sent once. */
    changeSettings: (body: SettingsChange, options?: CallOptions): Promise<NamespaceState> =>
      connection.once(
        (api, signal) => api.PATCH('/namespaces/{namespace}', { params: { path }, body, signal }),
        options,
      ),

    /** Removes, releases, adds and sets items: all of it or nothing. Sent once, unless it has an `idempotencyKey`. */
    change: (lists: Change, options: ChangeOptions = {}): Promise<Changed> =>
      connection.keyed(
        (api, signal) =>
          api.PATCH('/namespaces/{namespace}/items', {
            params: { path, header: keyHeader(options) },
            body: given(lists),
            signal,
          }),
        options,
      ),

    /**
     * Makes the stock this list; `removeMatched` removes items that were handed out, too, and `dryRun` changes
     * nothing. Sent once, unless it has an `idempotencyKey`.
     */
    replace: (
      items: NewItem[],
      {
        removeMatched = false,
        dryRun = false,
        ...options
      }: ChangeOptions & { removeMatched?: boolean; dryRun?: boolean } = {},
    ): Promise<Replaced> =>
      connection.keyed(
        (api, signal) =>
          api.PUT('/namespaces/{namespace}/items', {
            params: { path, header: keyHeader(options) },
            body: { items, removeMatched, dryRun },
            signal,
          }),
        options,
      ),

    /**
     * Imports a file of any length, an item a line unless `type` says otherwise. Sent once; one that
     * breaks off has added a prefix, and importing it again adds the rest. `read` of the answer says how
     * the file was understood.
     */
    import: (
      upload: Upload,
      {
        type = 'text/plain',
        charset,
        signal,
        column,
        data,
        ...query
      }: CallOptions & ImportOptions = {},
    ): Promise<Imported> =>
      connection.untimed(
        (api, signal) =>
          api.POST('/namespaces/{namespace}/items', {
            params: {
              path,
              query: given({ ...query, column: column?.toString(), data: data?.join() }),
            },
            headers: {
              'content-type': charset === undefined ? type : `${type};charset=${charset}`,
            },
            body: upload as string,
            bodySerializer: (body) => body,
            duplex: 'half',
            signal,
          }),
        { signal },
      ),
  }
}

const keyHeader = ({ idempotencyKey }: ChangeOptions) =>
  given({ 'idempotency-key': idempotencyKey })

export type Client = ReturnType<typeof createClient>
