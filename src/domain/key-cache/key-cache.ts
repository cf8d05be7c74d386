import { LRUCache } from 'lru-cache'
import { limits } from '../../limits.ts'
import { type ApiKey, digestOf } from '../api-key.ts'
import type { Store } from '../store.ts'
import { type KeyLookup, KeyLookups } from './key-lookups.ts'

const { cachedMax, cachedMs, unknownCachedMax } = limits.apiKeys

// Reads the clock on every lookup. With a resolution, lru-cache's clock stops while the event loop is busy.
const forASecond = { ttl: cachedMs, ttlResolution: 0 }

/**
 * Caches which namespaces API keys open, for at most a second: a deleted key stops working within a second on
 * every instance.
 */
export class KeyCache {
  readonly #clock: () => Date
  /** By the key itself, which saves a digest for each request. */
  readonly #cached = new LRUCache<string, ApiKey[]>({ max: cachedMax, ...forASecond })
  /** Keys without bindings, apart: however many are made up, they displace no good key. */
  #unknown = new LRUCache<string, true>({ max: unknownCachedMax, ...forASecond })
  /** Keys that had bindings lately; their lookups go first. */
  readonly #recent = new LRUCache<string, true>({ max: cachedMax })
  readonly #lookups: KeyLookups
  #pending = new Map<string, KeyLookup>()

  constructor(store: Pick<Store, 'findApiKeys'>, clock: () => Date) {
    this.#lookups = new KeyLookups(store)
    this.#clock = clock
  }

  /**
   * Returns the bindings of a key that are neither deleted nor expired. The cached bindings of a key can only
   * grant access: unless one of them satisfies `grants`, the database is read, so that a new binding works at
   * once. That a key has none at all is cached too, until this instance changes a key. Concurrent lookups of a
   * key share a read under the same rules, so a busy key costs one read a second. Throws `unavailable` while too
   * many keys that were not used lately are looked up. What is cached is returned without a promise.
   */
  find(
    apiKey: string,
    grants: (binding: ApiKey) => boolean,
  ): readonly ApiKey[] | Promise<readonly ApiKey[]> {
    const cached = this.#cached.get(apiKey)?.filter(this.#unexpired)
    return cached?.some(grants) ? cached : this.#read(apiKey, grants)
  }

  async #read(apiKey: string, grants: (binding: ApiKey) => boolean): Promise<ApiKey[]> {
    const digest = digestOf(apiKey)
    if (this.#unknown.has(digest)) return []
    const pending = this.#pending.get(digest)
    if (pending && !pending.isOlderThan(cachedMs)) {
      const bindings = (await pending.bindings).filter(this.#unexpired)
      if (bindings.some(grants) || this.#unknown.has(digest)) return bindings
    }
    return (await this.#lookUp(apiKey, digest)).filter(this.#unexpired)
  }

  async #lookUp(apiKey: string, digest: string): Promise<ApiKey[]> {
    const [pending, unknown] = [this.#pending, this.#unknown]
    const lookup = this.#lookups.add(digest, this.#recent.has(digest))
    pending.set(digest, lookup)
    try {
      const bindings = await lookup.bindings
      // The TTL counts from before the read, which does not see a change that is made while it runs.
      const ttlFrom = { start: lookup.startMs }
      if (bindings.length === 0) unknown.set(digest, true, ttlFrom)
      else {
        this.#cached.set(apiKey, bindings, ttlFrom)
        this.#recent.set(digest, true)
      }
      return bindings
    } finally {
      if (pending.get(digest) === lookup) pending.delete(digest)
    }
  }

  readonly #unexpired = ({ expiresAt }: ApiKey) =>
    expiresAt === null || this.#clock().getTime() < expiresAt

  /**
   * Empties the cache of this instance, after a change to the keys. Lookups that are pending keep the maps that
   * they began with, since their reads may have missed a new key.
   */
  clear(): void {
    this.#cached.clear()
    this.#unknown = new LRUCache({ max: unknownCachedMax, ...forASecond })
    this.#pending = new Map()
  }
}
