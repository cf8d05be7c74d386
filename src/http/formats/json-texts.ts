import { limits } from '../../limits.ts'
import { countMembers, notJson, repeatedName } from './json.ts'

const { jsonLevelsMax, listedItemsMax } = limits.http
const { dataBytesMax } = limits.values

/** In the place of a value that is too long, or not well-formed Unicode, or has U+0000: no JSON text is empty. */
export const unusable = ''

/**
 * Replaces the values of these names, in objects at this level of a JSON text (1: the outermost), by strings with their
 * own text: as it was sent, without the white space between its tokens. `JSON.parse` would change it: it sorts names
 * that look like integers, and rounds numbers. Null stays. A text of more than `limits.values.dataBytesMax` becomes
 * `unusable`, unparsed. Only as many values are replaced as a valid body can have. `onChecked` is told the length of
 * each text that was parsed to check it.
 */
export function withTexts(
  json: string,
  level: number,
  names: ReadonlySet<string>,
  onChecked: (length: number) => void = () => {},
): { json: string } | { fault: string } {
  const kept: string[] = []
  let [keptTo, depth, nameStart, nameEnd] = [0, 0, 0, 0]
  for (let at = 0; at < json.length && kept.length < 2 * textsMax; at++) {
    const unit = json.charCodeAt(at)
    if (unit === quote) {
      nameStart = at
      at = stringEnd(json, at)
      nameEnd = at + 1
    } else if (opens(unit)) depth++
    else if (closes(unit)) depth--
    else if (unit === colon && depth === level && isOneOf(names, json.slice(nameStart, nameEnd))) {
      const value = valueAt(json, at + 1, depth)
      if ('fault' in value) return value
      onChecked(value.text.length)
      at = value.end - 1
      if (value.text === 'null') continue
      kept.push(json.slice(keptTo, value.start), JSON.stringify(value.text))
      keptTo = value.end
    }
  }
  return { json: kept.length === 0 ? json : kept.join('') + json.slice(keptTo) }
}

/** The text of a JSON object without the white space between its tokens; undefined for what `withTexts` would not take. */
export function objectText(json: string): string | undefined {
  const value = valueAt(json, 0, 1)
  if ('fault' in value || value.end < json.length) return undefined
  return value.text.startsWith('{') ? value.text : undefined
}

/** A PATCH has two lists of items with data. */
const textsMax = 2 * listedItemsMax

function isOneOf(names: ReadonlySet<string>, quoted: string): boolean {
  if (!quoted.includes('\\')) return names.has(quoted.slice(1, -1))
  try {
    return names.has(JSON.parse(quoted))
  } catch {
    // The parser rejects it.
    return false
  }
}

type TextAt = { start: number; end: number; text: string }

/** The value that begins at `from`, in an object at level `depth`. */
function valueAt(json: string, from: number, depth: number): TextAt | { fault: string } {
  let [at, levels, names] = [from, 0, 0]
  while (isSpace(json.charCodeAt(at))) at++
  const start = at
  const parts: string[] = []
  let partStart = start
  for (; at < json.length; at++) {
    const unit = json.charCodeAt(at)
    if (unit === quote) at = stringEnd(json, at)
    else if (opens(unit)) levels++
    else if (levels === 0 && (unit === comma || closes(unit))) break
    else if (closes(unit)) levels--
    else if (unit === colon) names++
    else if (isSpace(unit)) {
      parts.push(json.slice(partStart, at))
      partStart = at + 1
    }
    if (depth + levels > jsonLevelsMax)
      return { fault: `nests deeper than ${jsonLevelsMax} levels` }
  }
  parts.push(json.slice(partStart, at))
  const text = parts.join('')
  if (Buffer.byteLength(text) > dataBytesMax) return { start, end: at, text: unusable }
  // Not the text, which may be valid where the value is not: white space separates.
  return checkText(json.slice(start, at), names, { start, end: at, text })
}

function checkText(json: string, names: number, found: TextAt): TextAt | { fault: string } {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return { fault: notJson }
  }
  if (names !== countMembers(value)) return { fault: repeatedName }
  // Only an escape can be what is not allowed: the bytes were UTF-8.
  return json.includes('\\u') && hasBadText(value) ? { ...found, text: unusable } : found
}

function hasBadText(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed()
  if (typeof value !== 'object' || value === null) return false
  return [...Object.keys(value), ...Object.values(value)].some(hasBadText)
}

/** The place of the quote that ends the string which begins at `start`. */
function stringEnd(json: string, start: number): number {
  let at = start + 1
  for (; at < json.length; at++) {
    const unit = json.charCodeAt(at)
    if (unit === quote) break
    if (unit === backslash) at++
  }
  return at
}

const code = (character: string) => character.charCodeAt(0)
const [quote, backslash, comma, colon] = [code('"'), code('\\'), code(','), code(':')]
const [space, tab, lineFeed, carriageReturn] = [code(' '), code('\t'), code('\n'), code('\r')]
const isSpace = (unit: number) =>
  unit === space || unit === tab || unit === lineFeed || unit === carriageReturn
const [openList, openObject, closeList, closeObject] = [code('['), code('{'), code(']'), code('}')]
const opens = (unit: number) => unit === openList || unit === openObject
const closes = (unit: number) => unit === closeList || unit === closeObject
