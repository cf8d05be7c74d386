/** The last Host header that was found valid; most requests have the same one. */
let validHost: string | undefined

/**
 * Returns a request whose URL every parser accepts. From a missing or malformed Host header (HTTP/1.0 probes
 * send none) Bun makes an invalid URL. Such a request is given the host `localhost`, since nothing here depends
 * on the host.
 */
export function normalizeHost(request: Request): Request {
  const host = request.headers.get('host') ?? ''
  if (host === validHost) return request
  const plain = /^(\w[\w.-]*|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(host)
  // A plain host may still be invalid: a.1 and 999.0.0.0 are not addresses, and 99999 is not a port.
  if (plain && URL.canParse(`http://${host}`)) {
    validHost = host
    return request
  }
  const path = request.url.startsWith('/')
    ? request.url
    : request.url.slice(`http://${host}`.length)
  return new Request(`http://localhost${path.startsWith('/') ? path : '/'}`, request)
}
