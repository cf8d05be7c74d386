import type { Logger } from 'pino'
import { createApp } from './app.ts'
import { type Config, readConfig } from './config.ts'
import { makeApiKey } from './db/keys.ts'
import { openStore } from './db/opening.ts'
import { Drain } from './drain.ts'
import { lastResort } from './http/problems.ts'
import { addressed } from './http/requests.ts'
import { createLog, formatForPeople } from './log.ts'
import { firstSteps, whereThingsAre } from './terminal.ts'

const drainMaxMs = 8_000
const closeMaxMs = 1_000
const idleMaxSeconds = 30

try {
  await start(readConfig(process.env))
} catch (error) {
  process.stderr.write(`zaas cannot start: ${oneLine(error)}\n`)
  process.exit(1)
}

async function start(config: Config): Promise<void> {
  const atTerminal = process.stdout.isTTY
  const { log, end } = createLog(config.logLevel, atTerminal ? await formatForPeople() : undefined)
  const crash = async (err: unknown) => {
    log.fatal({ err }, 'the database thread ended')
    await end()
    process.exit(1)
  }
  const { databaseUrl: url, databaseAuthToken: authToken } = config
  const { store, close } = await openStore({ url, authToken }, (err) => void crash(err)).catch(
    blame('DATABASE_URL'),
  )
  const { durability } = await store.readiness()
  const drain = new Drain()
  const keyOfThisRun =
    config.masterApiKeys.length > 0 || config.production ? undefined : makeApiKey()
  const app = createApp({
    store,
    log,
    clock: () => new Date(),
    newId: () => crypto.randomUUID(),
    masterApiKeys: keyOfThisRun ? [keyOfThisRun] : config.masterApiKeys,
    bodyLimitBytes: config.bodyLimitBytes,
    importLimitBytes: config.importLimitBytes,
    stopping: () => drain.started,
  })
  const server = await listen(config, drain, app.fetch, log).catch(blame('HOST or PORT'))

  const running = { ...config, port: Number(server.port), durability, keyOfThisRun }
  process.stderr.write(atTerminal ? whereThingsAre(running) : firstSteps(running))
  log.info({ port: server.port, pid: process.pid, durability }, 'listening')
  if (durability === 'relaxed')
    log.warn('commits are not synced to disk: a power cut can undo them')
  if (!keyOfThisRun && config.masterApiKeys.length === 0)
    log.warn('MASTER_API_KEYS is not set: /admin stays shut')

  const stop = async () => {
    // A terminal's Ctrl+C arrives twice under `bun run`: the first is enough.
    if (drain.started) return
    await drain.stop(server, drainMaxMs)
    log.info('stopped')
    await Promise.race([close(), Bun.sleep(closeMaxMs)])
    await end()
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

type Fetch = (request: Request) => Response | Promise<Response>

async function listen({ port, host }: Config, drain: Drain, fetch: Fetch, log: Logger) {
  return Bun.serve({
    port,
    hostname: host,
    fetch: drain.gate((request) => fetch(addressed(request))),
    error: (error) => lastResort(log, crypto.randomUUID(), error),
    development: false,
    // Otherwise a second server on this port would start and silently take half of the requests.
    reusePort: false,
    idleTimeout: idleMaxSeconds,
    // Bun's own limit answers with an empty 413, to anyone; ours comes after the key, with a problem.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  })
}

/** Puts the name of the setting before what went wrong with it. */
function blame(setting: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`${setting}: ${oneLine(error)}`)
  }
}

function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : ` ${oneLine(error.cause)}`
  return `${error.message}${cause}`.replaceAll(/\s+/g, ' ')
}
