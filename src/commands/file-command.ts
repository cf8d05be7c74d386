import { parseArgs } from 'node:util'
import { ConfigError, readConfig } from '../config.ts'
import { oneLine } from './one-line.ts'

/** What a command works with: the file it is given, whether its one flag is, and the path of DATABASE_URL. */
export type Given = {
  file: string
  flag: boolean
  database: string
  masterApiKeys: readonly string[]
}

/**
 * A command that takes a file and one flag. Returns the exit code: 0, 1 with one line on standard error when
 * `work` throws, or 2 when it was called wrongly.
 */
export const fileCommand =
  (
    { name, file, flag, about }: { name: string; file: string; flag: string; about: string },
    work: (given: Given) => void | Promise<void>,
  ) =>
  async (args: readonly string[]): Promise<number> => {
    const usage = `Usage: bun run ${name} ${file} [--${flag}]\n\n${about}\n`
    const parsed = parse(args, flag)
    if (parsed?.values['help']) {
      process.stdout.write(usage)
      return 0
    }
    const [path, ...more] = parsed?.positionals ?? []
    if (!path || more.length > 0) {
      process.stderr.write(usage)
      return 2
    }
    try {
      const { databaseUrl, masterApiKeys } = readConfig(process.env)
      const database = databasePath(databaseUrl)
      await work({ file: path, flag: parsed?.values[flag] === true, database, masterApiKeys })
      return 0
    } catch (error) {
      process.stderr.write(`zaas ${name} failed: ${oneLine(error)}\n`)
      return 1
    }
  }

export const tell = (line: string) => void process.stdout.write(`${line}\n`)

/** Undefined when the arguments are none that the command takes. */
function parse(args: readonly string[], flag: string) {
  try {
    return parseArgs({
      args: [...args],
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
