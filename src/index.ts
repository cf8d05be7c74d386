import { createApp } from './app.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { Database } from './db/database.ts'
import { makeApiKey } from './db/keys.ts'
import { migrate } from './db/migrations.ts'
import { createLog } from './log.ts'

const stopMaxMs = 9_000

try {
  await serve(readConfig(process.env))
} catch (error) {
  const setting = error instanceof ConfigError ? 'setting: ' : ''
  process.stderr.write(`zaas cannot start: ${setting}${oneLine(error)}\n`)
  process.exit(1)
}

async function serve(config: Config): Promise<void> {
  const { log, flush } = createLog(config.logLevel)
  const db = await Database.open(config.databaseUrl, config.databaseAuthToken)
  await migrate(db)
  const masterApiKeys =
    config.masterApiKeys.length > 0 ? config.masterApiKeys : keysOfThisRun(config)
  let stopping = false
  const app = createApp({
    db,
    log,
    clock: () => new Date(),
    newId: () => crypto.randomUUID(),
    masterApiKeys,
    bodyLimitBytes: config.bodyLimitBytes,
    stopping: () => stopping,
  })
  app.listen({
    port: config.port,
    hostname: config.host,
    // Otherwise a second server on the same port would start and silently take half of the requests.
    reusePort: false,
    development: false,
    // Bun's own limit answers with an empty 413; ours, below it, with a problem.
    maxRequestBodySize: 2 * config.bodyLimitBytes,
  })
  log.info({ port: app.server?.port, durability: await db.durability() }, 'listening')
  if (masterApiKeys.length === 0) log.warn('MASTER_API_KEYS is not set: /admin stays shut')

  const stop = async () => {
    stopping = true
    setTimeout(() => process.exit(0), stopMaxMs).unref()
    await app.stop()
    await db.close()
    log.info('stopped')
    flush()
    process.exit(0)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
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
