import { yieldToEventLoop } from '../event-loop.ts'

/** A page of a list as text, and the position of the next page, or null on the last one. */
export type TextPage<Position> = { rows: string; next: Position | null }

/** What goes before, between and after the pages. */
type Frame = { head: string; separator: string; tail: string }

/**
 * Streams a list page by page, with backpressure. The first page has been read before the response begins; when a
 * later one cannot be read, the response breaks off. Calls `release` once nothing more is sent.
 */
export function streamList<Position>(
  { head, separator, tail }: Frame,
  firstPage: TextPage<Position>,
  readPage: (after: Position) => Promise<TextPage<Position>>,
  { logError, release }: { logError: (error: unknown) => void; release: () => void },
): ReadableStream<string> {
  let page = firstPage
  let opening = head
  const breakOff = (err: unknown) => {
    release()
    logError(err)
    throw new Error('A list broke off.')
  }
  return new ReadableStream({
    async pull(controller) {
      const { rows, next } = page
      controller.enqueue(opening + rows + (next === null ? tail : separator))
      opening = ''
      if (next === null) {
        release()
        return controller.close()
      }
      await exclusiveTurn()
      page = await readPage(next).catch(breakOff)
    },
    // The caller went away.
    cancel: release,
  })
}

let lastTurn: Promise<unknown> = Promise.resolve()

/**
 * Resolves in a turn of the event loop in which no other list writes a page. Without it, one fast caller would
 * block everyone else until its list ends, and many lists at once for a page of each.
 */
function exclusiveTurn(): Promise<unknown> {
  lastTurn = lastTurn.then(yieldToEventLoop)
  return lastTurn
}
