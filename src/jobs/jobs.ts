import type { Job, JobDeps } from './job.ts'
import { KeyUses } from './key-uses.ts'
import { Sweeps } from './sweeps.ts'

/** All background jobs. The caller starts them, and stops them before it closes the store. */
export function createJobs(deps: JobDeps<'recordKeyUses' | 'sweep'>) {
  const keyUses = new KeyUses(deps)
  const jobs: readonly Job[] = [keyUses, new Sweeps(deps)]
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
