/** A label for items that came in together, as by an import. `by` is null if it is not known. */
export type ItemBatch = { batch: string; at: number; by: string | null; received: number }

/** Keyset pagination, the latest first: at most `limit` batches that follow position `after`. */
export type BatchQuery = { namespace: string; after?: string | undefined; limit: number }
export type BatchPage = { batches: ItemBatch[]; next: string | null }

/**
 * Takes a batch back: the next of its rows, those that follow position `after`. `removedBefore` is what the steps before
 * have removed: webhooks are told of all of it with the last step.
 */
export type BatchRemoval = {
  namespace: string
  batch: string
  after?: number | undefined
  removedBefore?: number | undefined
}

/** What one step removed, and left because somebody has it; `next` is the `after` of the next step, or null. */
export type BatchRemoved = { removed: number; kept: number; next: number | null }

/** What became of the items of a batch. */
export type BatchState = ItemBatch & {
  available: number
  matched: number
  held: number
  expired: number
  removed: number
}
