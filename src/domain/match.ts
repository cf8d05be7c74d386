export type MatchRequest = { namespace: string; requestor: string }

/** Why nobody new gets an item: none is available. */
export type RefusalReason = 'none_left'

export type Match = { kind: 'matched'; item: string; matchedAt: number; alreadyMatched: boolean }
export type MatchOutcome = Match | { kind: 'refused'; reason: RefusalReason }
