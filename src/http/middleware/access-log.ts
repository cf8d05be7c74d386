import { Elysia } from 'elysia'
import { limits } from '../../limits.ts'
import type { LogRequest } from '../../log.ts'
import type { HttpMetrics, MatchOutcomeLabel } from '../metrics/http-metrics.ts'
import type { Peer } from '../server/peer.ts'
import { type Trace, traceOf } from '../trace-context.ts'

/** What a request is about, as far as that is known and may be logged. */
type Subject = {
  namespace?: string
  keyId?: string
  /** The fingerprint of a master key. */
  masterKey?: string
  outcome?: MatchOutcomeLabel
}
/** What the access line of a request says. */
type Line = Subject &
  Partial<Trace> &
  Peer & {
    requestId: string
    method: string
    route: string | null
    status: number | string | undefined
    durationMs: number
  }
type RequestState = { startMs: number; line: Line; afterResponse?: (() => void)[] }

const requestId = new RegExp(`^[\\x20-\\x7e]{1,${limits.http.requestIdMax}}$`)

const states = new WeakMap<Request, RequestState>()

type Deps = {
  logRequest: LogRequest
  newId: () => string
  metrics: Pick<HttpMetrics, 'countRequest'>
}

/** Gives every response a request id, `no-store` and `nosniff`; counts and logs every request. */
export const accessLog = ({ logRequest, newId, metrics }: Deps) => {
  const nextId = requestIds(newId)
  return new Elysia()
    .onRequest(({ request, set }) => {
      const clientId = request.headers.get('x-request-id')
      const id = clientId !== null && requestId.test(clientId) ? clientId : nextId()
      const { method } = request
      const line: Line = { requestId: id, method, route: null, status: 200, durationMs: 0 }
      const trace = traceOf(request.headers)
      if (trace) Object.assign(line, trace)
      states.set(request, { startMs: performance.now(), line })
      set.headers['x-request-id'] = id
      set.headers['cache-control'] = 'no-store'
      set.headers['x-content-type-options'] = 'nosniff'
    })
    .onAfterResponse({ as: 'global' }, ({ request, route, set }) => {
      const state = states.get(request)
      if (!state) return
      const { line, startMs, afterResponse = [] } = state
      for (const callback of afterResponse) callback()
      const durationMs = performance.now() - startMs
      metrics.countRequest(request.method, route, Number(set.status ?? 200), durationMs)
      // The pattern, not the path: DELETE /admin/api-keys/:apiKey has a key in its path.
      line.route = route || null
      line.status = set.status
      line.durationMs = Math.round(durationMs * 100) / 100
      logRequest(line)
    })
}

/** Numbers requests behind 48 random bits of the process: half as long as a UUID, on each row of a match. */
function requestIds(newId: () => string): () => string {
  const prefix = newId().replaceAll('-', '').slice(0, 12)
  let count = 0
  return () => `${prefix}-${(++count).toString(36)}`
}

/** Adds what a request is about to its access line: only what was authorised or decided here, nothing as it was sent. */
export function logSubject(request: Request, subject: Subject): void {
  const state = states.get(request)
  if (state) Object.assign(state.line, subject)
}

/** Adds the sender of a request to its access line. */
export function logPeer(request: Request, peer: Peer): void {
  const state = states.get(request)
  if (state) Object.assign(state.line, peer)
}

/** Calls `callback` after the response, also if that is an error or the client has gone. */
export function afterResponse(request: Request, callback: () => void): void {
  const state = states.get(request)
  if (state) state.afterResponse = [...(state.afterResponse ?? []), callback]
}
