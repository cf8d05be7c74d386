import type { Readiness, Store } from '../domain/store.ts'
import { limits } from '../limits.ts'

/**
 * Caches the readiness of a store for `limits.http.readinessCachedMs`, also that it cannot be read: anyone may ask
 * for it, without a key.
 */
export function withCachedReadiness(store: Store): Store {
  let asked: { atMs: number; readiness: Promise<Readiness> } | undefined
  const readiness = async () => {
    const nowMs = performance.now()
    if (!asked || nowMs - asked.atMs >= limits.http.readinessCachedMs)
      asked = { atMs: nowMs, readiness: store.readiness() }
    return asked.readiness
  }
  return { ...store, readiness }
}
