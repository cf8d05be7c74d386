import { type TSchema, Type } from '@sinclair/typebox'
import * as rules from '../domain/rules.ts'
import { limits } from '../limits.ts'

/**
 * What a schema asks for, in the documentation and, after "must be", for a caller who breaks it. As
 * `error` it keeps Elysia from writing the whole value into the message of an error that nobody sees.
 */
const rule = (description: string) => ({ description, error: description })

const ruled = ({ pattern, description }: rules.Rule) =>
  Type.String({ pattern, ...rule(description) })

export const Item = ruled(rules.item)
export const Requestor = ruled(rules.requestor)
export const Name = ruled(rules.name)
export const Namespace = ruled(rules.namespace)
export const ApiKeyText = ruled(rules.apiKey)

const { listedItemsMax } = limits.http
export const Items = Type.Array(Item, {
  maxItems: listedItemsMax,
  ...rule(`a list of at most ${listedItemsMax} items`),
})

export const Scopes = Type.Array(
  Type.Union(
    [Type.Literal('match'), Type.Literal('read'), Type.Literal('write')],
    rule('match, read or write'),
  ),
  {
    minItems: 1,
    maxItems: 3,
    uniqueItems: true,
    ...rule('a list of match, read and write, each at most once'),
  },
)

export const Flag = Type.Boolean(rule('true or false'))

export const ExpiresAt = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,3})?Z$',
  ...rule('a time in UTC, written like 2030-01-31T23:59:59.000Z'),
})

/** A time as the API writes it: ISO 8601, UTC, with milliseconds. */
export const Time = Type.String({ format: 'date-time' })
export const iso = (time: number) => new Date(time).toISOString()
export const isoOrNull = (time: number | null) => (time === null ? null : iso(time))

export const Status = Type.Union(
  [Type.Literal('available'), Type.Literal('matched')],
  rule('available or matched'),
)

export const Order = Type.Union([Type.Literal('asc'), Type.Literal('desc')], rule('asc or desc'))

const { pageMax } = limits.http
export const Limit = Type.String({
  pattern: '^([1-9][0-9]{0,2}|1000)$',
  ...rule(`a whole number from 1 to ${pageMax}`),
  documentedAs: { type: 'integer', minimum: 1, maximum: pageMax },
})

export const Cursor = Type.String(rule('a nextCursor of an earlier answer'))

export const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])

/** An object that takes no other properties than these. */
export const strict = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Object(properties, {
    additionalProperties: false,
    ...rule(`an object with no other properties than ${Object.keys(properties).join(', ')}`),
  })
