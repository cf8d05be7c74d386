import { LRUCache } from 'lru-cache'
import { limits } from '../limits.ts'
import { type ApiKey, digestOf } from './api-key.ts'
import type { Store } from './store.ts'

const { cachedMax, cachedMs } = limits.apiKeys

/**
 * Caches which namespaces API keys open, for at most a second: a deleted key stops working within a second on
 * every instance.
 */
export class KeyCache {
  readonly #store: Pick<Store, 'listApiKeys'>
  readonly #clock: () => Date
  readonly #cached = new LRUCache<string, ApiKey[]>({
    max: cachedMax,
    ttl: cachedMs,
    // Reads the clock on every lookup. With a resolution, lru-cache's clock stops while the event loop is busy.
    ttlResolution: 0,
  })
  readonly #pending = new Map<string, { startMs: number; bindings: Promise<ApiKey[]> }>()

  constructor(store: Pick<Store, 'listApiKeys'>, clock: () => Date) {
    this.#store = store
    this.#clock = clock
  }

  /**
   * Returns the bindings of a key that are neither deleted nor expired. A cached answer can only grant access:
   * unless one of its bindings satisfies `grants`, the database is read, so that a new binding works at once.
   * Concurrent lookups of a key share a read under the same rule, so a busy key costs one read a second.
   */
  async find(apiKey: string, grants: (binding: ApiKey) => boolean): Promise<ApiKey[]> {
    const digest = digestOf(apiKey)
    const cached = this.#cached.get(digest)?.filter(this.#unexpired)
    if (cached?.some(grants)) return cached
    const pending = this.#pending.get(digest)
    if (pending && performance.now() - pending.startMs < cachedMs) {
      const bindings = (await pending.bindings).filter(this.#unexpired)
      if (bindings.some(grants)) return bindings
    }
    return (await this.#read(digest)).filter(this.#unexpired)
  }

  async #read(digest: string): Promise<ApiKey[]> {
    // The TTL counts from before the read, which does not see a deletion that is made while it runs.
    const startMs = performance.now()
    const read = { startMs, bindings: this.#store.listApiKeys({ digest }) }
    this.#pending.set(digest, read)
    try {
      const bindings = await read.bindings
      if (bindings.length > 0) this.#cached.set(digest, bindings, { start: startMs })
      return bindings
    } finally {
      if (this.#pending.get(digest) === read) this.#pending.delete(digest)
    }
  }

  readonly #unexpired = ({ expiresAt }: ApiKey) =>
    expiresAt === null || this.#clock().getTime() < expiresAt

  /** Empties the cache of this instance, after a change to the keys. */
  clear(): void {
    this.#cached.clear()
    this.#pending.clear()
  }
}
