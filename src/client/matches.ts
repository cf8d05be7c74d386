import type { BatchOutcome, ConfirmOutcome, MatchOutcome } from './answers.ts'
import type { Connection } from './connection.ts'
import { type CallOptions, given } from './options.ts'

export type MatchOptions = {
  /** Which of its several items the requestor asks for. */
  slot?: string | undefined
  /** The item that the requestor has and that is to be removed for another one; needs the scope `write`, too. */
  replace?: string | undefined
  /** Only holds the item, for so long, unless it is confirmed. */
  holdSeconds?: number | undefined
}
export type SlottedRequestor = { requestor: string; slot?: string | undefined }
export type Confirmation = SlottedRequestor & { item: string }

type Path = { namespace: string }

/**
 * The calls that give items.
 *
 * @internal Its type would bring that of openapi-fetch along.
 */
export const matchCalls = (connection: Connection, path: Path) => ({
  /** Gives a requestor its item. When there is none for it, that is an outcome too: `success` is false. */
  match: (
    requestor: string,
    { signal, ...asked }: CallOptions & MatchOptions = {},
  ): Promise<MatchOutcome> => {
    const body = { requestor, ...given(asked) }
    return connection.repeatable(
      (api, signal) =>
        api.POST('/namespaces/{namespace}/match', { params: { path }, body, signal }),
      { signal },
    )
  },

  /** Matches up to 1,000 requestors, and returns an outcome for each, in their order. */
  matchBatch: async (
    requestors: readonly (string | SlottedRequestor)[],
    options?: CallOptions,
  ): Promise<BatchOutcome[]> => {
    const body = {
      requestors: requestors.map((each) => (typeof each === 'string' ? each : withSlot(each))),
    }
    const { results } = await connection.repeatable(
      (api, signal) =>
        api.POST('/namespaces/{namespace}/match/batch', { params: { path }, body, signal }),
      options,
    )
    return results
  },

  /** Keeps an item that the requestor holds. Where it cannot, that is an outcome too: `success` is false. */
  confirm: ({ item, ...who }: Confirmation, options?: CallOptions): Promise<ConfirmOutcome> =>
    connection.repeatable(
      (api, signal) =>
        api.POST('/namespaces/{namespace}/confirm', {
          params: { path },
          body: { ...withSlot(who), item },
          signal,
        }),
      options,
    ),
})

const withSlot = ({ requestor, slot }: SlottedRequestor) => ({
  requestor,
  ...(slot !== undefined && { slot }),
})
