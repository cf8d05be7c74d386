import { ZaasError } from '../errors.ts'
import { type OpenedDatabase, openHere } from './store.ts'
import type { Call, Failure, Reply } from './thread.ts'

declare const self: Worker

let opened: OpenedDatabase | undefined
let replies: Reply[] = []

self.onmessage = ({ data }: MessageEvent<string>) => {
  const calls: Call[] = JSON.parse(data)
  for (const call of calls) void reply(call)
}

/** What is answered in the same moment, as a batch of matches is, goes back as one message. */
async function reply(call: Call): Promise<void> {
  const answered = await answer(call).then(
    (value): Reply => ({ id: call.id, value }),
    (error): Reply => ({ id: call.id, error: failure(error) }),
  )
  if (replies.push(answered) === 1) queueMicrotask(post)
}

function post(): void {
  self.postMessage(JSON.stringify(replies))
  replies = []
}

async function answer({ name, args }: Call): Promise<unknown> {
  if (name === 'open') {
    opened = await openHere(String(args[0]))
    return
  }
  if (!opened) throw new Error('The database is not open.')
  if (name === 'close') return opened.close()
  return opened.run(name, args)
}

function failure(error: unknown): Failure {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) }
  return {
    name: error.name,
    message: error.message,
    ...(error.stack && { stack: error.stack }),
    ...(error instanceof ZaasError && { code: error.code }),
    ...(error.cause !== undefined && { cause: failure(error.cause) }),
  }
}
