import type { OperationName } from '../../../domain/store.ts'
import type { Operations } from '../../engine/operations.ts'
import { openSqliteStore } from '../store/store.ts'
import { errorToJson, type Message, type Opened, type Reply } from './messages.ts'
import { type Parcel, packReplies, unpackMessages } from './parcels.ts'

// The thread of a database file: the only one that opens the file, since every call into libSQL blocks.
// `client.ts` starts it from the thread that serves HTTP, and sends it the calls.

declare const self: Worker

let opened: { store: Operations; created: boolean; close: () => Promise<void> } | undefined
let replies: Reply<unknown>[] = []

self.onmessage = ({ data }: MessageEvent<Parcel>) => {
  for (const message of unpackMessages(data)) void answer(message)
}

async function answer(message: Message): Promise<void> {
  const { id } = message
  try {
    send({ id, value: await outcomeOf(message) })
  } catch (error) {
    send({ id, value: undefined, error: errorToJson(error) })
  }
}

async function outcomeOf<Name extends OperationName>(message: Message<Name>): Promise<unknown> {
  if ('open' in message) {
    // At once, because what is told of takes the thread for long.
    const tell = (line: string) => self.postMessage(packReplies([{ line }]))
    opened = await openSqliteStore(message.open, undefined, tell)
    return { created: opened.created } satisfies Opened
  }
  if (!opened) throw new Error('The database is not open.')
  if ('close' in message) return opened.close()
  return opened.store[message.name](...message.args)
}

/** Replies that are ready in one microtask checkpoint, as those of a batch of matches, are posted together. */
function send(reply: Reply<unknown>): void {
  if (replies.push(reply) === 1) queueMicrotask(flush)
}

function flush(): void {
  self.postMessage(packReplies(replies))
  replies = []
}
