import { parseArgs } from 'node:util'
import { ConfigError, readConfig } from '../config.ts'

/** What a command is run with: the file it names, its one flag, and the path of DATABASE_URL. */
export type Given = {
  file: string
  flag: boolean
  database: string
  masterApiKeys: readonly string[]
}

/**
 * Runs a command that takes a file and one flag, prints the lines that it tells, and ends the process:
 * with 0, with 1 and one line on standard error when it throws, or with 2 when it was called wrongly.
 */
export async function runCommand(
  { name, file, flag, about }: { name: string; file: string; flag: string; about: string },
  run: (given: Given) => void | Promise<void>,
): Promise<never> {
  const usage = `Usage: bun run ${name} ${file} [--${flag}]\n\n${about}\n`
  const args = readArgs(flag)
  if (args?.values['help']) {
    process.stdout.write(usage)
    process.exit(0)
  }
  const [path, ...more] = args?.positionals ?? []
  if (!path || more.length > 0) {
    process.stderr.write(usage)
    process.exit(2)
  }
  try {
    const { databaseUrl, masterApiKeys } = readConfig(process.env)
    const database = databasePath(databaseUrl)
    await run({ file: path, flag: args?.values[flag] === true, database, masterApiKeys })
    process.exit(0)
  } catch (error) {
    process.stderr.write(`zaas ${name} failed: ${oneLine(error)}\n`)
    process.exit(1)
  }
}

export const tell = (line: string) => void process.stdout.write(`${line}\n`)

/** Undefined when the arguments are none that the command takes. */
function readArgs(flag: string) {
  try {
    return parseArgs({
      options: { [flag]: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    })
  } catch {
    return undefined
  }
}

/** The path that @libsql/client reads out of a `file:` URL. */
function databasePath(url: string): string {
  if (!url.startsWith('file:')) {
    throw new Error(
      'DATABASE_URL is a libSQL server, and this works on a file: see docs/scaling.md',
    )
  }
  const path = /^file:(?:\/\/(?:localhost)?(?=\/))?([^?#]+)$/.exec(url)?.[1]
  if (path === undefined) throw new ConfigError('DATABASE_URL must be a plain file: path')
  return decodeURIComponent(path)
}

function oneLine(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `: ${oneLine(error.cause)}`
  return `${error.message}${cause}`.replaceAll(/\s+/g, ' ')
}
