import type { Logger } from 'pino'
import { limits } from '../../limits.ts'
import { fallbackResponse } from '../middleware/problems.ts'
import { normalizeHost } from './normalize-host.ts'

type Fetch = (request: Request) => Response | Promise<Response>
type Address = { host: string; port: number }

/** Serves HTTP at an address. Throws when it cannot listen there. */
export function listen({ host, port }: Address, fetch: Fetch, log: Logger): Bun.Server<undefined> {
  return Bun.serve({
    port,
    hostname: host,
    fetch: (request) => fetch(normalizeHost(request)),
    error: (error) => fallbackResponse(log, crypto.randomUUID(), error),
    development: false,
    // Otherwise a second server could start on this port, and would silently take half of the requests.
    reusePort: false,
    idleTimeout: limits.http.idleSeconds,
    // Bun's limit would answer anyone with an empty 413. Ours is checked after the key, and answers a problem.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  })
}
