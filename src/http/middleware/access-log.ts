import { Elysia } from 'elysia'
import type { Logger } from 'pino'
import type { HttpMetrics } from '../metrics/http-metrics.ts'

type Trace = { startedMs: number; keyId?: string; onAnswered?: (() => void)[] }

const traces = new WeakMap<Request, Trace>()

type Deps = { log: Logger; newId: () => string; metrics: Pick<HttpMetrics, 'countRequest'> }

/** Gives every answer its request id and `no-store`, and counts and logs each request. */
export const accessLog = ({ log, newId, metrics }: Deps) =>
  new Elysia()
    .onRequest(({ request, set }) => {
      traces.set(request, { startedMs: performance.now() })
      const given = request.headers.get('x-request-id') ?? ''
      set.headers['x-request-id'] = /^[\x20-\x7e]{1,128}$/.test(given) ? given : newId()
      set.headers['cache-control'] = 'no-store'
    })
    .onAfterResponse({ as: 'global' }, ({ request, route, set }) => {
      const trace = traces.get(request)
      for (const then of trace?.onAnswered ?? []) then()
      const durationMs = performance.now() - (trace?.startedMs ?? Number.NaN)
      metrics.countRequest(request.method, route, Number(set.status ?? 200), durationMs)
      log.info(
        {
          requestId: set.headers['x-request-id'],
          method: request.method,
          // The pattern, not the path: DELETE /admin/api-keys/:apiKey has a key in its path.
          route: route || null,
          status: set.status,
          durationMs: Math.round(durationMs * 100) / 100,
          ...(trace?.keyId && { keyId: trace.keyId }),
        },
        'request',
      )
    })

/** Names the key that opened a request, for its access line. */
export function traceKey(request: Request, keyId: string): void {
  const trace = traces.get(request)
  if (trace) trace.keyId = keyId
}

/** Calls `then` once the request is answered, also when that is with an error or to nobody. */
export function onceAnswered(request: Request, then: () => void): void {
  const trace = traces.get(request)
  if (trace) trace.onAnswered = [...(trace.onAnswered ?? []), then]
}
