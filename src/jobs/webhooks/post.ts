import http from 'node:http'
import https from 'node:https'
import { limits } from '../../limits.ts'
import { type Address, resolveReceiver } from './receiver.ts'

const { answerBytesMax, answerMs } = limits.webhooks

type Message = { headers: Record<string, string>; body: string }

/**
 * Posts to a URL, at an address that was checked just before, and returns the status of the answer. Follows no
 * redirect. Rejects where there is no answer, and at once when `signal` aborts. Of the body of the answer it reads no
 * more than `answerBytesMax`, for no longer than `answerMs`, and keeps nothing.
 */
export async function post(
  url: URL,
  message: Message,
  { allowPrivate, signal }: { allowPrivate: boolean; signal: AbortSignal },
): Promise<number> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  let request: http.ClientRequest | undefined
  try {
    const addresses = await Promise.race([resolveReceiver(url, allowPrivate), aborted])
    request = begin(url, message, addresses)
    return await Promise.race([statusOf(request), aborted])
  } catch (error) {
    request?.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function begin(
  url: URL,
  { headers, body }: Message,
  addresses: readonly Address[],
): http.ClientRequest {
  const request = (url.protocol === 'https:' ? https : http).request({
    method: 'POST',
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    ...(url.port !== '' && { port: url.port }),
    path: url.pathname + url.search,
    headers: { ...headers, host: url.host, 'content-length': String(Buffer.byteLength(body)) },
    // A connection of its own, to one of these addresses: the name is not resolved again.
    agent: false,
    lookup: (_host, options, answer) => answerWith(addresses, options.all === true, answer),
  })
  request.end(body)
  return request
}

function statusOf(request: http.ClientRequest): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  request.on('response', (response) => {
    resolve(response.statusCode ?? 0)
    discard(response, () => request.destroy())
  })
  request.on('error', reject)
  request.on('close', () => reject(new Error('The connection was closed without an answer.')))
  return promise
}

type Answer = Parameters<NonNullable<http.RequestOptions['lookup']>>[2]

function answerWith(addresses: readonly Address[], all: boolean, answer: Answer): void {
  const [first] = addresses
  if (all) answer(null, [...addresses])
  else answer(null, first?.address ?? '', first?.family)
}

/** Lets a receiver end its answer, if that is short and quick. */
function discard(response: http.IncomingMessage, end: () => void): void {
  const timer = setTimeout(end, answerMs)
  let bytes = 0
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > answerBytesMax) end()
  })
  response.on('error', () => {})
  response.on('close', () => {
    clearTimeout(timer)
    end()
  })
}
