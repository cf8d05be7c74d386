import { LRUCache } from 'lru-cache'
import { limits } from '../limits.ts'
import { type ApiKey, digestOf } from './api-key.ts'
import type { Store } from './store.ts'

const { cachedMax, cachedMs } = limits.apiKeys

/**
 * The keys in use. What a key opens is remembered for a second at most, so that a deleted key stops
 * working within a second on every instance.
 */
export class KeyCache {
  readonly #store: Pick<Store, 'listApiKeys'>
  readonly #clock: () => Date
  readonly #bindings = new LRUCache<string, ApiKey[]>({
    max: cachedMax,
    ttl: cachedMs,
    // Looks at the clock each time: otherwise the cache's own clock stands still while the loop is busy.
    ttlResolution: 0,
  })
  readonly #lookups = new Map<string, { start: number; bindings: Promise<ApiKey[]> }>()

  constructor(store: Pick<Store, 'listApiKeys'>, clock: () => Date) {
    this.#store = store
    this.#clock = clock
  }

  /**
   * What a key opens now: its bindings that are neither deleted nor expired. What is remembered only
   * serves to open: unless a remembered binding is `wanted`, the database is asked. Those who ask for
   * one key at the same time share a read in the same way, so that a busy key is one read a second.
   */
  async find(apiKey: string, wanted: (binding: ApiKey) => boolean): Promise<ApiKey[]> {
    const digest = digestOf(apiKey)
    const cached = this.#bindings.get(digest)?.filter(this.#unexpired)
    if (cached?.some(wanted)) return cached
    const shared = this.#lookups.get(digest)
    if (shared && performance.now() - shared.start < cachedMs) {
      const bindings = (await shared.bindings).filter(this.#unexpired)
      if (bindings.some(wanted)) return bindings
    }
    return (await this.#lookUp(digest)).filter(this.#unexpired)
  }

  async #lookUp(digest: string): Promise<ApiKey[]> {
    // The second starts before the read: what the read missed must not last longer.
    const start = performance.now()
    const lookup = { start, bindings: this.#store.listApiKeys({ digest }) }
    this.#lookups.set(digest, lookup)
    try {
      const bindings = await lookup.bindings
      if (bindings.length > 0) this.#bindings.set(digest, bindings, { start })
      return bindings
    } finally {
      if (this.#lookups.get(digest) === lookup) this.#lookups.delete(digest)
    }
  }

  readonly #unexpired = ({ expiresAt }: ApiKey) =>
    expiresAt === null || this.#clock().getTime() < expiresAt

  /** Forgets what this instance remembers, after a change to the keys. */
  clear(): void {
    this.#bindings.clear()
    this.#lookups.clear()
  }
}
