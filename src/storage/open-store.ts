import type { Store } from '../domain/store.ts'
import { Calls, deadlineMs } from './engine/calls.ts'
import { forwardingStore, perform, type Run } from './engine/operations.ts'
import { isFile } from './sqlite/drivers/open-driver.ts'
import { openSqliteStore } from './sqlite/store.ts'
import { openInWorker } from './sqlite/worker/client.ts'

export type OpenedStore = { store: Store; close: () => Promise<void> }

/**
 * Opens the database of an address, and brings its tables up to date. Throws when it cannot be used.
 *
 * A file blocks the thread that works with it, so it has one of its own. For a libSQL server there is little
 * to do but wait, so its operations run in the calling thread: a change of 100,000 short items holds that up
 * for 80 ms, and one of 16 MiB for half a second. `onCrash` is called when the thread of a file ends by
 * itself; nothing is answered after that, so the process has to end.
 */
export async function openStore(
  { url, authToken }: { url: string; authToken: string | undefined },
  onCrash: (error: unknown) => void,
): Promise<OpenedStore> {
  const calls = new Calls()
  const { run, close } = isFile(url)
    ? await openInWorker(url, calls, onCrash)
    : await openHere(url, authToken, calls)
  return {
    store: forwardingStore(run),
    async close() {
      await close()
      calls.close()
    },
  }
}

async function openHere(
  url: string,
  authToken: string | undefined,
  calls: Calls,
): Promise<{ run: Run; close: () => Promise<void> }> {
  const { store, close } = await openSqliteStore(url, authToken)
  const run: Run = (name, args) => calls.within(deadlineMs(name), () => perform(store, name, args))
  return { run, close }
}
