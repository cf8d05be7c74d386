import type { Logger } from 'pino'
import type { Store } from '../domain/store.ts'

/** Work in the background, between `start` and `stop`, which resolves once none of it runs any more. */
export interface Job {
  start(): void
  stop(): Promise<void>
}

/** What a job needs, and which operations of the store. */
export type JobDeps<Operation extends keyof Store> = {
  store: Pick<Store, Operation>
  clock: () => Date
  log: Logger
}
