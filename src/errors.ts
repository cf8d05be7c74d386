/** Each code a caller can meet, and the one HTTP status that goes with it. */
export const statusOf = {
  malformed_body: 400,
  unauthenticated: 401,
  forbidden: 403,
  insufficient_scope: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  invalid: 422,
  internal: 500,
  unavailable: 503,
} as const

export type ErrorCode = keyof typeof statusOf

/** A place in the request that breaks a rule; `pointer` is a JSON Pointer as a URI fragment (RFC 6901, 6). */
export type FieldError = { pointer: string; detail: string }

/**
 * The one error that is meant for callers. `detail` is shown to them: it never holds SQL, a path, an
 * item or anything that the caller sent. `cause` is for the log. Any other error is a bug.
 */
export class ZaasError extends Error {
  readonly code: ErrorCode
  readonly errors: readonly FieldError[]

  constructor(
    code: ErrorCode,
    detail: string,
    { errors = [], cause }: { errors?: readonly FieldError[]; cause?: unknown } = {},
  ) {
    super(detail, { cause })
    this.name = 'ZaasError'
    this.code = code
    this.errors = errors
  }
}

/** A 422 for one field of the request. */
export function invalid(field: string, detail: string): ZaasError {
  return new ZaasError('invalid', 'The request breaks a rule.', {
    errors: [{ pointer: `#/${field}`, detail }],
  })
}
