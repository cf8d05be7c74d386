import type { Logger } from 'pino'
import { limits } from '../../limits.ts'
import { fallbackResponse } from '../middleware/problems.ts'
import { checkTarget, pathPatterns } from './request-target.ts'

type Fetch = (request: Request) => Response | Promise<Response>
type Address = { host: string; port: number }

const loopback6 = '::1'

/**
 * Serves HTTP at an address. Throws when it cannot listen there. With `0.0.0.0` and `localhost` it also listens
 * on the loopback address of IPv6, if the machine has one, because `localhost` may resolve to it.
 */
export function listen(address: Address, fetch: Fetch, log: Logger): Bun.Server<undefined>[] {
  const { host } = address
  if (host !== '0.0.0.0' && host !== 'localhost') return [serve(address, fetch, log)]
  const first = serve({ ...address, host: host === 'localhost' ? '127.0.0.1' : host }, fetch, log)
  try {
    return [first, serve({ host: loopback6, port: Number(first.port) }, fetch, log)]
  } catch {
    return [first]
  }
}

function serve({ host, port }: Address, fetch: Fetch, log: Logger): Bun.Server<undefined> {
  const handle = (request: Bun.BunRequest) => fetch(checkTarget(request, request.params))
  return Bun.serve({
    port,
    hostname: host,
    routes: Object.fromEntries(pathPatterns.map((pattern) => [pattern, handle])),
    fetch: (request) => fetch(checkTarget(request, undefined)),
    error: (error) => fallbackResponse(log, crypto.randomUUID(), error),
    development: false,
    // Otherwise a second server could start on this port, and would silently take half of the requests.
    reusePort: false,
    idleTimeout: limits.http.idleSeconds,
    // Bun's limit would answer anyone with an empty 413. Ours is checked after the key, and answers a problem.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  })
}
