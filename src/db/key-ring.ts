import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import type { Database } from './database.ts'
import { type ApiKey, digestOf, lastUseStepMs, listKeys, recordUse } from './keys.ts'

const keysMax = 10_000
const cachedMs = 1_000

/**
 * The keys in use. What a key opens is remembered for at most a second, so that a deleted key stops
 * working within a second on every instance; that nothing knows a key is not remembered at all. Uses
 * are noted at most once a minute for each key, behind the answers.
 */
export class KeyRing {
  readonly #db: Database
  readonly #clock: () => Date
  readonly #log: Logger
  readonly #bindings = new LRUCache<string, ApiKey[]>({ max: keysMax, ttl: cachedMs })
  readonly #noted = new LRUCache<string, true>({ max: keysMax, ttl: lastUseStepMs })

  constructor(db: Database, clock: () => Date, log: Logger) {
    this.#db = db
    this.#clock = clock
    this.#log = log
  }

  /** What a key opens now: its bindings that are neither deleted nor expired. */
  async find(apiKey: string): Promise<ApiKey[]> {
    const digest = digestOf(apiKey)
    let bindings = this.#bindings.get(digest)
    if (!bindings) {
      // The second starts before the read: what the read missed must not last longer.
      const start = performance.now()
      bindings = await listKeys(this.#db, { digest })
      if (bindings.length > 0) this.#bindings.set(digest, bindings, { start })
    }
    const now = this.#clock().getTime()
    return bindings.filter(({ expiresAt }) => expiresAt === null || now < expiresAt)
  }

  noteUse({ id }: ApiKey): void {
    if (this.#noted.has(id)) return
    this.#noted.set(id, true)
    recordUse(this.#db, id, this.#clock().getTime()).catch((err: unknown) =>
      this.#log.warn({ err, keyId: id }, 'could not note the use of a key'),
    )
  }

  /** Forgets what this instance remembers, after a change to the keys. */
  forget(): void {
    this.#bindings.clear()
  }
}
