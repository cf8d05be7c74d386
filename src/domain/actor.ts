/**
 * Who makes a change: an API key, by its id; a master key, by its fingerprint (`master_` and the first eight
 * hex digits of its SHA-256 digest); or zaas itself.
 */
export type Actor = `key_${string}` | `master_${string}` | 'process'

/** The fingerprint of a master key; undefined for others. */
export const fingerprintOf = (actor: string): string | undefined => /^master_(.*)$/.exec(actor)?.[1]

/**
 * What every write takes besides its argument: the time of the request (Unix ms), who made it, and the id of the
 * request, if there is one. Whatever depends on time is decided by `now`.
 */
export type WriteContext = { now: number; actor: Actor; requestId?: string | undefined }
