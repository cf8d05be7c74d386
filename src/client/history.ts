import type { HistoryEvent, HistoryPage } from './answers.ts'
import type { Connection } from './connection.ts'
import { type CallOptions, given } from './options.ts'
import { limitMax, type Paging, pages } from './pages.ts'

/** Of one item or one requestor; with neither, of the changes. */
export type HistorySubject = { item?: string | undefined } | { requestor?: string | undefined }

type Path = { namespace: string }

/**
 * The calls about who did what, and about forgetting who it was.
 *
 * @internal Its type would bring that of openapi-fetch along.
 */
export const historyCalls = (connection: Connection, path: Path) => {
  const pageOfHistory = (
    { limit = limitMax, ...asked }: HistorySubject & Paging = {},
    options?: CallOptions,
  ): Promise<HistoryPage> => {
    const query = { ...given(asked), limit }
    return connection.repeatable(
      (api, signal) =>
        api.GET('/namespaces/{namespace}/history', { params: { path, query }, signal }),
      options,
    )
  }
  return {
    /** What happened to an item or a requestor, or what changes did; the latest first, a page at a time as it is taken. */
    history: async function* (
      subject: HistorySubject = {},
      options?: CallOptions,
    ): AsyncGenerator<HistoryEvent> {
      const listed = pages((cursor) => pageOfHistory({ ...subject, cursor }, options))
      for await (const { events } of listed) yield* events
    },

    /** One page of the history; its `nextCursor`, unless null, leads to the next one. */
    pageOfHistory,

    /** Replaces a requestor by a random name in all that is stored, and returns how many items it has or had. Sent once. */
    forget: async (requestor: string, options?: CallOptions): Promise<number> => {
      const { forgotten } = await connection.once(
        (api, signal) =>
          api.POST('/namespaces/{namespace}/forget', {
            params: { path },
            body: { requestor },
            signal,
          }),
        options,
      )
      return forgotten
    },
  }
}
