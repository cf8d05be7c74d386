import { ZaasError } from '../errors.ts'
import { isFile } from './database.ts'
import { type OperationName, openHere, type Store, storeOf } from './store.ts'
import { openInThread } from './thread.ts'

/** Of all kinds; the operations themselves bound what they take on of each. */
const callsWaitingMax = 11_000

/** Longer than a match waits for its turn and for other processes, which say better what is wrong. */
const answerMaxMs = 8_000
/** A change may have to go through a namespace of millions. */
const changeMaxMs = 20_000
const changes: readonly OperationName[] = ['changeItems', 'replaceItems']
const overdueCheckMs = 250

type Waiting = { untilMs: number; reject: (error: unknown) => void }

/**
 * Opens the database, brings its tables up to date, and returns its operations. A file blocks the thread that
 * works with it, so that one of its own has it, not the one that serves HTTP. For a libSQL server there is
 * little to do but wait: a change of 100,000 short items holds the thread up for 80 ms, and one of 16 MiB
 * for half a second. Throws when the database cannot be used. An operation throws `unavailable` when too many
 * wait, or when it takes too long: then what it was to change may still be changed. `onCrash` is called
 * when the thread of a file ends by itself; nothing is answered after that, so the process has to end.
 */
export async function openStore(
  { url, authToken }: { url: string; authToken: string | undefined },
  onCrash: (error: unknown) => void,
): Promise<{ store: Store; close: () => Promise<void> }> {
  const { run, close } = isFile(url)
    ? await openInThread(url, onCrash)
    : await openHere(url, authToken)
  const waiting = new Set<Waiting>()
  const overdue = setInterval(() => rejectOverdue(waiting), overdueCheckMs)
  const store = storeOf(async (name, args) => {
    if (waiting.size >= callsWaitingMax) {
      throw new ZaasError('unavailable', 'Too many requests are waiting.')
    }
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const maxMs = changes.includes(name) ? changeMaxMs : answerMaxMs
    const call = { untilMs: performance.now() + maxMs, reject }
    waiting.add(call)
    run(name, args)
      .then(resolve, reject)
      .finally(() => waiting.delete(call))
    return promise
  })
  return {
    store,
    async close() {
      clearInterval(overdue)
      await close()
    },
  }
}

/** They stay in the list until they are answered: until then they are in memory. */
function rejectOverdue(waiting: Iterable<Waiting>): void {
  const nowMs = performance.now()
  for (const { untilMs, reject } of waiting) {
    if (untilMs > nowMs) continue
    reject(new ZaasError('unavailable', 'The database takes too long; a change may still be made.'))
  }
}
