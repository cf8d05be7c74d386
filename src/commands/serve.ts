import type { Logger } from 'pino'
import { createApp } from '../app.ts'
import { type Config, readConfig } from '../config.ts'
import { makeApiKey } from '../domain/api-key.ts'
import type { Store } from '../domain/store.ts'
import { GracefulShutdown } from '../http/server/graceful-shutdown.ts'
import { listen } from '../http/server/listen.ts'
import { createJobs } from '../jobs/jobs.ts'
import { limits } from '../limits.ts'
import { createLog, formatForPeople } from '../log.ts'
import { openStore } from '../storage/open-store.ts'
import { oneLine } from './one-line.ts'
import { firstSteps, type RunningServer, startupBanner } from './terminal.ts'

/**
 * Serves until SIGTERM or SIGINT, and returns the exit code: 0 after a graceful shutdown, 1 if it cannot start or
 * cannot continue.
 */
export async function run(): Promise<number> {
  try {
    return await serve(readConfig(process.env))
  } catch (error) {
    process.stderr.write(`zaas cannot start: ${oneLine(error)}\n`)
    return 1
  }
}

async function serve(config: Config): Promise<number> {
  const { promise: exitCode, resolve: exit } = Promise.withResolvers<number>()
  const atTerminal = process.stdout.isTTY
  const { log, close: closeLog } = createLog(
    config.logLevel,
    atTerminal ? await formatForPeople() : undefined,
  )
  const crash = async (err: unknown) => {
    log.fatal({ err }, 'the database thread ended')
    await closeLog()
    exit(1)
  }
  const { databaseUrl: url, databaseAuthToken: authToken } = config
  const { store, close: closeStore } = await openStore(
    { url, authToken },
    (err) => void crash(err),
  ).catch(blame('DATABASE_URL'))
  const { durability } = await store.readiness()
  const keyOfThisRun =
    config.masterApiKeys.length > 0 || config.production ? undefined : makeApiKey()
  const shutdown = new GracefulShutdown()
  const { fetch, jobs } = wire(config, { store, log, shutdown, keyOfThisRun })
  const server = await Promise.try(() => listen(config, shutdown.gate(fetch), log)).catch(
    blame('HOST or PORT'),
  )
  jobs.start()
  announce({ ...config, port: Number(server.port), durability, keyOfThisRun }, log, atTerminal)

  const stop = async () => {
    // Ctrl+C at a terminal arrives twice under `bun run`; the second must not interrupt the shutdown.
    if (shutdown.started) return
    await shutdown.stop(server)
    log.info('stopped')
    const closed = jobs.stop().then(closeStore)
    await Promise.race([closed, Bun.sleep(limits.shutdown.closeDatabaseMs)])
    await closeLog()
    exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  return exitCode
}

type Parts = {
  store: Store
  log: Logger
  shutdown: GracefulShutdown
  keyOfThisRun: string | undefined
}

function wire(config: Config, { store, log, shutdown, keyOfThisRun }: Parts) {
  const clock = () => new Date()
  const jobs = createJobs({ store, clock, log })
  const { fetch } = createApp({
    store,
    log,
    clock,
    newId: () => crypto.randomUUID(),
    noteUse: (id) => jobs.keyUses.note(id),
    masterApiKeys: keyOfThisRun ? [keyOfThisRun] : config.masterApiKeys,
    bodyLimitBytes: config.bodyLimitBytes,
    importLimitBytes: config.importLimitBytes,
    stopping: () => shutdown.started,
  })
  return { fetch, jobs }
}

function announce(
  running: RunningServer & Pick<Config, 'masterApiKeys'>,
  log: Logger,
  atTerminal: boolean,
): void {
  const { port, durability, keyOfThisRun, masterApiKeys } = running
  process.stderr.write(atTerminal ? startupBanner(running) : firstSteps(running))
  log.info({ port, pid: process.pid, durability }, 'listening')
  if (durability === 'relaxed')
    log.warn('commits are not synced to disk: a power cut can undo them')
  if (!keyOfThisRun && masterApiKeys.length === 0)
    log.warn('MASTER_API_KEYS is not set: /admin stays shut')
}

/** Returns an error handler that prefixes the message with the setting that caused it. */
function blame(setting: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`${setting}: ${oneLine(error)}`)
  }
}
