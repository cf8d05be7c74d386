import { version } from '../package.json'

const usage = `zaas hands out pre-loaded single-use items to requestors: one each, exactly once.

  zaas                             serves
  zaas health                      ends with 0 when the zaas of these settings is ready, else with 1
  zaas backup FILE [--force]       copies the database, while it is in use
  zaas restore FILE [--force]      puts a backup in its place
  zaas adopt OLD.db [--apply]      takes over a database of the earlier zaas
  zaas --version, zaas --help

The settings come from the environment and from .env: PORT, HOST, DATABASE_URL, DATABASE_AUTH_TOKEN,
MASTER_API_KEYS, LOG_LEVEL, BODY_LIMIT_BYTES, IMPORT_LIMIT_BYTES. A zaas that runs shows its API at /swagger, and its
stock at /console.
`

const commands: Record<string, () => Promise<unknown>> = {
  health: () => import('./commands/health.ts'),
  backup: () => import('./commands/backup.ts'),
  restore: () => import('./commands/restore.ts'),
  adopt: () => import('./commands/adopt.ts'),
  '--version': async () => process.stdout.write(`${version}\n`),
  '--help': async () => process.stdout.write(usage),
}

// What the executable begins with. Each part is loaded only when it is asked for; a command finds its own
// arguments where it would as a process of `bun run`.
const [name] = process.argv.splice(2, 1)
const command = name === undefined ? () => import('./index.ts') : commands[name]
if (command) {
  await command().catch(explain)
} else {
  process.stderr.write(usage)
  process.exitCode = 2
}

/** What is needed of a folder that it unpacks into is nothing that one sees from the error. */
function explain(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_DLOPEN_FAILED'))
    throw error
  process.stderr.write(
    'zaas cannot start: the temp folder must let files be written and run. Name another one in BUN_TMPDIR.\n',
  )
  process.exitCode = 1
}
