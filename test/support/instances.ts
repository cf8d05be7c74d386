import { freshDatabase } from './backend.ts'
import type { Launch } from './process.ts'
import { type Server, startServer } from './server.ts'

/** Several servers, started at once on one new database; they and the database are gone afterwards. */
export async function withServers<Result>(
  count: number,
  use: (servers: Server[], path: string, url: string) => Promise<Result>,
  options: Launch & { env?: Record<string, string> } = {},
): Promise<Result> {
  const { url, path, remove } = await freshDatabase({ inMemory: false })
  const starts = await Promise.allSettled(
    Array.from({ length: count }, () => startServer(url, options)),
  )
  const servers = starts.flatMap((start) => (start.status === 'fulfilled' ? start.value : []))
  try {
    for (const start of starts) if (start.status === 'rejected') throw start.reason
    return await use(servers, path, url)
  } finally {
    for (const { child } of servers) child.kill('SIGKILL')
    await Promise.all(servers.map(({ child }) => child.exited))
    await remove()
  }
}

/** One of a list, which is longer than it is asked for to be. */
export function at<Value>(values: readonly Value[], n: number): Value {
  const value = values[n % values.length]
  if (value === undefined) throw new RangeError('The list is empty.')
  return value
}

/** Does a piece of work for each value, `workers` at a time. */
export async function forEachOf<Value>(
  values: readonly Value[],
  workers: number,
  work: (value: Value, n: number) => Promise<void>,
): Promise<void> {
  const rest = values.entries()
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for (const [n, value] of rest) await work(value, n)
    }),
  )
}
