import { type ErrorCode, ZaasError } from '../errors.ts'
import type { OpenedDatabase, OperationName } from './store.ts'

/** A list of them goes to the thread, or comes back, as JSON: Bun passes strings on without a copy. */
export type Call = { id: number; name: OperationName | 'open' | 'close'; args: unknown[] }
export type Reply = { id: number; value?: unknown; error?: Failure }
export type Failure = {
  name: string
  message: string
  stack?: string
  code?: ErrorCode
  cause?: Failure
}

type Waiting = { resolve: (value: unknown) => void; reject: (error: unknown) => void }

/** Opens a database as `openHere` does, in a thread of its own. `onCrash` is called when that ends by itself. */
export async function openInThread(
  url: string,
  onCrash: (error: unknown) => void,
): Promise<OpenedDatabase> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url).href)
  const waiting = new Map<number, Waiting>()
  let calls = 0
  let outbox: Call[] = []
  worker.onerror = (event) => onCrash(new Error(event.message))
  worker.onmessage = ({ data }: MessageEvent<string>) => {
    const replies: Reply[] = JSON.parse(data)
    for (const { id, value, error } of replies) {
      const call = waiting.get(id)
      waiting.delete(id)
      if (error) call?.reject(revived(error))
      else call?.resolve(value)
    }
  }
  const post = () => {
    worker.postMessage(JSON.stringify(outbox))
    outbox = []
  }
  const ask = (name: Call['name'], args: unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      const call: Call = { id: ++calls, name, args }
      waiting.set(call.id, { resolve, reject })
      // What is asked for in one turn of the event loop goes as one message.
      if (outbox.push(call) === 1) setImmediate(post)
    })

  await ask('open', [url])
  return {
    run: ask,
    async close() {
      await ask('close', [])
      worker.terminate()
    },
  }
}

function revived({ name, message, stack, code, cause }: Failure): Error {
  const options = { cause: cause && revived(cause) }
  const error = code ? new ZaasError(code, message, options) : new Error(message, options)
  error.name = name
  if (stack) error.stack = stack
  return error
}
