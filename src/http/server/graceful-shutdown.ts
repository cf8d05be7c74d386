import { limits } from '../../limits.ts'

type Handler = (request: Request) => Response | Promise<Response>

const { holdMs, pollMs, drainMs } = limits.shutdown

/**
 * Stops a server without resetting a connection that is in use. `server.stop()` closes the listener and all idle
 * connections, including one on which the client is about to send. So before that, every response is held back
 * for `limits.shutdown.holdMs`: by then each busy client is waiting for one, and none is about to send. The
 * responses then go out with `connection: close`, which makes clients open their next connection elsewhere.
 */
export class GracefulShutdown {
  started = false
  #released: Promise<void> | undefined

  /** Wraps a handler, so that its responses can be held back. */
  gate(handle: Handler): Handler {
    return async (request) => {
      const response = await handle(request)
      if (this.started) {
        await this.#released
        response.headers.set('connection', 'close')
      }
      return response
    }
  }

  /** Stops the servers once every request in flight is answered, or after `limits.shutdown.drainMs`. */
  async stop(servers: readonly Bun.Server<unknown>[]): Promise<void> {
    const drainUntilMs = performance.now() + drainMs
    const { promise, resolve: release } = Promise.withResolvers<void>()
    this.#released = promise
    this.started = true
    await Bun.sleep(holdMs)
    // Not awaited: that would also wait for a client that never ends its request.
    for (const server of servers) void server.stop()
    release()
    const busy = () => servers.some(({ pendingRequests }) => pendingRequests > 0)
    while (busy() && performance.now() < drainUntilMs) await Bun.sleep(pollMs)
    for (const server of servers) void server.stop(true)
  }
}
