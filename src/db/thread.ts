import { type ErrorCode, ZaasError } from '../errors.ts'
import { type OperationName, type Store, storeOf } from './store.ts'

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

/** Bounds what waits for a thread that is busy; the thread itself bounds what it takes on of each kind. */
const callsWaitingMax = 11_000

/** Longer than a match waits for its turn and for other processes, which say better what is wrong. */
const answerMaxMs = 8_000
/** A change may have to go through a namespace of millions. */
const changeMaxMs = 20_000
const changes: readonly Call['name'][] = ['changeItems', 'replaceItems']
const overdueCheckMs = 250

type Waiting = {
  untilMs: number
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/**
 * Opens the database in a thread of its own, brings its tables up to date, and returns its operations.
 * The client blocks its thread while it works: here that is not the one that serves HTTP. Throws when
 * the database cannot be used. An operation throws `unavailable` when too many wait, or when it
 * takes too long: then what it was to change may still be changed. `onCrash` is called when the thread
 * ends by itself; nothing is answered after that, so the process has to end.
 */
export async function openStore(
  { url, authToken }: { url: string; authToken: string | undefined },
  onCrash: (error: unknown) => void,
): Promise<{ store: Store; close: () => Promise<void> }> {
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
  const ask = (name: Call['name'], args: unknown[], maxMs = Number.POSITIVE_INFINITY) =>
    new Promise<unknown>((resolve, reject) => {
      const call: Call = { id: ++calls, name, args }
      waiting.set(call.id, { untilMs: performance.now() + maxMs, resolve, reject })
      // What is asked for in one turn of the event loop goes as one message.
      if (outbox.push(call) === 1) setImmediate(post)
    })
  const store = storeOf(async (name, args) => {
    if (waiting.size >= callsWaitingMax) {
      throw new ZaasError('unavailable', 'Too many requests are waiting.')
    }
    return ask(name, args, changes.includes(name) ? changeMaxMs : answerMaxMs)
  })

  await ask('open', [url, authToken ?? ''])
  const overdue = setInterval(() => rejectOverdue(waiting.values()), overdueCheckMs)
  const close = async () => {
    clearInterval(overdue)
    await ask('close', [])
    worker.terminate()
  }
  return { store, close }
}

/** They stay in the list until the thread answers: until then they are in its memory. */
function rejectOverdue(waiting: Iterable<Waiting>): void {
  const nowMs = performance.now()
  for (const { untilMs, reject } of waiting) {
    if (untilMs > nowMs) continue
    reject(new ZaasError('unavailable', 'The database takes too long; a change may still be made.'))
  }
}

function revived({ name, message, stack, code, cause }: Failure): Error {
  const options = { cause: cause && revived(cause) }
  const error = code ? new ZaasError(code, message, options) : new Error(message, options)
  error.name = name
  if (stack) error.stack = stack
  return error
}
