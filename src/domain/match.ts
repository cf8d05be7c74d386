/**
 * Asks for an item for a requestor, or for one `slot` of it (none: the empty string): each slot is a match of its
 * own. `holdSeconds` only holds the item for so long; a request without it confirms. `replace` gives another item
 * for this one, if the requestor has it in this slot.
 */
export type MatchRequest = {
  namespace: string
  requestor: string
  slot?: string | undefined
  holdSeconds?: number | undefined
  replace?: string | undefined
}

/**
 * Why a requestor who holds no item gets none, in the order in which the reasons are checked; `limit_reached`: the
 * requestor has as many items as the namespace allows, in other slots.
 */
export const refusalReasons = [
  'paused',
  'not_open',
  'closed',
  'limit_reached',
  'none_left',
] as const
export type RefusalReason = (typeof refusalReasons)[number]

/** An item as its requestor gets it. `data` is JSON text, as it was sent. Times are Unix milliseconds. */
export type GivenItem = {
  item: string
  data: string | null
  expiresAt: number | null
  matchedAt: number
  /** When the item goes back unless it is confirmed; null once it is matched. */
  heldUntil: number | null
}

/** `replaced`: the item was given for the one that the request wanted replaced, now or by an earlier request. */
export type Match = { kind: 'matched'; alreadyMatched: boolean; replaced?: boolean } & GivenItem
export type MatchOutcome = Match | { kind: 'refused'; reason: RefusalReason }

/** Asks to keep an item that was held. */
export type Confirmation = {
  namespace: string
  requestor: string
  slot?: string | undefined
  item: string
}
export type ConfirmationOutcome = Match | { kind: 'lapsed' }
