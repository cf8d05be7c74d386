import { limits } from '../../limits.ts'

type Handler = (request: Request) => Response | Promise<Response>

const { holdMs, pollMs, drainMs } = limits.shutdown

/**
 * Ends a server without resetting a connection that is in use. To stop it closes the listener and every
 * idle connection, also one whose client is about to send. So before that, all answers are held back for
 * `limits.shutdown.holdMs`: by then each busy client waits for one, and none is about to send. Then the answers go out
 * with `connection: close`, which tells the clients to come back elsewhere.
 */
export class GracefulShutdown {
  started = false
  #held: Promise<void> | undefined

  /** The handler whose answers can be held back. */
  gate(handle: Handler): Handler {
    return async (request) => {
      const response = await handle(request)
      if (this.started) {
        await this.#held
        response.headers.set('connection', 'close')
      }
      return response
    }
  }

  /** Stops the server once every request in flight is answered, or after `limits.shutdown.drainMs`. */
  async stop(server: Bun.Server<unknown>): Promise<void> {
    const untilMs = performance.now() + drainMs
    const { promise, resolve: release } = Promise.withResolvers<void>()
    this.#held = promise
    this.started = true
    await Bun.sleep(holdMs)
    // Not awaited: a client that never ends its request would be waited for too.
    void server.stop()
    release()
    while (server.pendingRequests > 0 && performance.now() < untilMs) await Bun.sleep(pollMs)
    void server.stop(true)
  }
}
