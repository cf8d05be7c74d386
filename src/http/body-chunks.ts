import { yieldToEventLoop } from '../event-loop.ts'

/**
 * Yields the body as it arrives, at most one chunk in a turn of the event loop. Otherwise Bun hands out a fast body to
 * its end in one turn, and one of tiny chunks in millions of pieces; it joins those that arrive between two turns.
 */
export async function* bodyChunks({ body }: Request): AsyncGenerator<Uint8Array> {
  for await (const chunk of body ?? []) {
    yield chunk
    await yieldToEventLoop()
  }
}
