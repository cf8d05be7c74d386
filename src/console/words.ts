const numbers = new Intl.NumberFormat('en')
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })

export const count = (number: number) => numbers.format(number)

export const codes = (number: number) => `${count(number)} ${number === 1 ? 'code' : 'codes'}`

/** A share in whole percent, where 0 and 100 mean none and all. */
export function percent(part: number, whole: number): number {
  if (part === 0 || whole === 0) return 0
  return part === whole ? 100 : Math.min(99, Math.max(1, Math.round((100 * part) / whole)))
}

/** The time of day for today, otherwise the date too. */
export function moment(iso: string): string {
  const date = new Date(iso)
  const today = date.toDateString() === new Date().toDateString()
  return (today ? clock : calendar).format(date)
}

export function size(bytes: number): string {
  if (bytes < 1_000_000) return `${numbers.format(Math.ceil(bytes / 1_000))} kB`
  return `${numbers.format(Math.round(bytes / 100_000) / 10)} MB`
}
