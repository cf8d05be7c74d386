const rangeStart = Date.UTC(2000)
const rangeEnd = Date.UTC(2100)
const dateTime =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i

/**
 * Parses a time as the legacy zaas, or a person, may have written it, and returns Unix milliseconds. Accepts ISO
 * 8601 and SQLite's own format, in UTC unless there is an offset, and seconds or milliseconds since 1970, as a
 * number or as text. Returns undefined for anything else (such as the literal text `datetime('now')`), and
 * outside the years 2000 to 2099: within them, seconds cannot be mistaken for milliseconds, and no time is the
 * 0 that marks a row in the middle of a release (item-changes.ts).
 */
export function parseTime(value: string | number | null): number | undefined {
  if (value === null) return undefined
  const text = String(value).trim()
  return /^\d+(\.\d+)?$/.test(text)
    ? (inRange(Number(text)) ?? inRange(Number(text) * 1_000))
    : inRange(parseDate(text))
}

function parseDate(text: string): number {
  const [, date, time = '00:00', offset = 'Z'] = dateTime.exec(text) ?? []
  if (date === undefined) return Number.NaN
  // A day that does not exist, like 2025-02-30, must not become a day of the next month.
  const day = new Date(`${date}T00:00:00Z`)
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(date)) return Number.NaN
  const zone = offset
    .toUpperCase()
    .replace(/^([+-]\d\d):?(\d\d)?$/, (_, hours, minutes = '00') => `${hours}:${minutes}`)
  return Date.parse(`${date}T${time}${zone}`)
}

const inRange = (time: number) =>
  time >= rangeStart && time < rangeEnd ? Math.floor(time) : undefined
