/** Each code that a caller can meet; `http/middleware/problems.ts` has the HTTP status of each. */
export type ErrorCode =
  | 'malformed_body'
  | 'unauthenticated'
  | 'forbidden'
  | 'insufficient_scope'
  | 'not_found'
  | 'method_not_allowed'
  | 'conflict'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'invalid'
  | 'internal'
  | 'unavailable'

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
