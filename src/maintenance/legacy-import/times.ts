const first = Date.UTC(2000)
const last = Date.UTC(2100)
const form =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i

/**
 * The Unix milliseconds of a time as the legacy zaas, or a hand, may have written it: ISO 8601 or SQLite's
 * own form, in UTC where no offset is said, or seconds or milliseconds since 1970, as a number or in text.
 * Undefined for all else, the literal `datetime('now')` among it, and outside of the years 2000 to 2099:
 * in between, seconds and milliseconds cannot be mistaken for one another, and none is the 0 that marks a
 * row in the midst of a release (stock.ts).
 */
export function parseTime(value: string | number | null): number | undefined {
  if (value === null) return undefined
  const text = String(value).trim()
  return /^\d+(\.\d+)?$/.test(text)
    ? (inRange(Number(text)) ?? inRange(Number(text) * 1_000))
    : inRange(parseDate(text))
}

function parseDate(text: string): number {
  const [, date, time = '00:00', offset = 'Z'] = form.exec(text) ?? []
  if (date === undefined) return Number.NaN
  // A day that does not exist, like 2025-02-30, must not become one of the next month.
  const day = new Date(`${date}T00:00:00Z`)
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(date)) return Number.NaN
  const zone = offset
    .toUpperCase()
    .replace(/^([+-]\d\d):?(\d\d)?$/, (_, hours, minutes = '00') => `${hours}:${minutes}`)
  return Date.parse(`${date}T${time}${zone}`)
}

const inRange = (time: number) => (time >= first && time < last ? Math.floor(time) : undefined)
