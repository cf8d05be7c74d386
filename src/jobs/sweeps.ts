import { limits } from '../limits.ts'
import type { Job, JobDeps } from './job.ts'

const { everyMs } = limits.sweep

/** Has the store write down, in the background, what time has brought about: see `Store.sweep`. */
export class Sweeps implements Job {
  readonly #deps: JobDeps<'sweep'>
  #timer: Timer | undefined
  #sweeping: Promise<void> = Promise.resolve()

  constructor(deps: JobDeps<'sweep'>) {
    this.#deps = deps
  }

  start(): void {
    this.#timer = setTimeout(() => {
      this.#sweeping = this.#sweep().finally(() => {
        if (this.#timer) this.start()
      })
    }, everyMs)
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#sweeping
  }

  async #sweep(): Promise<void> {
    const { store, clock, log } = this.#deps
    try {
      let more = true
      while (more && this.#timer) {
        more = await store.sweep({ now: clock().getTime(), actor: 'process' })
      }
    } catch (err) {
      log.warn({ err }, 'could not sweep')
    }
  }
}
