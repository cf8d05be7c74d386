import { Elysia } from 'elysia'
import { limits } from '../../limits.ts'
import type { MethodFinder } from './allowed-methods.ts'

type CorsDeps = { origins: readonly string[]; methodsOf: MethodFinder }

// Headers that browsers let pages send and read only if they are listed.
const requestHeaders = 'x-api-key, authorization, content-type, x-request-id, idempotency-key'
const answerHeaders = 'x-request-id, retry-after, link, allow, www-authenticate'

/**
 * Lets pages of these origins call `/namespaces` and read the responses, including errors (the CORS protocol of the
 * Fetch standard). Credentials are not allowed: zaas has no cookies. Other origins get responses without CORS headers.
 * Without origins there are no hooks.
 */
export const cors = ({ origins, methodsOf }: CorsDeps) => {
  if (origins.length === 0) return new Elysia()
  const anyone = origins.includes('*')
  const isAllowed = (origin: string | null) =>
    origin !== null && (anyone || origins.includes(origin))
  return new Elysia()
    .onRequest(({ request, set }) => {
      if (!inNamespace(request.url)) return
      if (!anyone) addVary(set.headers, 'origin')
      const origin = request.headers.get('origin')
      if (origin === null || !isAllowed(origin)) return
      set.headers['access-control-allow-origin'] = anyone ? '*' : origin
      set.headers['access-control-expose-headers'] = answerHeaders
    })
    .onError({ as: 'global' }, ({ code, request, set }) => {
      // No route handles OPTIONS. A response from an earlier hook would be neither logged nor counted.
      if (code !== 'NOT_FOUND' || !isPreflight(request)) return
      if (!inNamespace(request.url) || !isAllowed(request.headers.get('origin'))) return
      const methods = methodsOf(new URL(request.url).pathname)
      if (methods.length === 0) return
      set.status = 204
      set.headers['access-control-allow-methods'] = methods.join(', ')
      set.headers['access-control-allow-headers'] = requestHeaders
      set.headers['access-control-max-age'] = String(limits.http.preflightSeconds)
      return new Response(null, { status: 204 })
    })
}

/** Adds a request header to those that the response depends on. */
export function addVary(headers: Record<string, string | number>, name: string): void {
  headers['vary'] = headers['vary'] === undefined ? name : `${headers['vary']}, ${name}`
}

const inNamespace = (url: string) => new URL(url).pathname.startsWith('/namespaces/')

const isPreflight = ({ method, headers }: Request) =>
  method === 'OPTIONS' && headers.has('access-control-request-method')
