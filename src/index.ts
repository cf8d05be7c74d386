import { createApp } from './app.ts'
import { type Config, readConfig } from './config.ts'
import { Database } from './db/database.ts'
import { makeApiKey } from './db/keys.ts'
import { migrate } from './db/migrations.ts'
import { Drain } from './drain.ts'
import { createLog } from './log.ts'

const drainMaxMs = 8_000
const idleMaxSeconds = 30

try {
  await serve(readConfig(process.env))
} catch (error) {
  process.stderr.write(`zaas cannot start: ${oneLine(error)}\n`)
  process.exit(1)
}

async function serve(config: Config): Promise<void> {
  const { log, flush } = createLog(config.logLevel)
  const db = await Database.open(config.databaseUrl, config.databaseAuthToken)
  await migrate(db)
  const masterApiKeys =
    config.masterApiKeys.length > 0 ? config.masterApiKeys : keysOfThisRun(config)
  const drain = new Drain()
  const app = createApp({
    db,
    log,
    clock: () => new Date(),
    newId: () => crypto.randomUUID(),
    masterApiKeys,
    bodyLimitBytes: config.bodyLimitBytes,
    importLimitBytes: config.importLimitBytes,
    stopping: () => drain.started,
  })
  const server = Bun.serve({
    port: config.port,
    hostname: config.host,
    fetch: drain.gate(app.fetch),
    development: false,
    // Otherwise a second server on this port would start and silently take half of the requests.
    reusePort: false,
    idleTimeout: idleMaxSeconds,
    // Bun's own limit answers with an empty 413, to anyone; ours comes after the key, with a problem.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  })
  log.info({ port: server.port, durability: await db.durability() }, 'listening')
  if (masterApiKeys.length === 0) log.warn('MASTER_API_KEYS is not set: /admin stays shut')

  const stop = async () => {
    // A terminal's Ctrl+C arrives twice under `bun run`: the first is enough.
    if (drain.started) return
    await drain.stop(server, drainMaxMs)
    await db.close()
    log.info('stopped')
    flush()
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

/** A master key for a first try; in production nobody would see it, so none is made. */
function keysOfThisRun({ production, port }: Config): string[] {
  if (production) return []
  const key = makeApiKey()
  process.stderr.write(`MASTER_API_KEYS is not set. The master key of this run is

  ${key}

Make an API key with it:

  curl -s localhost:${port}/admin/api-keys -H 'x-master-api-key: ${key}' \\
    -H 'content-type: application/json' -d '{"namespace":"demo"}'

`)
  return [key]
}

function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.replaceAll(/\s+/g, ' ')
}
