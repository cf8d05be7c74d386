import type { Store } from '../domain/store.ts'
import { Calls, deadlineMs } from './engine/calls.ts'
import { forwardingStore, type Operations } from './engine/operations.ts'
import { isFile } from './sqlite/drivers/open-driver.ts'
import { openSqliteStore } from './sqlite/store/store.ts'
import { type Listeners, openInWorker } from './sqlite/worker/client.ts'

/** `created` when the database had no tables before. */
export type OpenedStore = { store: Store; created: boolean; close: () => Promise<void> }

/**
 * Opens the database at a URL, and applies pending migrations. Throws when it cannot be used.
 *
 * Work on a file blocks its thread, so a file gets a thread of its own. With a libSQL server most time is spent
 * waiting for the network, so its operations run in the calling thread; a change of 100,000 short items blocks
 * that for 80 ms, and one of 16 MiB for half a second. `tell` is called with what takes long meanwhile, as a
 * migration. `onCrash` is called if the thread of a file ends by itself. No operation is answered after that, so the
 * process must end.
 */
export async function openStore(
  { url, authToken }: { url: string; authToken: string | undefined },
  { tell, onCrash }: Listeners,
): Promise<OpenedStore> {
  const calls = new Calls()
  const opening = isFile(url)
    ? openInWorker(url, calls, { tell, onCrash })
    : openInThisThread(url, authToken, calls, tell)
  const { store, created, close } = await opening.catch((error) => {
    calls.close()
    throw error
  })
  return {
    store,
    created,
    async close() {
      await close()
      calls.close()
    },
  }
}

async function openInThisThread(
  url: string,
  authToken: string | undefined,
  calls: Calls,
  tell: Listeners['tell'],
): Promise<OpenedStore> {
  const { store, created, close } = await openSqliteStore(url, authToken, tell)
  const operations: Operations = store
  const bounded = forwardingStore(
    (name) =>
      (...args) =>
        calls.within(deadlineMs(name), () => operations[name](...args)),
  )
  return { store: bounded, created, close }
}
