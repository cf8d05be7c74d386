// The settings of zaas, as documented in .env.example.

import { limits } from './limits.ts'

export type Config = {
  port: number
  host: string
  databaseUrl: string
  databaseAuthToken: string | undefined
  masterApiKeys: readonly string[]
  masterApiKeysFile: string | undefined
  /** Allowed by CORS: exact origins, or only `*`. */
  corsOrigins: readonly string[]
  /** Whether webhooks may go to private addresses, and by http. */
  webhooksAllowPrivate: boolean
  logLevel: string
  bodyLimitBytes: number
  importLimitBytes: number
  /** How long the history is kept; for ever if undefined. */
  historyDays: number | undefined
  production: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

export const settingNames = [
  'PORT',
  'HOST',
  'DATABASE_URL',
  'DATABASE_AUTH_TOKEN',
  'MASTER_API_KEYS',
  'MASTER_API_KEYS_FILE',
  'CORS_ORIGINS',
  'WEBHOOKS_ALLOW_PRIVATE',
  'LOG_LEVEL',
  'BODY_LIMIT_BYTES',
  'IMPORT_LIMIT_BYTES',
  'HISTORY_DAYS',
] as const

const { bodyBytes, importBytes } = limits.defaults
const { daysMin, daysMax } = limits.history
const GiB = 2 ** 30
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']
const { masterKeyMin } = limits.values

/** Invalid settings. Each problem is one line, which names the setting but never shows its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(...problems: readonly string[]) {
    super(problems.join('\n'))
    this.problems = problems
  }
}

/** Reads the settings. An empty value counts as unset. Throws one ConfigError for all invalid ones. */
export function readConfig(env: Environment): Config {
  const problems: string[] = []
  const read = <Value>(parse: () => Value, fallback: Value): Value => {
    try {
      return parse()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(...error.problems)
      return fallback
    }
  }
  const integer = (name: string, fallback: number, min: number, max: number) =>
    read(() => integerOf(env, name, fallback, min, max), fallback)
  const production = env['NODE_ENV'] === 'production'
  const config = {
    port: integer('PORT', 32_700, 0, 65_535),
    host: env['HOST'] || '0.0.0.0',
    databaseUrl: read(() => databaseUrl(env['DATABASE_URL'] || 'file:local.db'), ''),
    databaseAuthToken: env['DATABASE_AUTH_TOKEN'] || undefined,
    masterApiKeys: read(() => masterApiKeys(env['MASTER_API_KEYS'] ?? '', production), []),
    masterApiKeysFile: env['MASTER_API_KEYS_FILE'] || undefined,
    corsOrigins: read(() => corsOrigins(env['CORS_ORIGINS'] ?? ''), []),
    webhooksAllowPrivate:
      read(() => oneOf(env, 'WEBHOOKS_ALLOW_PRIVATE', ['true', 'false'], 'false'), '') === 'true',
    logLevel: read(() => oneOf(env, 'LOG_LEVEL', logLevels, 'info'), ''),
    bodyLimitBytes: integer('BODY_LIMIT_BYTES', bodyBytes, 1, GiB),
    importLimitBytes: integer('IMPORT_LIMIT_BYTES', importBytes, 1, 1_024 * GiB),
    historyDays: env['HISTORY_DAYS']
      ? integer('HISTORY_DAYS', daysMin, daysMin, daysMax)
      : undefined,
    production,
  }
  if (problems.length > 0) throw new ConfigError(...problems)
  return config
}

/** Whether a master key is so short that it can be guessed: an error in production, else a warning. */
export const isShort = (masterApiKey: string) => masterApiKey.length < masterKeyMin

export const shortKeys = `a key of fewer than ${masterKeyMin} characters, which can be guessed`

/** Throws ConfigError for master keys that cannot be used, naming the setting that they come from. */
export function assertMasterKeys(
  keys: readonly string[],
  setting: string,
  production: boolean,
): void {
  if (!keys.every((key) => /^[\x20-\x7e]+$/.test(key)))
    throw new ConfigError(`${setting} must be printable ASCII, to fit in a header`)
  if (production && keys.some(isShort))
    throw new ConfigError(`${setting} has ${shortKeys}; openssl rand -hex 16 makes a good one`)
}

function integerOf(
  env: Environment,
  name: string,
  fallback: number,
  min: number,
  max: number,
): number {
  const text = env[name]
  if (!text) return fallback
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new ConfigError(`${name} must be a whole number from ${min} to ${max}`)
  }
  return value
}

function oneOf(
  env: Environment,
  name: string,
  choices: readonly string[],
  fallback: string,
): string {
  const value = env[name] || fallback
  if (!choices.includes(value))
    throw new ConfigError(`${name} must be one of ${choices.join(', ')}`)
  return value
}

function databaseUrl(url: string): string {
  if (!/^(file:(?!:memory:).|(libsql|https?):\/\/[^/])/.test(url)) {
    throw new ConfigError(
      'DATABASE_URL must be a file: path or a libsql://, http:// or https:// address',
    )
  }
  return url
}

function masterApiKeys(list: string, production: boolean): string[] {
  const keys = listed(list)
  assertMasterKeys(keys, 'MASTER_API_KEYS', production)
  return keys
}

/** Origins are compared as strings, so each must be as a browser serialises it: without path, slash or default port. */
function corsOrigins(list: string): string[] {
  const origins = listed(list)
  const exact = origins.every((each) => URL.canParse(each) && isOrigin(each, new URL(each)))
  if (!exact && !(origins.length === 1 && origins[0] === '*')) {
    throw new ConfigError(
      'CORS_ORIGINS must be * alone, or origins as browsers send them, such as https://shop.example',
    )
  }
  return origins
}

/** The URL standard gives an origin to few schemes; apps in a web view use others, such as `capacitor:`. */
const isOrigin = (text: string, { origin, protocol, host }: URL) =>
  !host.includes('*') && host !== '' && [origin, `${protocol}//${host}`].includes(text)

const listed = (list: string) => list.split(',').flatMap((each) => each.trim() || [])
