// The order in which things were recorded, over all namespaces. `changes` and `events` together count them: their
// highest ids only grow, also when old rows are pruned. An ordinal is twice that count, so that matches, for which no
// row is inserted, have ordinals between: a match comes after all that was recorded before it.

const recorded =
  '((SELECT ifnull(max(id), 0) FROM changes) + (SELECT ifnull(max(id), 0) FROM events))'

/** SQL for the ordinal of what a statement inserts into `changes` or `events`. */
export const recordOrdinal = `(2 * ${recorded} + 2)`

/** SQL for the ordinal of the matches that a statement makes. */
export const matchOrdinal = `(2 * ${recorded} + 1)`
