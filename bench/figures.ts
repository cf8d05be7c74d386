/** The middle of some values; of an even number the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? NaN) + (sorted[Math.ceil(middle)] ?? NaN)) / 2
}

/** The value that a share of all values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * share) - 1] ?? NaN
}

/** The median of the ratios of each round, whose parts ran next to each other. */
export const ratio = (ours: readonly number[], theirs: readonly number[]) =>
  median(ours.map((value, round) => value / (theirs[round] ?? NaN)))

export const count = (value: number) => Math.round(value).toLocaleString('en-US')
export const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
export const seconds = (valueMs: number) => `${(valueMs / 1_000).toFixed(2)} s`
export const times = (value: number) => (value < 10 ? value.toFixed(2) : value.toFixed(0))
export const MB = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
