import { HistoryPruning } from './history-pruning.ts'
import type { Job, JobDeps } from './job.ts'
import { KeyUses } from './key-uses.ts'
import { Sweeps } from './sweeps.ts'

type Deps = JobDeps<'recordKeyUses' | 'sweep' | 'pruneHistory'> & {
  /** How long the history is kept; for ever if undefined. */
  historyDays?: number | undefined
}

/** All background jobs. The caller starts them, and stops them before it closes the store. */
export function createJobs({ historyDays, ...deps }: Deps) {
  const keyUses = new KeyUses(deps)
  const jobs: readonly Job[] = [
    keyUses,
    new Sweeps(deps),
    ...(historyDays === undefined ? [] : [new HistoryPruning(deps, historyDays)]),
  ]
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
