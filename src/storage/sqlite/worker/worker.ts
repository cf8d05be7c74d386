import type { Store } from '../../../domain/store.ts'
import { perform } from '../../engine/operations.ts'
import { openSqliteStore } from '../store.ts'
import { failureOf, type Message, type Reply } from './messages.ts'

// The thread of a database file: it alone opens the file, and every call of libSQL blocks it. `client.ts`, in
// the thread that serves HTTP, starts it and sends the calls.

declare const self: Worker

let opened: { store: Store; close: () => Promise<void> } | undefined
let replies: Reply<unknown>[] = []

self.onmessage = ({ data }: MessageEvent<string>) => {
  const messages: Message[] = JSON.parse(data)
  for (const message of messages) void answer(message)
}

async function answer(message: Message): Promise<void> {
  const { id } = message
  try {
    reply({ id, value: await outcomeOf(message) })
  } catch (error) {
    reply({ id, value: undefined, error: failureOf(error) })
  }
}

/** What is answered in the same moment, as a batch of matches is, goes back as one message. */
function reply(one: Reply<unknown>): void {
  if (replies.push(one) === 1) queueMicrotask(post)
}

function post(): void {
  self.postMessage(JSON.stringify(replies))
  replies = []
}

async function outcomeOf(message: Message): Promise<unknown> {
  if (message.name === 'open') {
    opened = await openSqliteStore(message.url)
    return
  }
  if (!opened) throw new Error('The database is not open.')
  if (message.name === 'close') return opened.close()
  return perform(opened.store, message.name, message.args)
}
