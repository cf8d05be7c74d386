import type { BatchPage, BatchRemoved, BatchState, ItemBatch } from './answers.ts'
import { type Connection, pathSegment } from './connection.ts'
import { type CallOptions, given } from './options.ts'
import { limitMax, type Paging, pages } from './pages.ts'

/**
 * The calls about what came in together.
 *
 * @internal Its type would bring that of openapi-fetch along.
 */
export const batchCalls = (connection: Connection, path: { namespace: string }) => {
  const pageOfBatches = (
    { limit = limitMax, ...paging }: Paging = {},
    options?: CallOptions,
  ): Promise<BatchPage> => {
    const query = { ...given(paging), limit }
    return connection.repeatable(
      (api, signal) =>
        api.GET('/namespaces/{namespace}/batches', { params: { path, query }, signal }),
      options,
    )
  }
  const pathOf = (batch: string) => ({ ...path, batch: pathSegment(batch) })
  return {
    /** Lists the batches, the latest first, a page at a time as they are taken. */
    batches: async function* (options?: CallOptions): AsyncGenerator<ItemBatch> {
      const listed = pages((cursor) => pageOfBatches({ cursor }, options))
      for await (const { batches } of listed) yield* batches
    },

    /** One page of the batches; its `nextCursor`, unless null, leads to the next one. */
    pageOfBatches,

    /** What became of a batch. */
    batch: async (batch: string, options?: CallOptions): Promise<BatchState> => {
      const params = { path: pathOf(batch) }
      return connection.repeatable(
        (api, signal) => api.GET('/namespaces/{namespace}/batches/{batch}', { params, signal }),
        options,
      )
    },

    /** Takes a batch back: removes what nobody has of it. Sent once; takes the time that it takes. */
    removeBatch: async (batch: string, options?: CallOptions): Promise<BatchRemoved> => {
      const params = { path: pathOf(batch) }
      return connection.untimed(
        (api, signal) => api.DELETE('/namespaces/{namespace}/batches/{batch}', { params, signal }),
        options,
      )
    },
  }
}
