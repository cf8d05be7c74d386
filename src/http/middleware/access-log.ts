import { Elysia } from 'elysia'
import type { Logger } from 'pino'
import { limits } from '../../limits.ts'
import type { HttpMetrics } from '../metrics/http-metrics.ts'
import type { Peer } from '../server/peer.ts'

type RequestState = {
  startMs: number
  keyId?: string
  peer?: Peer
  afterResponse?: (() => void)[]
}

const requestId = new RegExp(`^[\\x20-\\x7e]{1,${limits.http.requestIdMax}}$`)

const states = new WeakMap<Request, RequestState>()

type Deps = { log: Logger; newId: () => string; metrics: Pick<HttpMetrics, 'countRequest'> }

/** Gives every response a request id, `no-store` and `nosniff`; counts and logs every request. */
export const accessLog = ({ log, newId, metrics }: Deps) => {
  const nextId = requestIds(newId)
  return new Elysia()
    .onRequest(({ request, set }) => {
      states.set(request, { startMs: performance.now() })
      const clientId = request.headers.get('x-request-id') ?? ''
      set.headers['x-request-id'] = requestId.test(clientId) ? clientId : nextId()
      set.headers['cache-control'] = 'no-store'
      set.headers['x-content-type-options'] = 'nosniff'
    })
    .onAfterResponse({ as: 'global' }, ({ request, route, set }) => {
      const state = states.get(request)
      for (const callback of state?.afterResponse ?? []) callback()
      const durationMs = performance.now() - (state?.startMs ?? Number.NaN)
      metrics.countRequest(request.method, route, Number(set.status ?? 200), durationMs)
      log.info(
        {
          requestId: set.headers['x-request-id'],
          method: request.method,
          // The pattern, not the path: DELETE /admin/api-keys/:apiKey has a key in its path.
          route: route || null,
          status: set.status,
          durationMs: Math.round(durationMs * 100) / 100,
          ...(state?.keyId && { keyId: state.keyId }),
          ...state?.peer,
        },
        'request',
      )
    })
}

/** Numbers requests behind 48 random bits of the process: half as long as a UUID, on each row of a match. */
function requestIds(newId: () => string): () => string {
  const prefix = newId().replaceAll('-', '').slice(0, 12)
  let count = 0
  return () => `${prefix}-${(++count).toString(36)}`
}

/** Adds the id of the key that authorised a request to its access line. */
export function logKeyId(request: Request, keyId: string): void {
  const state = states.get(request)
  if (state) state.keyId = keyId
}

/** Adds the sender of a request to its access line. */
export function logPeer(request: Request, peer: Peer): void {
  const state = states.get(request)
  if (state) state.peer = peer
}

/** Calls `callback` after the response, also if that is an error or the client has gone. */
export function afterResponse(request: Request, callback: () => void): void {
  const state = states.get(request)
  if (state) state.afterResponse = [...(state.afterResponse ?? []), callback]
}
