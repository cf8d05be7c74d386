import { Elysia } from 'elysia'
import type { Logger } from 'pino'
import type { Meters } from './meters.ts'

type Trace = { startedMs: number; keyId?: string; onAnswered?: (() => void)[] }

const traces = new WeakMap<Request, Trace>()

type Deps = { log: Logger; newId: () => string; meters: Pick<Meters, 'countRequest'> }

/** Gives every answer its request id and `no-store`, and counts and logs each request. */
export const requests = ({ log, newId, meters }: Deps) =>
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
      meters.countRequest(request.method, route, Number(set.status ?? 200), durationMs)
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

/** The last host name that can be parsed: most requests have the same. */
let parsedHost: string | undefined

/**
 * The request under a host name that every URL parser takes. Nothing here depends on the host, and what
 * Bun makes of a missing or malformed one (HTTP/1.0 probes send none) is no URL.
 */
export function addressed(request: Request): Request {
  const host = request.headers.get('host') ?? ''
  if (host === parsedHost) return request
  const plain = /^(\w[\w.-]*|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(host)
  // A plain one can still be no host: a.1 and 999.0.0.0 are no addresses, and 99999 is no port.
  if (plain && URL.canParse(`http://${host}`)) {
    parsedHost = host
    return request
  }
  const path = request.url.startsWith('/')
    ? request.url
    : request.url.slice(`http://${host}`.length)
  return new Request(`http://localhost${path.startsWith('/') ? path : '/'}`, request)
}

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
