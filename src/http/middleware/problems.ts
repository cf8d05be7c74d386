// Turns errors into responses: problem details (RFC 9457).

import { STATUS_CODES } from 'node:http'
import { Type } from '@sinclair/typebox'
import { Elysia, ValidationError } from 'elysia'
import type { Logger } from 'pino'
import { type ErrorCode, invalidIn, ZaasError } from '../../domain/errors.ts'
import { limits } from '../../limits.ts'
import { validationErrors } from '../bodies/field-errors.ts'
import type { Peer } from '../server/peer.ts'
import { traceOf } from '../trace-context.ts'
import { logPeer } from './access-log.ts'
import type { MethodFinder } from './allowed-methods.ts'
import { challengeTo } from './auth.ts'

/** The HTTP status of each error code. */
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

const { retryAfterSeconds } = limits.http
const problemType = 'application/problem+json'
export const internalDetail = 'Something went wrong here; it has been logged.'

/** The body of every error: problem details (RFC 9457), with a `code` for programs. */
export const Problem = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String(),
  code: Type.String({ enum: Object.keys(statusOf) }),
  requestId: Type.String(),
  errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }))),
})

/** The part of a route's `response` schema for the errors that it can answer with. */
export const problemsOf = <Status extends number>(...statuses: Status[]) =>
  Object.fromEntries(statuses.map((status) => [status, Problem])) as Record<Status, typeof Problem>

type Deps = { log: Logger; peerOf: (request: Request) => Peer; methodsOf: MethodFinder }

/**
 * The only place where errors become responses. A ZaasError says what callers may know; anything else is a bug,
 * logged in full and answered with 500 `internal`.
 */
export const problems = ({ log, peerOf, methodsOf }: Deps) =>
  new Elysia().onError({ as: 'global' }, ({ error, code, request, set }) => {
    const requestId = String(set.headers['x-request-id'])
    const zaasError =
      code === 'NOT_FOUND'
        ? unknownRoute(methodsOf(new URL(request.url).pathname), set.headers)
        : toZaasError(error, request.url)
    const status = statusOf[zaasError.code]
    if (status >= 500)
      log.error(
        {
          ...{ requestId, ...traceOf(request.headers), code: zaasError.code },
          err: zaasError.cause ?? zaasError,
        },
        'failed',
      )
    if (status === 401) {
      set.headers['www-authenticate'] = challengeTo(request.headers)
      // Now, because after the response Bun does not know the address any more.
      logPeer(request, peerOf(request))
    }
    if (status === 503) set.headers['retry-after'] = String(retryAfterSeconds)
    set.status = status
    set.headers['content-type'] = problemType
    return problemOf(zaasError, requestId)
  })

/** The response to an error outside the routes, where `problems` does not apply. */
export function fallbackResponse(log: Logger, requestId: string, err: unknown): Response {
  log.error({ requestId, err }, 'failed outside of the routes')
  const problem = problemOf(new ZaasError('internal', internalDetail), requestId)
  return Response.json(problem, {
    status: problem.status,
    headers: {
      'content-type': problemType,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': requestId,
    },
  })
}

/** The problem document for an error. */
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

/** A ZaasError as it is, a request that breaks its schema as `invalid`, and anything else as `internal`. */
function toZaasError(error: unknown, url: string): ZaasError {
  if (error instanceof ZaasError) return error
  if (error instanceof ValidationError && error.type !== 'response') {
    return invalidIn(validationErrors(error, url))
  }
  return new ZaasError('internal', internalDetail, { cause: withoutValues(error) })
}

function unknownRoute(allowed: string[], headers: Record<string, string | number>): ZaasError {
  if (allowed.length === 0) return new ZaasError('not_found', 'There is no such route.')
  headers['allow'] = allowed.join(', ')
  return new ZaasError('method_not_allowed', `This route allows ${allowed.join(', ')}.`)
}

/** The message of a response that breaks its own schema contains items, which must not be logged. */
const withoutValues = (error: unknown) =>
  error instanceof ValidationError ? new Error('An answer breaks its schema.') : error
