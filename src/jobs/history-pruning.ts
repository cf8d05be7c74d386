import { yieldToEventLoop } from '../event-loop.ts'
import { limits } from '../limits.ts'
import type { Job, JobDeps } from './job.ts'

const { pruneEveryMs } = limits.history
const dayMs = 24 * 3_600_000

/** Deletes from the history what is older than so many days, in the background and in bounded steps. */
export class HistoryPruning implements Job {
  readonly #deps: JobDeps<'pruneHistory'>
  readonly #days: number
  #timer: Timer | undefined
  #pruning: Promise<void> = Promise.resolve()

  constructor(deps: JobDeps<'pruneHistory'>, days: number) {
    this.#deps = deps
    this.#days = days
  }

  start(): void {
    this.#timer = setInterval(() => this.#begin(), pruneEveryMs)
    this.#begin()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#pruning
  }

  #begin(): void {
    this.#pruning = this.#pruning.then(() => this.#prune())
  }

  async #prune(): Promise<void> {
    const { store, clock, log } = this.#deps
    try {
      for (let more = true; more && this.#timer; await yieldToEventLoop()) {
        const now = clock().getTime()
        more = await store.pruneHistory(now - this.#days * dayMs, { now, actor: 'process' })
      }
    } catch (err) {
      log.warn({ err }, 'could not prune the history')
    }
  }
}
