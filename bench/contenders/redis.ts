import { RedisClient } from 'bun'
import { freePort } from '../../test/support/process.ts'
import { makeCodes } from '../codes.ts'
import { type Absent, type Contender, startService } from '../contender.ts'
import { start, stop, tempFolder, untilReady } from '../processes.ts'
import { namespaceName, type Stock } from '../stock.ts'

const name = 'Redis, appendfsync always'
const pushMax = 10_000

/** Starts one Redis for the whole run; each start of the contender empties and fills it. */
export async function redis(): Promise<Contender | Absent> {
  if (!Bun.which('redis-server')) return { name, absent: 'apt-get install redis-server' }
  const port = freePort()
  const server = start('redis-server', [
    ...[
      'redis-server',
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      tempFolder('redis'),
    ],
    ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''],
    // Compacting its log in the middle of a run would only slow it down.
    ...['--auto-aof-rewrite-percentage', '0'],
  ])
  const url = `redis://127.0.0.1:${port}`
  const client = new RedisClient(url)
  await untilReady(server, () => client.send('PING', []))
  return {
    name,
    ratePerSecondMax: 40_000,
    async start(stock) {
      await fill(client, stock)
      const { origin, child } = await startService('redis', stock, { REDIS_URL: url })
      return {
        origin,
        pid: child.process.pid,
        databasePid: server.process.pid,
        stop: () => stop(child),
      }
    },
  }
}

async function fill(client: RedisClient, stock: Stock): Promise<void> {
  await client.send('FLUSHALL', [])
  for (const [n, count] of stock.entries()) {
    for (let done = 0; done < count; done += pushMax) {
      const items = makeCodes(Math.min(pushMax, count - done))
      await client.send('RPUSH', [`available:${namespaceName(n)}`, ...items])
    }
  }
}
