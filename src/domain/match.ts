/** Asks for an item for a requestor. A requestor holds at most one item of a namespace. */
export type MatchRequest = { namespace: string; requestor: string }

/** Why a requestor who holds no item gets none: `none_left` means that none is available. */
export type RefusalReason = 'none_left'

export type Match = { kind: 'matched'; item: string; matchedAt: number; alreadyMatched: boolean }
export type MatchOutcome = Match | { kind: 'refused'; reason: RefusalReason }
