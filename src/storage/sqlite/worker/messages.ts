import { type ErrorCode, type FieldError, ZaasError } from '../../../domain/errors.ts'
import type { OperationName } from '../../../domain/store.ts'
import type { Arguments } from '../../engine/operations.ts'

// What passes between the thread that serves HTTP and the thread of a database file: a list of messages one
// way, a list of replies the other. Both are JSON, because Bun passes strings without copying them; JSON
// drops properties that are `undefined`.

export type Call<Name extends OperationName = OperationName> = {
  id: number
  name: Name
  args: Arguments[Name]
}

/** What the first and the last message say. */
export type Command = { open: string } | { close: true }
/** The reply to the first. */
export type Opened = { created: boolean }
export type Message<Name extends OperationName = OperationName> =
  | Call<Name>
  | (Command & { id: number })

/** `value` has the outcome type of the call with this id, unless there is an error. */
export type Reply<Value> = { id: number; value: Value; error?: ErrorJson }

/** For the log. */
export type Line = { line: string }

export type ErrorJson = {
  name: string
  message: string
  stack?: string
  code?: ErrorCode
  errors?: readonly FieldError[]
  cause?: ErrorJson
}

export function errorToJson(error: unknown): ErrorJson {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  return {
    name: error.name,
    message: error.message,
    ...(error.stack && { stack: error.stack }),
    ...(error instanceof ZaasError && { code: error.code, errors: error.errors }),
    ...(error.cause !== undefined && { cause: errorToJson(error.cause) }),
  }
}

/** Recreates the error: a ZaasError if it was one, else an Error of the same name. */
export function errorFromJson({ name, message, stack, code, errors, cause }: ErrorJson): Error {
  const options = { errors: errors ?? [], cause: cause && errorFromJson(cause) }
  const error = code ? new ZaasError(code, message, options) : new Error(message, options)
  error.name = name
  if (stack) error.stack = stack
  return error
}
