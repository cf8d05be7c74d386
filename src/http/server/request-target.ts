import { limits } from '../../limits.ts'
import { refuse } from '../middleware/refusals.ts'
import { keepSender } from './peer.ts'

type Segments = Readonly<Record<string, string>>

const { pathSegmentsMax } = limits.http

/**
 * Route patterns that match every path of up to `limits.http.pathSegmentsMax` segments, none of them empty. In a
 * request's `url` Bun resolves dot segments and turns `\` into `/`, but it matches routes against the target as it
 * was sent: `params` has its segments, percent-decoded.
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
 * Marks a request as refused if its Host is malformed, or if the path that was sent is malformed or differs from the
 * one in its `url`. `segments` are the params of the pattern that it matched. Returns a request whose URL every
 * parser accepts, unless it is refused.
 */
export function checkTarget(request: Request, segments: Segments | undefined): Request {
  const host = request.headers.get('host')
  if (host !== null && host !== lastHost && !isWellFormed(host)) return refuse(request, faults.host)
  const { url } = request
  const fault = segments ? faultOf(segments, url) : faultOfUnmatched(url)
  if (fault) return refuse(request, fault)
  // Without a Host, which HTTP/1.0 probes do not send and without which Bun refuses HTTP/1.1, `url` is the target.
  return url.startsWith('/')
    ? keepSender(new Request(`http://localhost${url}`, request), request)
    : request
}

/** The last Host header that was found valid; most requests have the same one. */
let lastHost: string | undefined

function isWellFormed(host: string): boolean {
  const plain = /^(\w[\w.-]*|\[[\da-f:.]+\])(:\d{0,5})?$/i.test(host)
  // A plain host may still be invalid: a.1 and 999.0.0.0 are not addresses, and 99999 is not a port.
  if (!plain || !URL.canParse(`http://${host}`)) return false
  lastHost = host
  return true
}

/** False for the authority that `CONNECT` names. Bun has removed the scheme and host of an absolute target. */
const isPath = (url: string) => url.startsWith('http://') || url.startsWith('/')
// biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them
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

/** `url` keeps every `%5c`; any further backslashes were sent unencoded. */
function faultOfSpecial(segments: string[], url: string): string | undefined {
  const path = segments.join('/')
  if (special.test(path.replaceAll('\\', ''))) return faults.control
  const backslashes = path.split('\\').length
  const [sentPath = ''] = url.split('?')
  return backslashes > sentPath.split(/%5c/i).length ? faults.backslash : undefined
}

/** For a path with empty segments or very many. No route is like that, so the path in `url` must not be one. */
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
