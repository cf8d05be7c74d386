// The entry point, of `bun run` and of the executable alike: runs a command and ends with its exit code.

import { version } from '../package.json'

const usage = `zaas hands out pre-loaded single-use items to requestors: one each, exactly once.

  zaas                                    serves
  zaas health                             ends with 0 when the zaas of these settings is ready, else with 1
  zaas backup FILE [--force]              copies the database, while it is in use
  zaas restore FILE [--force]             puts a backup in its place
  zaas import-legacy OLD.db [--apply]     imports a database of the legacy zaas
  zaas --version, zaas --help

The settings come from the environment and from .env: PORT, HOST, DATABASE_URL, DATABASE_AUTH_TOKEN,
MASTER_API_KEYS, MASTER_API_KEYS_FILE, CORS_ORIGINS, WEBHOOKS_ALLOW_PRIVATE, LOG_LEVEL,
BODY_LIMIT_BYTES, IMPORT_LIMIT_BYTES, HISTORY_DAYS.
A zaas that runs shows its API at /swagger, and its stock at /console.
`

/** Runs a command and returns the exit code of the process. */
type Run = (args: readonly string[]) => Promise<number>

// Loaded on demand: a command never loads the server, nor the server what only commands may load.
const commands: Record<string, () => Promise<{ run: Run }>> = {
  serve: () => import('./commands/serve.ts'),
  health: () => import('./commands/health.ts'),
  backup: () => import('./commands/backup.ts'),
  restore: () => import('./commands/restore.ts'),
  'import-legacy': () => import('./commands/import-legacy.ts'),
  // The name of import-legacy in 0.1.0.
  adopt: () => import('./commands/import-legacy.ts'),
  '--version': async () => ({ run: async () => print(`${version}\n`) }),
  '--help': async () => ({ run: async () => print(usage) }),
}

/** Runs the command named by the arguments; without any, serves. */
async function main([name = 'serve', ...args]: readonly string[]): Promise<number> {
  const load = commands[name]
  if (!load) {
    process.stderr.write(usage)
    return 2
  }
  try {
    const { run } = await load()
    return await run(args)
  } catch (error) {
    return explainFailedLoad(error)
  }
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

/** Explains why the executable cannot load libSQL, which its error does not. Rethrows other errors. */
function explainFailedLoad(error: unknown): number {
  if (!(error instanceof Error && 'code' in error && error.code === 'ERR_DLOPEN_FAILED'))
    throw error
  process.stderr.write(
    'zaas cannot start: the temp folder must let files be written and run. Name another one in BUN_TMPDIR.\n',
  )
  return 1
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)))
