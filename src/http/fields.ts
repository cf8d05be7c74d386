import { type TSchema, Type } from '@sinclair/typebox'

// A `description` here is also what a caller reads after "must be" when a value breaks the schema.

// Well-formed Unicode without control characters and U+FFFD, counted in code points. The second
// alternative makes it the same with and without the `u` flag: surrogates only count in pairs.
const character =
  '(?:[^\\u0000-\\u001F\\u007F-\\u009F\\uD800-\\uDFFF\\uFFFD]|[\\uD800-\\uDBFF][\\uDC00-\\uDFFF])'

const text = (max: number) =>
  Type.String({
    pattern: `^(?=[\\s\\S]*\\S)${character}{1,${max}}$`,
    description: `1 to ${max} characters of well-formed Unicode, without control characters and U+FFFD, not only white space`,
  })

export const Item = text(1_024)
export const Requestor = text(255)
export const Name = text(255)

export const itemsMax = 100_000
export const Items = Type.Array(Item, {
  maxItems: itemsMax,
  description: `a list of at most ${itemsMax} items`,
})

export const Namespace = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$',
  description: '1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit',
})

/** `key_` begins the ids of keys, which stand in the same place of a path. */
export const ApiKeyText = Type.String({
  pattern: '^(?!key_)[\\x21-\\x7e]{1,255}$',
  description: '1 to 255 visible ASCII characters that do not begin with key_',
})

export const Scopes = Type.Array(
  Type.Union([Type.Literal('match'), Type.Literal('read'), Type.Literal('write')]),
  {
    minItems: 1,
    uniqueItems: true,
    description: 'a list of match, read and write, each at most once',
  },
)

export const Flag = Type.Boolean({ description: 'true or false' })

export const ExpiresAt = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,3})?Z$',
  description: 'a time in UTC, written like 2030-01-31T23:59:59.000Z',
})

/** A time as the API writes it: ISO 8601, UTC, with milliseconds. */
export const Time = Type.String({ format: 'date-time' })
export const iso = (time: number) => new Date(time).toISOString()
export const isoOrNull = (time: number | null) => (time === null ? null : iso(time))

export const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])

/** An object that takes no other properties than these. */
export const strict = <Properties extends Record<string, TSchema>>(properties: Properties) =>
  Type.Object(properties, {
    additionalProperties: false,
    description: `an object with no other properties than ${Object.keys(properties).join(', ')}`,
  })
