import createFetchClient, { type Client } from 'openapi-fetch'
import type { paths } from './api.ts'
import { errorOf, ZaasClientError } from './errors.ts'
import type { CallOptions, ChangeOptions, ConnectionOptions } from './options.ts'

type Api = Client<paths, 'application/json'>
type Attempt<Data> = (
  api: Api,
  signal: AbortSignal | null,
) => Promise<{ data?: Data; error?: unknown; response: Response }>

const backoffFirstMs = 200
const backoffMaxMs = 5_000
const retryAfterMaxMs = 30_000

/** Calls zaas with these headers. Throws TypeError for an origin or a header that cannot be one. */
export class Connection {
  readonly #api: Api
  readonly #triesMax: number
  readonly #timeoutMs: number

  constructor(
    { origin, triesMax = 5, timeoutMs = 10_000 }: ConnectionOptions,
    headers: Record<string, string>,
  ) {
    this.#api = createFetchClient({
      baseUrl: new URL(origin).href,
      headers: Object.fromEntries(new Headers(headers)),
      // A key goes nowhere but to the host it is for.
      redirect: 'error',
    })
    this.#triesMax = triesMax
    this.#timeoutMs = timeoutMs
  }

  /** Makes a call that may be repeated: again, after a pause, when its answer is lost or zaas is busy. */
  repeatable<Data>(attempt: Attempt<Data>, { signal }: CallOptions = {}): Promise<Data> {
    return this.#repeat(attempt, signal, this.#timeoutMs)
  }

  /** The same for a file, which takes the time that it takes. */
  download(attempt: Attempt<Blob>, { signal }: CallOptions = {}): Promise<Blob> {
    const whole: Attempt<Blob> = async (api, signal) => {
      const answer = await attempt(api, signal)
      const { ok, headers } = answer.response
      // openapi-fetch has no data for an empty body.
      const empty = () => new Blob([], { type: headers.get('content-type') ?? '' })
      return ok ? { ...answer, data: answer.data ?? empty() } : answer
    }
    return this.#repeat(whole, signal)
  }

  /** Makes a call whose repetition could change something more: sends it once. */
  once<Data>(attempt: Attempt<Data>, { signal }: CallOptions = {}): Promise<Data> {
    return this.#try(attempt, signal, this.#timeoutMs)
  }

  /** The same for an upload, or a removal in steps, which takes the time that it takes. */
  untimed<Data>(attempt: Attempt<Data>, { signal }: CallOptions = {}): Promise<Data> {
    return this.#try(attempt, signal)
  }

  /** Makes a change: more than once only if it has a key. */
  keyed<Data>(
    attempt: Attempt<Data>,
    { idempotencyKey, ...options }: ChangeOptions,
  ): Promise<Data> {
    return idempotencyKey === undefined
      ? this.once(attempt, options)
      : this.repeatable(attempt, options)
  }

  async #repeat<Data>(
    attempt: Attempt<Data>,
    signal: AbortSignal | undefined,
    timeoutMs?: number,
  ): Promise<Data> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#try(attempt, signal, timeoutMs)
      } catch (error) {
        const passing = error instanceof ZaasClientError && error.passing
        if (!passing || tries >= this.#triesMax) throw error
        const { retryAfterMs = 0 } = error
        if (retryAfterMs > retryAfterMaxMs) throw error
        await pause(retryAfterMs + backoffMs(tries), signal)
      }
    }
  }

  async #try<Data>(
    attempt: Attempt<Data>,
    given: AbortSignal | undefined,
    timeoutMs?: number,
  ): Promise<Data> {
    const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs)
    const signals = [given, timeout].filter((signal) => signal !== undefined)
    let answer: Awaited<ReturnType<Attempt<Data>>>
    try {
      answer = await attempt(this.#api, signals.length > 0 ? AbortSignal.any(signals) : null)
    } catch (thrown) {
      given?.throwIfAborted()
      const cause = withoutUrl(thrown)
      if (timeout?.aborted) {
        throw new ZaasClientError('timeout', `No answer came within ${timeoutMs} ms.`, { cause })
      }
      throw thrown instanceof SyntaxError
        ? new ZaasClientError('unexpected', 'The answer is not from zaas.', { cause })
        : new ZaasClientError('unreachable', 'No whole answer came from zaas.', { cause })
    }
    const { data, error, response } = answer
    if (data === undefined) throw errorOf(response, error)
    return data
  }
}

/** Throws TypeError for what a path cannot hold: of a URL with these, another one is made. */
export function pathSegment(value: string): string {
  if (['', '.', '..'].includes(value)) throw new TypeError(`A path cannot hold "${value}".`)
  return value
}

/** What is known of a failure, but for the URL, which may have a key in it: errors end up in logs. */
function withoutUrl(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return undefined
  const { name, message, cause } = thrown
  const error = new Error(message.replaceAll(/\bhttps?:\S+/gi, '…'), { cause: withoutUrl(cause) })
  return Object.assign(error, { name, ...('code' in thrown && { code: thrown.code }) })
}

/** Full jitter, so that callers who failed together do not come back together. */
const backoffMs = (tries: number) =>
  Math.random() * Math.min(backoffMaxMs, backoffFirstMs * 2 ** (tries - 1))

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort)
      resolve()
    }, ms)
    if (signal?.aborted) abort()
    else signal?.addEventListener('abort', abort, { once: true })
  })
}
