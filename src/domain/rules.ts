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

const { urlMax } = limits.webhooks
const { itemMax, requestorMax, nameMax, namespaceMax, apiKeyMax, slotMax } = limits.values

export const item = text(itemMax)
export const requestor = text(requestorMax)

/**
 * Who may ask for an item: nobody by the name of a requestor that was forgotten (`domain/history.ts`), nor by one that
 * becomes such a name where requestors are folded.
 */
export const asking: Rule = {
  pattern: `^(?!\\s*[Ff][Oo][Rr][Gg][Oo][Tt][Tt][Ee][Nn]:)${requestor.pattern.slice(1)}`,
  description: `${requestor.description}, not beginning with forgotten:`,
}
export const name = text(nameMax)

// Byte order mark, zero-width space, word joiner, soft hyphen; marks, embeddings and isolates of text direction.
export const invisible = '\\uFEFF\\u200B\\u2060\\u00AD\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069'

/**
 * What a new item must be in addition to `item`: people paste codes, and an invisible twin of a code is a second
 * code. `\s` is Unicode's White_Space except U+0085, which is a control character.
 */
export const newItem: Rule = {
  pattern: `^(?!\\s)[^${invisible}]*(?<!\\s)$`,
  description:
    'without white space at either end and without the invisible characters U+FEFF, U+200B, U+2060, U+00AD, ' +
    'U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069',
}

export const namespace: Rule = {
  pattern: `^[A-Za-z0-9][A-Za-z0-9._~-]{0,${namespaceMax - 1}}$`,
  description: `1 to ${namespaceMax} of the characters A-Z a-z 0-9 . _ ~ -, the first a letter or a digit`,
}

/** What of its several items a requestor asks for. */
export const slot: Rule = {
  pattern: `^[A-Za-z0-9._~:-]{1,${slotMax}}$`,
  description: `1 to ${slotMax} of the characters A-Z a-z 0-9 . _ ~ : -`,
}

/** The address of a receiver of webhooks. `https` is checked with what it leads to. */
export const receiverUrl: Rule = {
  pattern: `^https?://[^\\\\@#\\x00-\\x20\\x7f-\\uffff/?]+(?:[/?][^\\\\#\\x00-\\x20\\x7f-\\uffff]*)?$`,
  description: `an absolute https:// URL of at most ${urlMax} characters in ASCII, without a user name, a password or a fragment`,
}

/** Must not begin with `key_`, as ids do: `DELETE /admin/api-keys/:apiKey` takes either. */
export const apiKey: Rule = {
  pattern: `^(?!key_)[\\x21-\\x7e]{1,${apiKeyMax}}$`,
  description: `1 to ${apiKeyMax} visible ASCII characters that do not begin with key_`,
}
