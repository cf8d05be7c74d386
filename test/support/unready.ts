import { Database as Sqlite } from 'bun:sqlite'
import type { Server } from './server.ts'

/** Makes a server answer a request with 503: a migration looks as if it were pending meanwhile. */
export async function answerOnce503({ origin }: Server, path: string): Promise<void> {
  const file = new Sqlite(path)
  file.run('PRAGMA busy_timeout = 5000')
  file.run('UPDATE __drizzle_migrations SET hash = hash || 1')
  // What the server has just found out counts for a second.
  const untilMs = performance.now() + 3_000
  const ask = async () => (await fetch(`${origin}/health/ready`)).status
  let status = await ask()
  while (status !== 503 && performance.now() < untilMs) {
    await Bun.sleep(100)
    status = await ask()
  }
  file.run('UPDATE __drizzle_migrations SET hash = substr(hash, 1, length(hash) - 1)')
  file.close()
  if (status !== 503) throw new Error(`A server that is not ready answered ${status}.`)
}
