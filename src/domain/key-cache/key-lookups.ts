import { limits } from '../../limits.ts'
import type { ApiKey } from '../api-key.ts'
import { ZaasError } from '../errors.ts'
import type { Store } from '../store.ts'

const { lookupsMax, lookupsWaitingMax } = limits.apiKeys

/** One lookup of a key; its read has not begun while `startMs` is infinite. */
export class KeyLookup {
  readonly digest: string
  readonly bindings: Promise<ApiKey[]>
  readonly resolve: (bindings: ApiKey[]) => void
  readonly reject: (error: unknown) => void
  startMs = Number.POSITIVE_INFINITY

  constructor(digest: string) {
    const { promise, resolve, reject } = Promise.withResolvers<ApiKey[]>()
    this.digest = digest
    this.bindings = promise
    this.resolve = resolve
    this.reject = reject
  }

  isOlderThan(ms: number): boolean {
    return performance.now() - this.startMs >= ms
  }
}

/**
 * Looks up keys in batches, one read at a time, so that a flood of made-up keys costs the database little. Those
 * of recently used keys go first and are not limited, so that the flood does not delay them.
 */
export class KeyLookups {
  readonly #store: Pick<Store, 'findApiKeys'>
  readonly #recent: KeyLookup[] = []
  readonly #others: KeyLookup[] = []
  #reading = false

  constructor(store: Pick<Store, 'findApiKeys'>) {
    this.#store = store
  }

  /** Throws `unavailable` when too many lookups wait, unless the key is a recent one. */
  add(digest: string, recent: boolean): KeyLookup {
    if (!recent && this.#others.length >= lookupsWaitingMax) {
      throw new ZaasError('unavailable', 'Too many keys are being looked up.')
    }
    const lookup = new KeyLookup(digest)
    const queue = recent ? this.#recent : this.#others
    queue.push(lookup)
    if (!this.#reading) void this.#readAll()
    return lookup
  }

  async #readAll(): Promise<void> {
    this.#reading = true
    for (;;) {
      const batch = this.#recent.splice(0, lookupsMax)
      batch.push(...this.#others.splice(0, lookupsMax - batch.length))
      if (batch.length === 0) break
      await this.#read(batch)
    }
    this.#reading = false
  }

  async #read(batch: readonly KeyLookup[]): Promise<void> {
    const startMs = performance.now()
    for (const lookup of batch) lookup.startMs = startMs
    try {
      const found = await this.#store.findApiKeys(batch.map(({ digest }) => digest))
      for (const { digest, resolve } of batch) resolve(found[digest] ?? [])
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}
