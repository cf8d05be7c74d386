import type { Logger } from 'pino'
import { createApp } from '../app.ts'
import { type Config, ConfigError, isShort, readConfig, shortKeys } from '../config.ts'
import { makeApiKey } from '../domain/api-key.ts'
import { MasterKeys } from '../domain/master-keys.ts'
import type { Durability, Store } from '../domain/store.ts'
import { GracefulShutdown } from '../http/server/graceful-shutdown.ts'
import { listen } from '../http/server/listen.ts'
import { keepOpen, type Peer, peerOf } from '../http/server/peer.ts'
import { createJobs } from '../jobs/jobs.ts'
import { limits } from '../limits.ts'
import { createLog, formatForPeople, type LogRequest } from '../log.ts'
import { openStore } from '../storage/open-store.ts'
import { oneLine } from './one-line.ts'
import { nearMisses } from './setting-names.ts'
import { allMasterKeys, readSettings } from './settings.ts'
import {
  databasePlace,
  firstSteps,
  type RunningServer,
  reachableHost,
  startupBanner,
} from './terminal.ts'

/**
 * Serves until SIGTERM or SIGINT, and returns the exit code: 0 after a graceful shutdown, 1 if it cannot start or
 * cannot continue.
 */
export async function run(): Promise<number> {
  try {
    return await serve(readSettings())
  } catch (error) {
    const problems = error instanceof ConfigError ? error.problems : [oneLine(error)]
    for (const problem of problems) process.stderr.write(`zaas cannot start: ${problem}\n`)
    return 1
  }
}

async function serve(config: Config): Promise<number> {
  const { promise: exitCode, resolve: exit } = Promise.withResolvers<number>()
  const atTerminal = process.stdout.isTTY
  const format = atTerminal ? await formatForPeople() : undefined
  const { log, logRequest, droppedLines, close: closeLog } = createLog(config.logLevel, format)
  const crash = async (err: unknown) => {
    log.fatal({ err }, 'the database thread ended')
    await closeLog()
    exit(1)
  }
  const { databaseUrl: url, databaseAuthToken: authToken } = config
  const {
    store,
    created,
    close: closeStore,
  } = await openStore(
    { url, authToken },
    { tell: (line) => log.info(line), onCrash: (err) => void crash(err) },
  ).catch(blame('DATABASE_URL'))
  const { durability } = await store.readiness()
  const keyOfThisRun =
    config.masterApiKeys.length > 0 || config.production ? undefined : makeApiKey()
  const masterKeys = new MasterKeys(keyOfThisRun ? [keyOfThisRun] : config.masterApiKeys)
  const shutdown = new GracefulShutdown()
  let servers: Bun.Server<undefined>[] = []
  const connections = {
    peerOf: (request: Request) => peerOf(servers[0], request),
    keepOpen: (request: Request) => keepOpen(servers[0], request),
  }
  const { fetch, jobs } = wire(config, {
    store,
    log,
    logRequest,
    shutdown,
    masterKeys,
    droppedLines,
    connections,
  })
  servers = await Promise.try(() => listen(config, shutdown.gate(fetch), log)).catch(
    blame('HOST or PORT'),
  )
  jobs.start()

  const port = Number(servers[0]?.port)
  const host = reachableHost(config.host, servers.length)
  announce({ ...config, host, port, durability, keyOfThisRun }, log, atTerminal)
  if (created) log.info(`created the database ${databasePlace(url)}`)
  for (const warning of warnings(config, { durability, keyOfThisRun })) log.warn(warning)

  const stop = async () => {
    // Ctrl+C at a terminal arrives twice under `bun run`; the second must not interrupt the shutdown.
    if (shutdown.started) return
    await shutdown.stop(servers)
    log.info('stopped')
    const closed = jobs.stop().then(closeStore)
    await Promise.race([closed, Bun.sleep(limits.shutdown.closeDatabaseMs)])
    await closeLog()
    exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  const reread = () => rereadMasterKeys(config, masterKeys, log)
  // Without a file to read again, SIGHUP at a terminal means that the terminal is gone.
  process.on('SIGHUP', atTerminal && !config.masterApiKeysFile ? stop : reread)
  return exitCode
}

/** Reads MASTER_API_KEYS_FILE again. Keeps the keys if it cannot be used. */
function rereadMasterKeys(config: Config, masterKeys: MasterKeys, log: Logger): void {
  if (!config.masterApiKeysFile) {
    log.warn('SIGHUP: there is nothing to read again, since MASTER_API_KEYS_FILE is not set')
    return
  }
  try {
    const keys = allMasterKeys(readConfig(process.env))
    masterKeys.replace(keys)
    log.info({ keys: keys.length }, 'read the master keys again')
    if (keys.some(isShort)) log.warn(`among the master keys is ${shortKeys}`)
  } catch (error) {
    log.error(`the master keys stay as they were: ${oneLine(error)}`)
  }
}

function warnings(
  config: Config,
  { durability, keyOfThisRun }: { durability: Durability; keyOfThisRun: string | undefined },
): string[] {
  const { masterApiKeys } = config
  return [
    ...(durability === 'relaxed'
      ? ['commits are not synced to disk: a power cut can undo them']
      : []),
    ...(!keyOfThisRun && masterApiKeys.length === 0
      ? ['MASTER_API_KEYS is not set: /admin stays shut']
      : []),
    ...(config.webhooksAllowPrivate && config.production
      ? ['WEBHOOKS_ALLOW_PRIVATE is true: webhooks may go to addresses inside the network']
      : []),
    ...(masterApiKeys.some(isShort) ? [`among the master keys is ${shortKeys}`] : []),
    ...nearMisses(process.env),
  ]
}

type Parts = {
  store: Store
  log: Logger
  logRequest: LogRequest
  shutdown: GracefulShutdown
  masterKeys: MasterKeys
  droppedLines: () => number
  connections: {
    peerOf: (request: Request) => Peer
    keepOpen: (request: Request) => () => void
  }
}

function wire(
  config: Config,
  { store, log, logRequest, shutdown, masterKeys, droppedLines, connections }: Parts,
) {
  const clock = () => new Date()
  const { historyDays, webhooksAllowPrivate } = config
  const jobs = createJobs({ store, clock, log, historyDays, webhooksAllowPrivate })
  const { fetch } = createApp({
    store,
    log,
    logRequest,
    clock,
    newId: () => crypto.randomUUID(),
    noteUse: (id) => jobs.keyUses.note(id),
    checkReceiver: jobs.checkReceiver,
    sendSoon: jobs.sendSoon,
    masterKeys,
    corsOrigins: config.corsOrigins,
    bodyLimitBytes: config.bodyLimitBytes,
    importLimitBytes: config.importLimitBytes,
    ...connections,
    stopping: () => shutdown.started,
    droppedLogLines: droppedLines,
  })
  return { fetch, jobs }
}

function announce(running: RunningServer, log: Logger, atTerminal: boolean): void {
  // Standard error may be closed, or on a full disk.
  process.stderr.on('error', () => {})
  process.stderr.write(atTerminal ? startupBanner(running) : firstSteps(running))
  const { port, durability } = running
  log.info({ port, pid: process.pid, durability }, 'listening')
}

/** Returns an error handler that prefixes the message with the setting that caused it. */
function blame(setting: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`${setting}: ${oneLine(error)}`)
  }
}
