// The settings of zaas, as documented in .env.example.

export type Config = {
  port: number
  host: string
  databaseUrl: string
  databaseAuthToken: string | undefined
  masterApiKeys: readonly string[]
  logLevel: string
  bodyLimitBytes: number
  importLimitBytes: number
  production: boolean
}

const MiB = 2 ** 20
const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** An invalid setting. The message is one line, which names the setting but never shows its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Reads the settings. An empty value counts as unset. Throws ConfigError for an invalid one. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  return {
    port: integer(env, 'PORT', 32_700, 0, 65_535),
    host: env['HOST'] || '0.0.0.0',
    databaseUrl: databaseUrl(env['DATABASE_URL'] || 'file:local.db'),
    databaseAuthToken: env['DATABASE_AUTH_TOKEN'] || undefined,
    masterApiKeys: masterApiKeys(env['MASTER_API_KEYS'] ?? ''),
    logLevel: oneOf(env, 'LOG_LEVEL', logLevels, 'info'),
    bodyLimitBytes: integer(env, 'BODY_LIMIT_BYTES', 16 * MiB, 1, 1024 * MiB),
    importLimitBytes: integer(env, 'IMPORT_LIMIT_BYTES', 1024 * MiB, 1, 1024 ** 2 * MiB),
    production: env['NODE_ENV'] === 'production',
  }
}

function integer(
  env: Readonly<Record<string, string | undefined>>,
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
  env: Readonly<Record<string, string | undefined>>,
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

function masterApiKeys(list: string): string[] {
  const keys = list.split(',').flatMap((key) => key.trim() || [])
  if (!keys.every((key) => /^[\x20-\x7e]+$/.test(key))) {
    throw new ConfigError('MASTER_API_KEYS must be printable ASCII, to fit in a header')
  }
  return keys
}
