import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import type { ApiKeyId } from '../domain/api-key.ts'
import type { Store } from '../domain/store.ts'
import { limits } from '../limits.ts'
import type { Job } from './jobs.ts'

const { cachedMax, lastUseStepMs } = limits.apiKeys

type Deps = { store: Pick<Store, 'recordKeyUses'>; clock: () => Date; log: Logger }

/**
 * Writes down when keys were last used, at most once in `lastUseStepMs` for each key, behind the answers: one
 * write at a time for all that wait. A use that cannot be written is logged and left out.
 */
export class KeyUses implements Job {
  readonly #deps: Deps
  readonly #notedAt = new LRUCache<ApiKeyId, number>({ max: cachedMax })
  #unwritten = new Set<ApiKeyId>()
  #writing: Promise<void> = Promise.resolve()
  #started = false

  constructor(deps: Deps) {
    this.#deps = deps
  }

  start(): void {
    this.#started = true
    this.#writeSoon()
  }

  /** Notes that a key is in use now. */
  note(id: ApiKeyId): void {
    const now = this.#deps.clock().getTime()
    if (now - (this.#notedAt.get(id) ?? 0) < lastUseStepMs) return
    this.#notedAt.set(id, now)
    this.#unwritten.add(id)
    if (this.#unwritten.size === 1) this.#writeSoon()
  }

  async stop(): Promise<void> {
    this.#started = false
    await this.#writing
  }

  #writeSoon(): void {
    if (!this.#started || this.#unwritten.size === 0) return
    this.#writing = this.#writing.then(() => this.#write())
  }

  async #write(): Promise<void> {
    // One turn of the event loop, so that the requests of the moment share the write and go first.
    await new Promise(setImmediate)
    const ids = this.#unwritten
    this.#unwritten = new Set()
    const { store, clock, log } = this.#deps
    try {
      await store.recordKeyUses([...ids], { now: clock().getTime(), actor: 'process' })
    } catch (err) {
      log.warn({ err }, 'could not note the use of keys')
    }
  }
}
