import { limits } from '../../limits.ts'
import { refuse } from '../middleware/refusals.ts'

type Segments = Readonly<Record<string, string>>

const { pathSegmentsMax } = limits.http

/**
 * Route patterns that match every path of up to `limits.http.pathSegmentsMax` segments, none of them empty.
 * Bun resolves dot segments and turns `\` into `/` in a request's `url`, but matches its routes against the
 * target as it was sent, and `params` has the segments of that, percent-decoded.
 */
export const pathPatterns = Array.from(
  { length: pathSegmentsMax + 1 },
  (_, count) => `/${Array.from({ length: count }, (_, at) => `:s${at}`).join('/')}`,
)

const faults = {
  host: 'Host must be one host name or address, with or without a port.',
  form: 'The target of the request must be a path, with or without a query.',
  dots: 'The path of the request must have no segments . and .., percent-encoded or not.',
  backslash: 'The path of the request must have no backslash that is not percent-encoded.',
  control: 'The path of the request must have no control characters, percent-encoded or not.',
  fragment: 'The target of the request must have no fragment.',
  respelled: 'The path of the request must be written without dot segments, backslashes and //.',
}

/**
 * Refuses a request whose Host is malformed, or whose target is, or is another one than its `url` has by
 * now. `segments` are the params of the pattern that it matched. What is returned has a URL that can be
 * parsed, if it was not refused.
 */
export function checkTarget(request: Request, segments: Segments | undefined): Request {
  const host = request.headers.get('host')
  if (host !== null && host !== lastHost && !isWellFormed(host)) return refuse(request, faults.host)
  const { url } = request
  const fault = segments ? faultOf(segments, url) : faultOfUnmatched(url)
  if (fault) return refuse(request, fault)
  // Bun refuses HTTP/1.1 without a Host; HTTP/1.0, as probes send it, needs none, and `url` is the target.
  return host === null ? new Request(`http://localhost${url}`, request) : request
}

/** Most requests have the same Host: the last one that was well-formed is not looked at again. */
let lastHost: string | undefined

function isWellFormed(host: string): boolean {
  const plain = /^(\w[\w.-]*|\[[\da-f:.]+\])(:\d{0,5})?$/i.test(host)
  // A plain one can still be no host: 999.0.0.0 is no address, and 99999 is no port.
  if (!plain || !URL.canParse(`http://${host}`)) return false
  lastHost = host
  return true
}

/** What `CONNECT` names is no path. The scheme and host of a whole URL are gone already. */
const isPath = (url: string) => url.startsWith('http://') || url.startsWith('/')
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const special = /[\\\x00-\x1f\x7f]/
const dotSegment = /^\.\.?$/

function faultOf(segments: Segments, url: string): string | undefined {
  if (!isPath(url)) return faults.form
  if (url.includes('#')) return faults.fragment
  for (const name in segments) {
    const segment = segments[name] ?? ''
    if (dotSegment.test(segment)) return faults.dots
    if (special.test(segment)) return faultOfSpecial(Object.values(segments), url)
  }
  return undefined
}

/** `%5c` stays as it is in `url`, so backslashes beyond those were sent as such. */
function faultOfSpecial(segments: string[], url: string): string | undefined {
  const path = segments.join('/')
  if (special.test(path.replaceAll('\\', ''))) return faults.control
  const backslashes = path.split('\\').length
  const [sentPath = ''] = url.split('?')
  return backslashes > sentPath.split(/%5c/i).length ? faults.backslash : undefined
}

/** A path that has empty segments, or very many; there is no such route, so that it must not become one. */
function faultOfUnmatched(url: string): string | undefined {
  const parsed = isPath(url)
    ? URL.parse(url.startsWith('/') ? `http://localhost${url}` : url)
    : undefined
  if (!parsed) return faults.form
  if (url.includes('#')) return faults.fragment
  if (/%([01][\da-f]|7f)/i.test(parsed.pathname)) return faults.control
  const segments = parsed.pathname.slice(1).split('/')
  const matches = parsed.pathname === '/' || !segments.includes('')
  return matches && segments.length <= pathSegmentsMax ? faults.respelled : undefined
}
