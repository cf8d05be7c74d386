import { limits } from '../../limits.ts'

const { jsonLevelsMax, jsonNamesMax } = limits.http

type Parsed = { value?: unknown; fault?: string }

/**
 * Parses UTF-8 JSON as `parseJson` does. `shorten` may cut what need not be parsed, or return null for a text that
 * has `tooMany` values.
 */
export function parseBytes(
  bytes: Uint8Array,
  shorten: (json: string) => string | null = (json) => json,
): Parsed & { tooMany?: boolean } {
  let json: string
  try {
    json = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return { fault: notJson }
  }
  const shortened = shorten(json)
  return shortened === null ? { tooMany: true } : parseJson(shortened)
}

const notJson = 'is not JSON in UTF-8'

/**
 * Parses JSON within bounds, and returns the value or what is wrong with the text. An object with a repeated name
 * is rejected, since parsers disagree about it (RFC 8259, section 4; RFC 7493, section 2.3).
 */
export function parseJson(json: string): Parsed {
  const names = countNames(json)
  if (names === 'too deep') return { fault: `nests deeper than ${jsonLevelsMax} levels` }
  if (names === 'too many') return { fault: `has more than ${jsonNamesMax} names` }
  try {
    const value: unknown = JSON.parse(json)
    return names === countMembers(value)
      ? { value }
      : { fault: 'has an object with a repeated name' }
  } catch {
    return { fault: notJson }
  }
}

/**
 * Counts the names in a JSON text: its colons outside strings. Stops at the bounds on names and on nesting, which
 * RFC 8259, section 9 allows: what parses in an instant can take minutes to validate.
 */
function countNames(json: string): number | 'too deep' | 'too many' {
  let [names, levels, inString] = [0, 0, false]
  for (let i = 0; i < json.length; i++) {
    const unit = json.charCodeAt(i)
    if (unit === code('"')) inString = !inString
    else if (inString) i += unit === code('\\') ? 1 : 0
    else if (unit === code(':')) names++
    else if (unit === code('[') || unit === code('{')) levels++
    else if (unit === code(']') || unit === code('}')) levels--
    if (levels > jsonLevelsMax) return 'too deep'
    if (names > jsonNamesMax) return 'too many'
  }
  return names
}

const code = (character: string) => character.charCodeAt(0)

/** Counts the members of all objects in a value, in which a repeated name has left only one. */
function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const inner: unknown[] = Array.isArray(value) ? value : Object.values(value)
  let members = inner === value ? 0 : inner.length
  for (const child of inner) if (typeof child === 'object') members += countMembers(child)
  return members
}
