import { notJson, type Parsed, parseJson } from './json.ts'
import { withTexts } from './json-texts.ts'

/** How a body is read. `hasData`: the `data` of objects in its lists becomes a string with its text, see `withTexts`. */
export type ReadBody = {
  hasData?: boolean | undefined
  /** Is told how much data was parsed, to check it: that is garbage. */
  onChecked?: (length: number) => void
  /** May cut what need not be parsed, or return null for a text that has `tooMany` values. */
  shorten?: (json: string) => string | null
}

/** Parses UTF-8 JSON as `parseJson` does. */
export function parseBytes(
  bytes: Uint8Array,
  { hasData = false, onChecked, shorten = (json) => json }: ReadBody = {},
): Parsed & { tooMany?: boolean } {
  let json: string
  try {
    json = utf8.decode(bytes)
  } catch {
    return { fault: notJson }
  }
  const read = hasData ? withTexts(json, 3, dataName, onChecked) : { json }
  if ('fault' in read) return read
  const shortened = shorten(read.json)
  return shortened === null ? { tooMany: true } : parseJson(shortened)
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
const dataName = new Set(['data'])
