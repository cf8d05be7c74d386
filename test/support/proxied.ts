import { Database } from '../../src/storage/sqlite/database.ts'
import { startProxy } from './proxy.ts'
import { addressOf, startSqld } from './sqld.ts'

/** A sqld and a proxy to it. `stop` both in the end. */
export async function startProxiedSqld() {
  const sqld = await startSqld()
  const proxy = await startProxy(sqld.ports.http)
  let databases = 0
  return {
    sqld,
    proxy,
    /** A new database, opened through the proxy, its name, and its address without the proxy. */
    fresh: async () => {
      const name = `database-${++databases}`
      const address = await sqld.create(name)
      return { name, address, db: await Database.open(addressOf(name, proxy.port)) }
    },
    stop: async () => {
      proxy.stop()
      await sqld.stop()
    },
  }
}

export type ProxiedSqld = Awaited<ReturnType<typeof startProxiedSqld>>
