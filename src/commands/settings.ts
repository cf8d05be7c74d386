import { readFileSync } from 'node:fs'
import { assertMasterKeys, type Config, ConfigError, readConfig } from '../config.ts'
import { dotenvProblems } from './dotenv.ts'
import { nearMisses } from './setting-names.ts'

/**
 * The settings of this process, with the master keys of the file as well. Throws one ConfigError for all that
 * are wrong, with the names that nearly are settings: they may be why.
 */
export function readSettings(): Config {
  const { env, execArgv } = process
  const problems = dotenvProblems({ bunArguments: execArgv, env, folder: process.cwd() })
  const config = collecting(problems, () => readConfig(env))
  const keys = collecting(problems, () => config && allMasterKeys(config))
  if (problems.length > 0 || !config || !keys)
    throw new ConfigError(...problems, ...nearMisses(env))
  return { ...config, masterApiKeys: keys }
}

/** The keys of MASTER_API_KEYS and those of the file, read anew. Throws ConfigError for a file that cannot be used. */
export function allMasterKeys({
  masterApiKeys,
  masterApiKeysFile: path,
  production,
}: Pick<Config, 'masterApiKeys' | 'masterApiKeysFile' | 'production'>): readonly string[] {
  if (path === undefined) return masterApiKeys
  return [...new Set([...masterApiKeys, ...keysIn(path, production)])]
}

function keysIn(path: string, production: boolean): string[] {
  const keys = textOf(path)
    .replace(/^\uFEFF/, '')
    .split(/[\r\n]+/)
    .flatMap((line) => line.trim() || [])
  if (keys.length === 0) throw new ConfigError('MASTER_API_KEYS_FILE names a file without a key')
  assertMasterKeys(keys, 'MASTER_API_KEYS_FILE', production)
  return keys
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new ConfigError(`MASTER_API_KEYS_FILE names a file that cannot be read (${why})`)
  }
}

function collecting<Value>(problems: string[], read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    problems.push(...error.problems)
    return undefined
  }
}
