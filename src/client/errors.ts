import type { components } from './api.ts'

type Problem = components['schemas']['Problem']

/** What zaas says went wrong, or that nothing of zaas came back. */
export type ErrorCode = Problem['code'] | 'timeout' | 'unreachable' | 'unexpected'

/** A place in the request that breaks a rule; `pointer` is a JSON Pointer as a URI fragment. */
export type FieldError = NonNullable<Problem['errors']>[number]

/**
 * Why a call failed. `timeout` and `unreachable` have no status, and leave open whether the call had its
 * effect; `unexpected` is an answer that is not from zaas, such as a proxy's.
 */
export class ZaasClientError extends Error {
  override readonly name = 'ZaasClientError'
  readonly code: ErrorCode
  readonly status: number | undefined
  /** Names the request in zaas's log. */
  readonly requestId: string | undefined
  readonly errors: readonly FieldError[]
  /** How long zaas asks to wait before the next try. */
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, { cause, response, problem }: Source = {}) {
    super(message, { cause })
    this.code = code
    this.status = response?.status
    this.requestId = problem?.requestId ?? response?.headers.get('x-request-id') ?? undefined
    this.errors = problem?.errors ?? []
    this.retryAfterMs = response && retryAfterMsOf(response)
  }

  /** Whether the same call may go better in a moment. */
  get passing(): boolean {
    const { code, status = 0 } = this
    const fromProxy = code === 'unexpected' && passingStatuses.includes(status)
    return code === 'timeout' || code === 'unreachable' || code === 'unavailable' || fromProxy
  }
}

type Source = { cause?: unknown; response?: Response; problem?: Problem }

const passingStatuses = [429, 502, 503, 504]

/**
 * The error that an answer tells; `body` is what its JSON says, undefined if it is none. It serves calls
 * made without the client, such as an upload that shows how far it is.
 */
export function errorOf(response: Response, body: unknown): ZaasClientError {
  if (isProblem(body)) {
    return new ZaasClientError(body.code, body.detail, { response, problem: body })
  }
  const message = `The answer, with status ${response.status}, is not from zaas.`
  return new ZaasClientError('unexpected', message, { response })
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && 'requestId' in body

/** Seconds, or a date (RFC 9110, 10.2.3). */
function retryAfterMsOf({ headers }: Response): number | undefined {
  const value = headers.get('retry-after')
  if (value === null) return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(ms, 0)
}
