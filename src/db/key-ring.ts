import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import { type ApiKey, digestOf, lastUseStepMs } from './keys.ts'
import type { Store } from './store.ts'

const keysMax = 10_000
/** Less than the promised second: the cache looks at the clock in steps, later when the loop is busy. */
const cachedMs = 900

/**
 * The keys in use. What a key opens is remembered for less than a second, so that a deleted key stops
 * working within a second on every instance. Uses
 * are noted at most once a minute for each key, behind the answers.
 */
export class KeyRing {
  readonly #store: Store
  readonly #clock: () => Date
  readonly #log: Logger
  readonly #bindings = new LRUCache<string, ApiKey[]>({ max: keysMax, ttl: cachedMs })
  readonly #notedAt = new LRUCache<string, number>({ max: keysMax })

  constructor(store: Store, clock: () => Date, log: Logger) {
    this.#store = store
    this.#clock = clock
    this.#log = log
  }

  /**
   * What a key opens now: its bindings that are neither deleted nor expired. What is remembered only
   * serves to open: unless a remembered binding is `wanted`, the database is asked.
   */
  async find(apiKey: string, wanted: (binding: ApiKey) => boolean): Promise<ApiKey[]> {
    const digest = digestOf(apiKey)
    const remembered = this.#bindings.get(digest)?.filter(this.#unexpired)
    if (remembered?.some(wanted)) return remembered
    // That time starts before the read: what the read missed must not last longer.
    const start = performance.now()
    const bindings = await this.#store.listKeys({ digest })
    if (bindings.length > 0) this.#bindings.set(digest, bindings, { start })
    return bindings.filter(this.#unexpired)
  }

  readonly #unexpired = ({ expiresAt }: ApiKey) =>
    expiresAt === null || this.#clock().getTime() < expiresAt

  noteUse({ id }: ApiKey): void {
    const now = this.#clock().getTime()
    if (now - (this.#notedAt.get(id) ?? 0) < lastUseStepMs) return
    this.#notedAt.set(id, now)
    this.#store
      .recordUse(id, now)
      .catch((err: unknown) =>
        this.#log.warn({ err, keyId: id }, 'could not note the use of a key'),
      )
  }

  /** Forgets what this instance remembers, after a change to the keys. */
  forget(): void {
    this.#bindings.clear()
  }
}
