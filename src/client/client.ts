import type { operations } from './api.ts'
import { Connection, pathSegment } from './connection.ts'
import type { CallOptions, ConnectionOptions } from './options.ts'
import { pages } from './pages.ts'

/** What a call answers with 200. */
export type Answer<Id extends keyof operations> = operations[Id]['responses'] extends {
  200: { content: { 'application/json': infer Body } }
}
  ? Body
  : never

export type MatchOutcome = Answer<'match'>
export type Item = Answer<'listItems'>['items'][number]
export type Stats = Answer<'countItems'>
export type Changed = Answer<'changeItems'>
export type Replaced = Answer<'replaceItems'>
export type Imported = Answer<'importItems'>

export type ClientOptions = ConnectionOptions & { apiKey: string; namespace: string }
export type Filter = {
  item?: string | undefined
  requestor?: string | undefined
  status?: 'available' | 'matched' | undefined
  /** By when they were added: `asc` unless said. */
  order?: 'asc' | 'desc' | undefined
}
export type Change = {
  add?: string[] | undefined
  remove?: string[] | undefined
  release?: string[] | undefined
}
/** A browser sends no streams over HTTP/1.1: give it a Blob. */
export type Upload = string | Blob | ReadableStream<Uint8Array>
export type ImportType = 'text/plain' | 'text/csv' | 'application/x-ndjson'

/**
 * The calls of an API key on its namespace. `match` and those that only read are repeated when their
 * answer is lost; the others are sent once, because someone else may have changed the stock meanwhile.
 * Each throws ZaasClientError for whatever zaas refuses, and when nothing comes back. In a browser they
 * work in pages of the same origin, since zaas lets no others in; a key in a page is public. Throws
 * TypeError for an origin, key or namespace that cannot be one.
 */
export function createClient({ apiKey, namespace, ...options }: ClientOptions) {
  const connection = new Connection(options, { 'x-api-key': apiKey })
  const path = { namespace: pathSegment(namespace) }
  return {
    /** Gives a requestor its item. When nothing is left, that is an outcome too: `success` is false. */
    match: (requestor: string, options?: CallOptions): Promise<MatchOutcome> =>
      connection.repeatable(
        (api, signal) =>
          api.POST('/namespaces/{namespace}/match', {
            params: { path },
            body: { requestor },
            signal,
          }),
        options,
      ),

    /** Lists the items, a page at a time as they are taken. */
    items: async function* (filter: Filter = {}, options?: CallOptions): AsyncGenerator<Item> {
      const listed = pages((page) => {
        const query = { ...given(filter), ...page }
        return connection.repeatable(
          (api, signal) =>
            api.GET('/namespaces/{namespace}/items', { params: { path, query }, signal }),
          options,
        )
      })
      for await (const { items } of listed) yield* items
    },

    /** Counts the items. */
    stats: (options?: CallOptions): Promise<Stats> =>
      connection.repeatable(
        (api, signal) => api.GET('/namespaces/{namespace}/stats', { params: { path }, signal }),
        options,
      ),

    /** Removes, releases and adds items: all of it or nothing. Sent once. */
    change: (lists: Change, options?: CallOptions): Promise<Changed> =>
      connection.once(
        (api, signal) =>
          api.PATCH('/namespaces/{namespace}/items', {
            params: { path },
            body: given(lists),
            signal,
          }),
        options,
      ),

    /** Makes the stock this list; `removeMatched` removes items that were handed out, too. Sent once. */
    replace: (
      items: string[],
      { removeMatched = false, ...options }: CallOptions & { removeMatched?: boolean } = {},
    ): Promise<Replaced> =>
      connection.once(
        (api, signal) =>
          api.PUT('/namespaces/{namespace}/items', {
            params: { path },
            body: { items, removeMatched },
            signal,
          }),
        options,
      ),

    /**
     * Imports a file of any length, an item a line unless `type` says otherwise. Sent once; one that
     * breaks off has added a prefix, and importing it again adds the rest.
     */
    import: (
      upload: Upload,
      { type = 'text/plain', ...options }: CallOptions & { type?: ImportType } = {},
    ): Promise<Imported> =>
      connection.upload(
        (api, signal) =>
          api.POST('/namespaces/{namespace}/items', {
            params: { path },
            headers: { 'content-type': type },
            body: upload as string,
            bodySerializer: (body) => body,
            duplex: 'half',
            signal,
          }),
        options,
      ),
  }
}

export type Client = ReturnType<typeof createClient>

/** The properties that are not undefined. */
function given<Properties extends object>(properties: Properties): Given<Properties> {
  const entries = Object.entries(properties).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Given<Properties>
}

type Given<Properties> = { [Name in keyof Properties]: Exclude<Properties[Name], undefined> }
