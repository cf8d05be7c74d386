import { limits } from '../limits.ts'

/**
 * The rule for a value, as a pattern and in words. The pattern means the same with and without the `u` flag.
 * The API and the legacy import apply the same rules.
 */
export type Rule = { pattern: string; description: string }

// One code point of well-formed Unicode, except control characters and U+FFFD. The second alternative is for
// patterns without the `u` flag: a surrogate pair is one character, and a lone surrogate none.
const character =
  '(?:[^\\u0000-\\u001F\\u007F-\\u009F\\uD800-\\uDFFF\\uFFFD]|[\\uD800-\\uDBFF][\\uDC00-\\uDFFF])'

const text = (max: number): Rule => ({
  pattern: `^(?=[\\s\\S]*\\S)${character}{1,${max}}$`,
  description: `1 to ${max} characters of well-formed Unicode, without control characters and U+FFFD, not only white space`,
})

const { itemMax, requestorMax, nameMax } = limits.values

export const item = text(itemMax)
export const requestor = text(requestorMax)
export const name = text(nameMax)

export const namespace: Rule = {
  pattern: '^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$',
  description: '1 to 128 of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit',
}

/** Must not begin with `key_`, as ids do: `DELETE /admin/api-keys/:apiKey` takes either. */
export const apiKey: Rule = {
  pattern: '^(?!key_)[\\x21-\\x7e]{1,255}$',
  description: '1 to 255 visible ASCII characters that do not begin with key_',
}
