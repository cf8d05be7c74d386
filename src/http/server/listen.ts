import type { Logger } from 'pino'
import { limits } from '../../limits.ts'
import { fallbackResponse } from '../middleware/problems.ts'
import { normalizeHost } from './normalize-host.ts'

type Fetch = (request: Request) => Response | Promise<Response>
type Address = { host: string; port: number }

/** Serves HTTP at an address. Throws when that cannot be had. */
export function listen({ host, port }: Address, fetch: Fetch, log: Logger): Bun.Server<undefined> {
  return Bun.serve({
    port,
    hostname: host,
    fetch: (request) => fetch(normalizeHost(request)),
    error: (error) => fallbackResponse(log, crypto.randomUUID(), error),
    development: false,
    // Otherwise a second server on this port would start and silently take half of the requests.
    reusePort: false,
    idleTimeout: limits.http.idleSeconds,
    // Bun's own limit answers with an empty 413, to anyone; ours comes after the key, with a problem.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  })
}
