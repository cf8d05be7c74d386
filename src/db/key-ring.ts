import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import { type ApiKey, digestOf, lastUseStepMs } from './keys.ts'
import type { Store } from './store.ts'

const keysMax = 10_000
const cachedMs = 1_000

/**
 * The keys in use. What a key opens is remembered for a second at most, so that a deleted key stops
 * working within a second on every instance. Uses are noted at most once a minute for each key, behind
 * the answers.
 */
export class KeyRing {
  readonly #store: Store
  readonly #clock: () => Date
  readonly #log: Logger
  readonly #bindings = new LRUCache<string, ApiKey[]>({
    max: keysMax,
    ttl: cachedMs,
    // Looks at the clock each time: otherwise the cache's own clock stands still while the loop is busy.
    ttlResolution: 0,
  })
  readonly #asking = new Map<string, { start: number; bindings: Promise<ApiKey[]> }>()
  readonly #notedAt = new LRUCache<string, number>({ max: keysMax })
  #unwritten = new Set<string>()

  constructor(store: Store, clock: () => Date, log: Logger) {
    this.#store = store
    this.#clock = clock
    this.#log = log
  }

  /**
   * What a key opens now: its bindings that are neither deleted nor expired. What is remembered only
   * serves to open: unless a remembered binding is `wanted`, the database is asked. Those who ask for
   * one key at the same time share a read in the same way, so that a busy key is one read a second.
   */
  async find(apiKey: string, wanted: (binding: ApiKey) => boolean): Promise<ApiKey[]> {
    const digest = digestOf(apiKey)
    const remembered = this.#bindings.get(digest)?.filter(this.#unexpired)
    if (remembered?.some(wanted)) return remembered
    const shared = this.#asking.get(digest)
    if (shared && performance.now() - shared.start < cachedMs) {
      const bindings = (await shared.bindings).filter(this.#unexpired)
      if (bindings.some(wanted)) return bindings
    }
    return (await this.#ask(digest)).filter(this.#unexpired)
  }

  async #ask(digest: string): Promise<ApiKey[]> {
    // The second starts before the read: what the read missed must not last longer.
    const start = performance.now()
    const asked = { start, bindings: this.#store.listKeys({ digest }) }
    this.#asking.set(digest, asked)
    try {
      const bindings = await asked.bindings
      if (bindings.length > 0) this.#bindings.set(digest, bindings, { start })
      return bindings
    } finally {
      if (this.#asking.get(digest) === asked) this.#asking.delete(digest)
    }
  }

  readonly #unexpired = ({ expiresAt }: ApiKey) =>
    expiresAt === null || this.#clock().getTime() < expiresAt

  /** Writes the use of a key down, behind the answers: one write at a time for all that wait. */
  noteUse({ id }: ApiKey): void {
    const now = this.#clock().getTime()
    if (now - (this.#notedAt.get(id) ?? 0) < lastUseStepMs) return
    this.#notedAt.set(id, now)
    this.#unwritten.add(id)
    if (this.#unwritten.size === 1) void this.#writeUses()
  }

  async #writeUses(): Promise<void> {
    // One turn of the event loop, so that the requests of the moment share the write and go first.
    await new Promise(setImmediate)
    const ids = this.#unwritten
    this.#unwritten = new Set()
    try {
      await this.#store.recordUses([...ids], this.#clock().getTime())
    } catch (err) {
      this.#log.warn({ err }, 'could not note the use of keys')
    }
  }

  /** Forgets what this instance remembers, after a change to the keys. */
  forget(): void {
    this.#bindings.clear()
    this.#asking.clear()
  }
}
