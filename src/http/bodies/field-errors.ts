import type { TSchema } from '@sinclair/typebox'
import { type ValueError, ValueErrorType } from '@sinclair/typebox/errors'
import type { ValidationError } from 'elysia'
import type { FieldError } from '../../domain/errors.ts'
import { limits } from '../../limits.ts'
import { inQuery } from '../schemas.ts'
import { RefusedBody } from './stand-ins.ts'

const { fieldErrorsMax } = limits.http

/** Where a request breaks its schema. */
export function validationErrors(
  { type, validator, value }: ValidationError,
  url: string,
): readonly FieldError[] {
  if (value instanceof RefusedBody) return value.errors
  return 'Errors' in validator ? fieldErrors(validator.Errors(value), type, url) : []
}

/**
 * Where a part of a request breaks its schema, in our words: never with a value, nor with a name that the caller chose.
 */
export function fieldErrors(
  found: Iterable<ValueError>,
  part = 'body',
  url?: string,
): FieldError[] {
  const errors = new Map<string, string>()
  for (const { path, schema, type } of flattened(found)) {
    if (errors.size >= fieldErrorsMax) break
    const unknown = type === ValueErrorType.ObjectAdditionalProperties
    const pointer = `#${unknown ? path.slice(0, path.lastIndexOf('/')) : path}`
    if (errors.has(pointer)) continue
    const missing = type === ValueErrorType.ObjectRequiredProperty
    const rule = missing ? 'is required' : `must be ${schema['error']}`
    errors.set(
      pointer,
      unknown && url && part === 'query'
        ? unknownParameter(url, Object.keys(schema['properties']))
        : rule + placeOf(part, path.slice(1)),
    )
    // Of a list that is too long, the elements are not checked.
    if (type === ValueErrorType.ArrayMaxItems) break
  }
  return Array.from(errors, ([pointer, detail]) => ({ pointer, detail }))
}

/** For a value that is neither the object nor the other value that it may be, the errors of what it resembles. */
function* flattened(found: Iterable<ValueError>): Generator<ValueError> {
  for (const error of found) {
    const { type, value, schema, errors } = error
    const variants: TSchema[] = type === ValueErrorType.Union ? schema['anyOf'] : []
    const kinds = variants.map((variant) => variant['type'] === 'object')
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    const resembled = kinds.includes(true) ? errors[kinds.indexOf(isObject)] : undefined
    if (resembled) yield* flattened(resembled)
    else yield error
  }
}

/** Which part of the request a detail is about; without one it is the body. */
function placeOf(part: string, name: string): string {
  if (part === 'query') return inQuery(name)
  if (part === 'headers') return ` (${name} in the headers)`
  return part === 'params' ? ` (${name} in the path)` : ''
}

/** Identifies the parameter by its position, since its name is the caller's own input. */
function unknownParameter(url: string, known: readonly string[]): string {
  const names = [...new URL(url).searchParams.keys()]
  const place = ordinal(names.findIndex((name) => !known.includes(name)) + 1)
  const all = `known ${known.length === 1 ? 'is' : 'are'} ${known.join(', ')}`
  return `the ${place} parameter of the query is unknown; ${known.length > 0 ? all : 'this route takes none'}`
}

const suffixes: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' }
const ordinals = new Intl.PluralRules('en', { type: 'ordinal' })
const ordinal = (n: number) => `${n}${suffixes[ordinals.select(n)] ?? 'th'}`
