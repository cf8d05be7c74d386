import { type TSchema, Type } from '@sinclair/typebox'

/**
 * What a schema asks for, in the documentation and, after "must be", for a caller who breaks it. As
 * `error` it keeps Elysia from writing the whole value into the message of an error that nobody sees.
 */
const rule = (description: string) => ({ description, error: description })

// Well-formed Unicode without control characters and U+FFFD, counted in code points. The second
// alternative makes it the same with and without the `u` flag: surrogates only count in pairs.
const character =
  '(?:[^\\u0000-\\u001F\\u007F-\\u009F\\uD800-\\uDFFF\\uFFFD]|[\\uD800-\\uDBFF][\\uDC00-\\uDFFF])'

const text = (max: number) =>
  Type.String({
    pattern: `^(?=[\\s\\S]*\\S)${character}{1,${max}}$`,
    ...rule(
      `1 to ${max} characters of well-formed Unicode, without control characters and U+FFFD, not only white space`,
    ),
  })

export const Item = text(1_024)
export const Requestor = text(255)
export const Name = text(255)

const itemsMax = 100_000
export const Items = Type.Array(Item, {
  maxItems: itemsMax,
  ...rule(`a list of at most ${itemsMax} items`),
})

export const Namespace = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$',
  ...rule('1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit'),
})

/** `key_` begins the ids of keys, which stand in the same place of a path. */
export const ApiKeyText = Type.String({
  pattern: '^(?!key_)[\\x21-\\x7e]{1,255}$',
  ...rule('1 to 255 visible ASCII characters that do not begin with key_'),
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

const limitMax = 1_000
export const Limit = Type.String({
  pattern: '^([1-9][0-9]{0,2}|1000)$',
  ...rule(`a whole number from 1 to ${limitMax}`),
})

export const Cursor = Type.String(rule('a nextCursor of an earlier answer'))

export const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])

/** An object that takes no other properties than these. */
export const strict = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Object(properties, {
    additionalProperties: false,
    ...rule(`an object with no other properties than ${Object.keys(properties).join(', ')}`),
  })
