import type { OperationName, Store } from '../../../domain/store.ts'
import { type Calls, deadlineMs } from '../../engine/calls.ts'
import { type Arguments, forwardingStore, type Outcomes } from '../../engine/operations.ts'
import type { Tell } from '../migrations.ts'
import { type Command, errorFromJson, type Message, type Opened } from './messages.ts'
import { type Parcel, packMessages, unpackReplies } from './parcels.ts'

export type Listeners = { tell: Tell; onCrash: (error: unknown) => void }

/**
 * Opens a database file in a thread of its own, which runs the operations. Throws if that thread ends before the
 * file is open; if it does later, `onCrash` is called. `tell` is called while it opens.
 */
export async function openInWorker(
  url: string,
  calls: Calls,
  { tell, onCrash }: Listeners,
): Promise<Opened & { store: Store; close: () => Promise<void> }> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url).href)
  const { promise: crash, reject: crashed } = Promise.withResolvers<never>()
  worker.onerror = (event) => crashed(new Error(event.message))
  worker.onmessage = ({ data }: MessageEvent<Parcel>) => {
    for (const reply of unpackReplies(data)) {
      if ('line' in reply) {
        tell(reply.line)
        continue
      }
      const { id, value, error } = reply
      if (error) calls.reject(id, errorFromJson(error))
      else calls.resolve(id, value)
    }
  }
  let outbox: Message[] = []
  const flush = () => {
    worker.postMessage(packMessages(outbox))
    outbox = []
  }
  const send = (message: Message) => {
    // The messages of one turn of the event loop are posted together.
    if (outbox.push(message) === 1) setImmediate(flush)
  }
  const control = <Outcome>(command: Command) => {
    const { id, outcome } = calls.begin<Outcome>(Number.POSITIVE_INFINITY)
    send({ ...command, id })
    return outcome
  }
  function forward<Name extends OperationName>(name: Name) {
    const timeoutMs = deadlineMs(name)
    return async (...args: Arguments[Name]) => {
      const { id, outcome } = calls.begin<Outcomes[Name]>(timeoutMs)
      send({ id, name, args })
      return outcome
    }
  }

  const { created } = await Promise.race([control<Opened>({ open: url }), crash])
  crash.catch(onCrash)
  return {
    created,
    store: forwardingStore(forward),
    async close() {
      await control<void>({ close: true })
      worker.terminate()
    },
  }
}
