import { limits } from '../../limits.ts'

const { jsonLevelsMax, jsonNamesMax } = limits.http

export type Parsed = { value?: unknown; fault?: string }

/**
 * Parses JSON within bounds, and returns the value or what is wrong with the text. An object with a repeated name
 * is rejected, since parsers disagree about it (RFC 8259, section 4; RFC 7493, section 2.3).
 */
export function parseJson(json: string): Parsed {
  const names = countNames(json)
  if (names === 'too deep') return { fault: `nests deeper than ${jsonLevelsMax} levels` }
  if (names === 'too many') return { fault: `has more than ${jsonNamesMax} unknown names` }
  try {
    const value: unknown = JSON.parse(json)
    return names === countMembers(value) ? { value } : { fault: repeatedName }
  } catch {
    return { fault: notJson }
  }
}

export const notJson = 'is not JSON in UTF-8'
export const repeatedName = 'has an object with a repeated name'

/**
 * Counts the names in a JSON text: its colons outside strings. Stops at the bounds on unknown names and on nesting,
 * which RFC 8259, section 9 allows: what parses in an instant can take minutes to validate.
 */
function countNames(json: string): number | 'too deep' | 'too many' {
  let [names, unknown, levels, inString, start, end] = [0, 0, 0, false, 0, 0]
  for (let i = 0; i < json.length; i++) {
    const unit = json.charCodeAt(i)
    if (unit === quote) {
      if (inString) end = i
      else start = i + 1
      inString = !inString
    } else if (inString) i += unit === backslash ? 1 : 0
    else if (unit === colon) {
      names++
      if (!namesInLists.has(json.slice(start, end))) unknown++
    } else if (unit === openList || unit === openObject) levels++
    else if (unit === closeList || unit === closeObject) levels--
    if (levels > jsonLevelsMax) return 'too deep'
    if (unknown > jsonNamesMax) return 'too many'
  }
  return names
}

/** What objects in the lists of bodies have: as often as there are objects. */
const namesInLists = new Set(['item', 'data', 'expiresAt', 'requestor', 'slot'])

const code = (character: string) => character.charCodeAt(0)
const [quote, backslash, colon] = [code('"'), code('\\'), code(':')]
const [openList, openObject, closeList, closeObject] = [code('['), code('{'), code(']'), code('}')]

/** Counts the members of all objects in a value, in which a repeated name has left only one. */
export function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const inner: unknown[] = Array.isArray(value) ? value : Object.values(value)
  let members = inner === value ? 0 : inner.length
  for (const child of inner) if (typeof child === 'object') members += countMembers(child)
  return members
}
