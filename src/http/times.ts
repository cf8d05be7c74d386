// Times that callers write, and what is wrong with them.

const dateTime = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)$/i

/**
 * Parses an ISO 8601 time that says its offset from UTC, and returns Unix milliseconds; undefined for a text that is none, for a
 * time that does not exist, like 2030-02-30, and for one before 1970.
 */
export function timeOf(text: string): number | undefined {
  const [, date, time, offset] = dateTime.exec(text) ?? []
  if (date === undefined || time === undefined || offset === undefined) return undefined
  // A day that does not exist must not become one of the next month, nor 24:00 the next day.
  const day = new Date(`${date}T00:00:00Z`)
  const exists = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date)
  if (!exists || time.startsWith('24')) return undefined
  const zone = offset.toUpperCase().replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')
  const ms = Date.parse(`${date}T${time}${zone}`)
  return ms > 0 ? ms : undefined
}

/** What is wrong with a time that must exist and be in the future; nothing of one that is right. */
export function timeFault(text: string, now: number): string | undefined {
  const time = timeOf(text)
  if (time === undefined) return 'must be a date and time that exist'
  return time > now ? undefined : 'must be in the future'
}
