import { LRUCache } from 'lru-cache'
import type { ApiKeyId } from '../domain/api-key.ts'
import { yieldToEventLoop } from '../event-loop.ts'
import { limits } from '../limits.ts'
import type { Job, JobDeps } from './job.ts'

const { cachedMax, lastUseStepMs } = limits.apiKeys

/**
 * Records when API keys were last used, in the background and at most once in `lastUseStepMs` for each key. One
 * write runs at a time, for all uses that have been noted by then. A use that cannot be written is logged and
 * dropped.
 */
export class KeyUses implements Job {
  readonly #deps: JobDeps<'recordKeyUses'>
  readonly #notedAt = new LRUCache<ApiKeyId, number>({ max: cachedMax })
  #unwritten = new Set<ApiKeyId>()
  #writing: Promise<void> = Promise.resolve()
  #started = false

  constructor(deps: JobDeps<'recordKeyUses'>) {
    this.#deps = deps
  }

  start(): void {
    this.#started = true
    this.#scheduleWrite()
  }

  /** Notes that a key is in use now. */
  note(id: ApiKeyId): void {
    const now = this.#deps.clock().getTime()
    if (now - (this.#notedAt.get(id) ?? 0) < lastUseStepMs) return
    this.#notedAt.set(id, now)
    this.#unwritten.add(id)
    if (this.#unwritten.size === 1) this.#scheduleWrite()
  }

  async stop(): Promise<void> {
    this.#started = false
    await this.#writing
  }

  #scheduleWrite(): void {
    if (!this.#started || this.#unwritten.size === 0) return
    this.#writing = this.#writing.then(() => this.#write())
  }

  async #write(): Promise<void> {
    // One turn of the event loop, so that current requests share this write, and go first.
    await yieldToEventLoop()
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
