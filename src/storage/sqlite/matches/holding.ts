import { numberOrNull, type Row, textOrNull } from '../drivers/client.ts'
import type { Holding } from './known.ts'

/** What a row of `items` says that somebody has. */
export const holdingOf = (row: Row): Holding => ({
  item: String(row['item']),
  data: textOrNull(row['data']),
  expiresAt: numberOrNull(row['expires_at']),
  matchedAt: Number(row['matched_at']),
  heldUntil: numberOrNull(row['held_until']),
  replaces: textOrNull(row['replaces']),
})

/** What a row that was returned by `giveOldest` says. */
export function givenOf(row: Row, matchedAt: number, heldUntil: number | null): Holding {
  const [data, expiresAt]: [string | null, number | null] =
    row['extra'] === null ? [null, null] : JSON.parse(String(row['extra']))
  return { item: String(row['item']), data, expiresAt, matchedAt, heldUntil, replaces: null }
}
