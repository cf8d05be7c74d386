import { type Calls, deadlineMs } from '../../engine/calls.ts'
import type { Arguments, Outcomes, RunOperation } from '../../engine/operations.ts'
import { errorFromJson, type Message, type Reply } from './messages.ts'

/**
 * Opens a database file in a thread of its own, which runs the operations. `onCrash` is called if that thread
 * ends by itself.
 */
export async function openInWorker(
  url: string,
  calls: Calls,
  onCrash: (error: unknown) => void,
): Promise<{ run: RunOperation; close: () => Promise<void> }> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url).href)
  worker.onerror = (event) => onCrash(new Error(event.message))
  worker.onmessage = ({ data }: MessageEvent<string>) => {
    const replies: Reply<never>[] = JSON.parse(data)
    for (const { id, value, error } of replies) {
      if (error) calls.reject(id, errorFromJson(error))
      else calls.resolve(id, value)
    }
  }
  let outbox: Message[] = []
  const flush = () => {
    worker.postMessage(JSON.stringify(outbox))
    outbox = []
  }
  const send = (message: Message) => {
    // The messages of one turn of the event loop are posted together.
    if (outbox.push(message) === 1) setImmediate(flush)
  }
  const control = (command: { name: 'open'; url: string } | { name: 'close' }) => {
    const { id, outcome } = calls.begin<void>(Number.POSITIVE_INFINITY)
    send({ ...command, id })
    return outcome
  }

  await control({ name: 'open', url })
  return {
    async run<Name extends keyof Arguments>(name: Name, args: Arguments[Name]) {
      const { id, outcome } = calls.begin<Outcomes[Name]>(deadlineMs(name))
      send({ id, name, args })
      return outcome
    },
    async close() {
      await control({ name: 'close' })
      worker.terminate()
    },
  }
}
