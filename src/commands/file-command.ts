import { parseArgs } from 'node:util'
import { ConfigError } from '../config.ts'
import { oneLine } from './one-line.ts'
import { readSettings } from './settings.ts'

type Usage = { name: string; file: string; flag: string; about: string }

export type FileCommandInput = {
  file: string
  /** Whether the one flag of the command is given. */
  flag: boolean
  /** The path in DATABASE_URL. */
  database: string
  masterApiKeys: readonly string[]
}

/**
 * Makes a command that takes a file and one flag. It returns its exit code: 0; 1 when `work` throws, after one
 * line on standard error; or 2 for wrong arguments.
 */
export const fileCommand =
  ({ name, file, flag, about }: Usage, work: (input: FileCommandInput) => void | Promise<void>) =>
  async (args: readonly string[]): Promise<number> => {
    const usage = `Usage: bun run ${name} ${file} [--${flag}]\n\n${about}\n`
    const parsed = parse(args, flag)
    if (parsed?.values['help']) {
      process.stdout.write(usage)
      return 0
    }
    const [path, ...excess] = parsed?.positionals ?? []
    if (!path || excess.length > 0) {
      process.stderr.write(usage)
      return 2
    }
    try {
      const { databaseUrl, masterApiKeys } = readSettings()
      const database = databasePath(databaseUrl)
      await work({ file: path, flag: parsed?.values[flag] === true, database, masterApiKeys })
      return 0
    } catch (error) {
      process.stderr.write(`zaas ${name} failed: ${oneLine(error)}\n`)
      return 1
    }
  }

export const tell = (line: string) => void process.stdout.write(`${line}\n`)

/** Returns undefined for arguments that the command does not take. */
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

/** The path in a `file:` URL, as @libsql/client reads it. */
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
