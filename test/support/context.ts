import type { WriteContext } from '../../src/domain/actor.ts'

/** Of a write by zaas itself at this time. */
export const contextAt = (now: number): WriteContext => ({ now, actor: 'process' })

/** Requests for a match, as a batch has them. */
export const requestsAt = (now: number, namespace: string, ...requestors: string[]) =>
  requestors.map((requestor) => ({ namespace, requestor, ...contextAt(now) }))
