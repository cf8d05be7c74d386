/** The last host name that can be parsed: most requests have the same. */
let parsedHost: string | undefined

/**
 * The request under a host name that every URL parser takes. Nothing here depends on the host, and what
 * Bun makes of a missing or malformed one (HTTP/1.0 probes send none) is no URL.
 */
export function normalizeHost(request: Request): Request {
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
