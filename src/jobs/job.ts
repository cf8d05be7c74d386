import type { Logger } from 'pino'
import type { Store } from '../domain/store.ts'

/** Work in the background, between `start` and `stop`, which resolves once none of it runs any more. */
export interface Job {
  start(): void
  stop(): Promise<void>
}

export type JobDeps = { store: Pick<Store, 'recordKeyUses'>; clock: () => Date; log: Logger }
