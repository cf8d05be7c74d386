import { STATUS_CODES } from 'node:http'
import { Type } from '@sinclair/typebox'
import { ValueErrorType } from '@sinclair/typebox/errors'
import { Elysia, ValidationError } from 'elysia'
import type { Logger } from 'pino'
import { type ErrorCode, type FieldError, ZaasError } from '../../domain/errors.ts'
import { limits } from '../../limits.ts'
import { methodFinder, type Route } from './allowed-methods.ts'

/** The HTTP status of each code that a caller can meet. */
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
} as const satisfies Record<ErrorCode, number>

const { fieldErrorsMax, retryAfterSeconds } = limits.http
const problemType = 'application/problem+json'
export const internalDetail = 'Something went wrong here; it has been logged.'

/** The body of every error: RFC 9457 problem details, and `code` to tell them apart by. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String({ enum: Object.keys(statusOf) }),
  requestId: Type.String(),
  errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }))),
})

/** The part of a route's `response` that says which errors it can answer with. */
export const problemsOf = <Status extends number>(...statuses: Status[]) =>
  Object.fromEntries(statuses.map((status) => [status, Problem])) as Record<Status, typeof Problem>

/**
 * The one place where an error becomes an answer. A ZaasError says what callers may know; anything
 * else is a bug: logged whole, answered 500 `internal`.
 */
export const problems = ({ log, routes }: { log: Logger; routes: readonly Route[] }) => {
  const methodsOf = methodFinder(routes)
  return new Elysia().onError({ as: 'global' }, ({ error, code, request, set }) => {
    const requestId = String(set.headers['x-request-id'])
    const known =
      error instanceof ZaasError
        ? error
        : error instanceof ValidationError && error.type !== 'response'
          ? new ZaasError('invalid', 'The request breaks a rule.', { errors: fieldErrors(error) })
          : code === 'NOT_FOUND'
            ? unknownRoute(methodsOf(new URL(request.url).pathname), set.headers)
            : new ZaasError('internal', internalDetail, { cause: withoutValues(error) })
    const status = statusOf[known.code]
    if (status >= 500)
      log.error({ requestId, code: known.code, err: known.cause ?? known }, 'failed')
    if (status === 503) set.headers['retry-after'] = String(retryAfterSeconds)
    set.status = status
    set.headers['content-type'] = problemType
    return problemOf(known, requestId)
  })
}

/** For what goes wrong outside of the routes, where no other answer can be made. */
export function fallbackResponse(log: Logger, requestId: string, err: unknown): Response {
  log.error({ requestId, err }, 'failed outside of the routes')
  const problem = problemOf(new ZaasError('internal', internalDetail), requestId)
  return Response.json(problem, {
    status: problem.status,
    headers: {
      'content-type': problemType,
      'cache-control': 'no-store',
      'x-request-id': requestId,
    },
  })
}

/** The problem document of an error. */
export function problemOf({ code, message, errors }: ZaasError, requestId: string) {
  const status = statusOf[code]
  return {
    type: 'about:blank',
    title: String(STATUS_CODES[status]),
    status,
    detail: message,
    code,
    requestId,
    ...(errors.length > 0 && { errors }),
  }
}

function unknownRoute(allowed: string[], headers: Record<string, string | number>): ZaasError {
  if (allowed.length === 0) return new ZaasError('not_found', 'There is no such route.')
  headers['allow'] = allowed.join(', ')
  return new ZaasError('method_not_allowed', `This route allows ${allowed.join(', ')}.`)
}

/** An answer that breaks its own schema has items in its message, which are not for the log. */
const withoutValues = (error: unknown) =>
  error instanceof ValidationError ? new Error('An answer breaks its schema.') : error

/** Where a request breaks its schema, in our words: never the value, never a name the caller made up. */
function fieldErrors(error: ValidationError): FieldError[] {
  const errors = new Map<string, string>()
  const found = 'Errors' in error.validator ? error.validator.Errors(error.value) : []
  for (const { path, schema, type } of found) {
    if (errors.size >= fieldErrorsMax) break
    const unknown = type === ValueErrorType.ObjectAdditionalProperties
    const pointer = `#${unknown ? path.slice(0, path.lastIndexOf('/')) : path}`
    const missing = type === ValueErrorType.ObjectRequiredProperty
    const detail = missing ? 'is required' : `must be ${schema.description}`
    if (!errors.has(pointer)) errors.set(pointer, detail)
    // What is too long is not walked through for what else is wrong with it.
    if (type === ValueErrorType.ArrayMaxItems) break
  }
  return Array.from(errors, ([pointer, detail]) => ({ pointer, detail }))
}
