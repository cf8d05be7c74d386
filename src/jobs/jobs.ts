import { HistoryPruning } from './history-pruning.ts'
import type { Job, JobDeps } from './job.ts'
import { KeyUses } from './key-uses.ts'
import { Sweeps } from './sweeps.ts'
import { receiverCheck } from './webhooks/receiver.ts'
import { WebhookSender } from './webhooks/sender.ts'

type Deps = JobDeps<
  'recordKeyUses' | 'sweep' | 'pruneHistory' | 'leaseDeliveries' | 'recordAttempts' | 'tidyWebhooks'
> & {
  /** How long the history is kept; for ever if undefined. */
  historyDays?: number | undefined
  webhooksAllowPrivate: boolean
}

/** All background jobs. The caller starts them, and stops them before it closes the store. */
export function createJobs({ historyDays, webhooksAllowPrivate: allowPrivate, ...deps }: Deps) {
  const keyUses = new KeyUses(deps)
  const sender = new WebhookSender({ ...deps, allowPrivate })
  const jobs: readonly Job[] = [
    keyUses,
    new Sweeps(deps),
    ...(historyDays === undefined ? [] : [new HistoryPruning(deps, historyDays)]),
    sender,
  ]
  return {
    keyUses,
    /** Sends what is due for webhooks without waiting for the next look. */
    sendSoon: () => sender.wake(),
    checkReceiver: receiverCheck(allowPrivate),
    start: () => {
      for (const job of jobs) job.start()
    },
    stop: async () => {
      await Promise.all(jobs.map((job) => job.stop()))
    },
  }
}
