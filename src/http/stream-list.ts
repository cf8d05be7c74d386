import type { Logger } from 'pino'
import { yieldToEventLoop } from '../event-loop.ts'
import { traceOf } from './trace-context.ts'

/** A page of a list as text, and the position of the next page, or null on the last one. */
export type TextPage<Position> = { rows: string; next: Position | null }

/** What goes before, between and after the pages. */
type Frame = { head: string; separator: string; tail: string }

type Asked = {
  request: Request
  set: { headers: Record<string, string | number> }
  log: Logger
  /** Takes a slot for the list, and returns what releases it. */
  take: () => () => void
  mediaType: string
}

/** The response with a whole list: see `streamList`. HEAD gets no stream: nobody would read it to its end, which releases the slot. */
export function listResponse<Position>(
  { request, set, log, take, mediaType }: Asked,
  frame: Frame,
  firstPage: TextPage<Position>,
  readPage: (after: Position) => Promise<TextPage<Position>>,
): Response {
  const headers = { 'content-type': mediaType }
  if (request.method === 'HEAD') return new Response(null, { headers })
  const requestId = set.headers['x-request-id']
  const trace = traceOf(request.headers)
  const logError = (err: unknown) => log.error({ requestId, ...trace, err }, 'a list broke off')
  const stream = streamList(frame, firstPage, readPage, { logError, release: take() })
  return new Response(stream, { headers })
}

/**
 * Streams a list page by page, with backpressure. The first page has been read before the response begins; when a
 * later one cannot be read, the response breaks off. Calls `release` once nothing more is sent.
 */
function streamList<Position>(
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
