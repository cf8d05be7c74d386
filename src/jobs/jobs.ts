import type { Logger } from 'pino'
import type { Store } from '../domain/store.ts'
import { KeyUses } from './key-uses.ts'

/** Work in the background, between `start` and `stop`, which resolves once none of it runs any more. */
export interface Job {
  start(): void
  stop(): Promise<void>
}

export type JobDeps = { store: Pick<Store, 'recordKeyUses'>; clock: () => Date; log: Logger }

/** All background jobs. The caller starts them, and stops them before it closes the store. */
export function createJobs(deps: JobDeps) {
  const keyUses = new KeyUses(deps)
  const jobs: readonly Job[] = [keyUses]
  return {
    keyUses,
    start: () => {
      for (const job of jobs) job.start()
    },
    stop: async () => {
      await Promise.all(jobs.map((job) => job.stop()))
    },
  }
}
