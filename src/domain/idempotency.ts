/** The key of a change that its caller may repeat, and a digest of the request: of its method and its body. */
export type IdempotencyKey = { key: string; digest: string }

/** Keys belong to a namespace, and are known for `limits.idempotency.keptMs`, by the time `now` (Unix ms). */
export type ChangeLookup = IdempotencyKey & { namespace: string; now: number }
