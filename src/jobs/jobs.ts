import type { Logger } from 'pino'
import type { Store } from '../domain/store.ts'
import { KeyUses } from './key-uses.ts'

/** What works in the background, from `start` on until `stop`, which resolves once nothing of it runs. */
export interface Job {
  start(): void
  stop(): Promise<void>
}

export type JobDeps = { store: Pick<Store, 'recordKeyUses'>; clock: () => Date; log: Logger }

/** All jobs of a service. Whoever makes them starts them, and stops them before the store is closed. */
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
