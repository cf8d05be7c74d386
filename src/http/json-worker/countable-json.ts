import { limits } from '../../limits.ts'

const { jsonLevelsMax, jsonValuesMax, listedItemsMax } = limits.http

/**
 * Returns a JSON text without what need not be parsed, or null if it has more than `limits.http.jsonValuesMax`
 * values (an empty list or object counts as two). Cuts each list after the first element that is too many for
 * every route, because parsed values can take ten times the memory of their text.
 */
export function countableJson(json: string): string | null {
  const commas = new Uint32Array(jsonLevelsMax + 1)
  const kept: string[] = []
  let [values, level, inString, keptTo, cutLevel] = [1, 0, false, 0, Number.POSITIVE_INFINITY]
  for (let at = 0; at < json.length; at++) {
    const unit = json.charCodeAt(at)
    if (unit === quote) inString = !inString
    else if (inString) at += unit === backslash ? 1 : 0
    else if (unit === comma) {
      values++
      const count = (commas[level] ?? 0) + 1
      commas[level] = count
      if (count === listedItemsMax + 1 && level < cutLevel) {
        kept.push(json.slice(keptTo, at))
        cutLevel = level
      }
    } else if (opens(unit)) {
      values++
      // The parser rejects it.
      if (++level > jsonLevelsMax) return json
      commas[level] = 0
    } else if (closes(unit)) {
      if (level === cutLevel) {
        keptTo = at
        cutLevel = Number.POSITIVE_INFINITY
      }
      level = Math.max(0, level - 1)
    }
    if (values > jsonValuesMax) return null
  }
  if (kept.length === 0) return json
  return kept.join('') + (cutLevel === Number.POSITIVE_INFINITY ? json.slice(keptTo) : '')
}

const code = (character: string) => character.charCodeAt(0)
const [quote, backslash, comma] = [code('"'), code('\\'), code(',')]
const opens = (unit: number) => unit === code('[') || unit === code('{')
const closes = (unit: number) => unit === code(']') || unit === code('}')
