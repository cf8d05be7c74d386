import { type ErrorCode, ZaasError } from '../../../domain/errors.ts'
import type { OperationName } from '../../../domain/store.ts'
import type { Arguments } from '../../engine/operations.ts'

// A list of calls goes to the thread, and a list of replies comes back, as JSON: Bun passes strings on without
// a copy. `undefined` is lost on the way.

export type Call<Name extends OperationName = OperationName> = {
  id: number
  name: Name
  args: Arguments[Name]
}

/** The first call is `open`, and the last `close`. */
export type Message =
  | Call
  | { id: number; name: 'open'; url: string }
  | { id: number; name: 'close' }

/** `value` is what the operation returned, of whatever type: whoever receives it takes it as it is. */
export type Reply<Value> = { id: number; value: Value; error?: Failure }

export type Failure = {
  name: string
  message: string
  stack?: string
  code?: ErrorCode
  cause?: Failure
}

/** What is sent of an error. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  return {
    name: error.name,
    message: error.message,
    ...(error.stack && { stack: error.stack }),
    ...(error instanceof ZaasError && { code: error.code }),
    ...(error.cause !== undefined && { cause: failureOf(error.cause) }),
  }
}

/** The error, made anew. */
export function errorOf({ name, message, stack, code, cause }: Failure): Error {
  const options = { cause: cause && errorOf(cause) }
  const error = code ? new ZaasError(code, message, options) : new Error(message, options)
  error.name = name
  if (stack) error.stack = stack
  return error
}
