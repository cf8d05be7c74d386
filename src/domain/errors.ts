/** Every error code that callers can get; `http/middleware/problems.ts` maps them to HTTP statuses. */
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

/** A part of the request that breaks a rule; `pointer` is a JSON Pointer as a URI fragment (RFC 6901, section 6). */
export type FieldError = { pointer: string; detail: string }

/**
 * The one error class meant for callers; any other error is a bug. Callers see `detail`, so it never contains
 * SQL, a path, an item or anything that the caller sent. `cause` goes to the log only.
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

/** The error for one invalid field of a request. */
export function invalid(field: string, detail: string): ZaasError {
  return invalidIn([{ pointer: `#/${field}`, detail }])
}

/** The error for several places of a request. */
export const invalidIn = (errors: readonly FieldError[]) =>
  new ZaasError('invalid', 'The request breaks a rule.', { errors })
