import { ZaasError } from '../errors.ts'
import { Database } from './database.ts'
import { migrate } from './migrations.ts'
import { runOperation } from './store.ts'
import type { Call, Failure, Reply } from './thread.ts'

declare const self: Worker

let db: Database | undefined

self.onmessage = async ({ data }: MessageEvent<string>) => {
  const call: Call = JSON.parse(data)
  let reply: Reply
  try {
    reply = { id: call.id, value: await answer(call) }
  } catch (error) {
    reply = { id: call.id, error: failure(error) }
  }
  self.postMessage(JSON.stringify(reply))
}

async function answer({ name, args }: Call): Promise<unknown> {
  if (name === 'open') {
    const [url, authToken] = args.map(String)
    db = await Database.open(String(url), authToken)
    return migrate(db)
  }
  if (!db) throw new Error('The database is not open.')
  return name === 'close' ? db.close() : runOperation(db, name, args)
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
