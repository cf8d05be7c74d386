// The schemas of values in requests and responses, which also describe them in the OpenAPI document.

import { OptionalKind, type TSchema, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { scopes } from '../domain/api-key.ts'
import { type ItemList, itemStatuses } from '../domain/item.ts'
import * as rules from '../domain/rules.ts'
import { limits } from '../limits.ts'

/**
 * What a schema requires: for the documentation and, as `error` after "must be", for a caller who breaks it. That
 * begins with the type of value. Without `error` Elysia would write the whole value into a message that nobody reads.
 */
export const described = (description: string, type = '') => ({
  description,
  error: type + description,
})

export const aString = 'a string: '

const stringBy = ({ pattern, description }: rules.Rule) =>
  Type.String({ pattern, ...described(description, aString) })

export const Item = stringBy(rules.item)
/** Of items. */
export const Prefix = Item
export const Requestor = stringBy(rules.requestor)
/** Of a requestor who asks for an item. */
export const Asking = stringBy(rules.asking)
export const Name = stringBy(rules.name)
export const Namespace = stringBy(rules.namespace)
/** The label of a batch is written like a namespace. */
export const Batch = Namespace
export const ApiKeyText = stringBy(rules.apiKey)
export const Slot = stringBy(rules.slot)
export const ReceiverUrl = Type.String({
  maxLength: limits.webhooks.urlMax,
  pattern: rules.receiverUrl.pattern,
  ...described(rules.receiverUrl.description, aString),
})
export const NamespacePrefix = stringBy(rules.namespace)

const { listedItemsMax } = limits.http
/** A list of a large body is text, which the JSON worker has checked. */
export const Items = Type.Unsafe<ItemList>(
  Type.Array(Item, {
    maxItems: listedItemsMax,
    ...described(`a list of at most ${listedItemsMax} items`),
  }),
)

/** One of these words. */
export const oneOf = <Word extends string>(words: readonly Word[]) =>
  Type.Unsafe<Word>(
    Type.Union(
      words.map((word) => Type.Literal(word)),
      described(listed(words, 'disjunction'), aString),
    ),
  )

const listed = (words: readonly string[], type: 'conjunction' | 'disjunction') =>
  new Intl.ListFormat('en-GB', { type }).format(words)

export const Scopes = Type.Array(oneOf(scopes), {
  minItems: 1,
  maxItems: scopes.length,
  uniqueItems: true,
  ...described(`a list of ${listed(scopes, 'conjunction')}, each at most once`),
})

export const Flag = Type.Boolean(described('true or false'))

/** The same in a query. */
export const QueryFlag = Type.Union([Type.Literal('true'), Type.Literal('false')], {
  ...described('true or false'),
  documentedAs: { type: 'boolean' },
})

export const utcTime = '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,3})?Z$'

/** A time that a caller gives; `timeOf` refuses those that do not exist. */
export const UtcTime = Type.String({
  pattern: utcTime,
  ...described('a time in UTC, written like 2030-01-31T23:59:59.000Z', aString),
})

/** A time as the API writes it: ISO 8601, UTC, with milliseconds. */
export const Time = Type.String({ format: 'date-time' })
export const iso = (time: number) => new Date(time).toISOString()
export const isoOrNull = (time: number | null) => (time === null ? null : iso(time))

export const Status = oneOf(itemStatuses)

export const Order = Type.Union(
  [Type.Literal('asc'), Type.Literal('desc')],
  described('asc or desc', aString),
)

const { pageMax } = limits.http
export const Limit = Type.String({
  pattern: '^([1-9][0-9]{0,2}|1000)$',
  ...described(`a whole number from 1 to ${pageMax}`),
  documentedAs: { type: 'integer', minimum: 1, maximum: pageMax },
})

export const Cursor = Type.String(described('a nextCursor of an earlier answer', aString))

/** Ends a detail about a query parameter, whose pointer could be that of a property of the body. */
export const inQuery = (name: string) => ` (${name} in the query)`

export const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])

/** A value of a body that may be null, for which `orNull` would have no words. */
export const nullable = <Schema extends TSchema>(schema: Schema) =>
  Type.Union([schema, Type.Null()], {
    description: String(schema['description']),
    error: `${schema['error']}, or null`,
  })

export const integer = (minimum: number, maximum: number) =>
  Type.Integer({ minimum, maximum, ...described(`a whole number from ${minimum} to ${maximum}`) })

/**
 * A JSON body with these properties, as part of a route's options. An optional property that is null counts as left
 * out, unless its schema gives null a meaning: many languages serialise it so. The hook runs after `jsonBody`, which
 * reads the body, and before validation.
 */
export const bodyOf = <Properties extends Record<string, TSchema>>(properties: Properties) => {
  const names = Object.entries(properties).flatMap(([name, schema]) =>
    OptionalKind in schema && !Value.Check(schema, null) ? name : [],
  )
  const leaveOutNulls = ({ body }: { body: unknown }) => {
    if (typeof body !== 'object' || body === null) return
    for (const name of names)
      if (Reflect.get(body, name) === null) Reflect.deleteProperty(body, name)
  }
  return { body: strict(properties), ...(names.length > 0 && { transform: leaveOutNulls }) }
}

/** An object with these properties and no others. */
export const strict = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Object(properties, {
    additionalProperties: false,
    ...described(`an object with no other properties than ${Object.keys(properties).join(', ')}`),
  })
