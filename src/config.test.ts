import { expect, test } from 'bun:test'
import { ConfigError, readConfig } from './config.ts'

const defaults = {
  port: 32700,
  host: '0.0.0.0',
  databaseUrl: 'file:local.db',
  databaseAuthToken: undefined,
  masterApiKeys: [],
  masterApiKeysFile: undefined,
  corsOrigins: [],
  webhooksAllowPrivate: false,
  logLevel: 'info',
  bodyLimitBytes: 16777216,
  importLimitBytes: 1073741824,
  historyDays: undefined,
  production: false,
}

test('every setting has a default, and an empty one counts as unset', () => {
  expect(readConfig({})).toEqual(defaults)
  expect(readConfig({ PORT: '', HOST: '', DATABASE_URL: '', LOG_LEVEL: '' })).toEqual(defaults)
})

test('reads each setting', () => {
  expect(
    readConfig({
      PORT: '0',
      HOST: '127.0.0.1',
      DATABASE_URL: 'libsql://db.example',
      DATABASE_AUTH_TOKEN: 'token',
      MASTER_API_KEYS: ' the-first-of-two , ,the-second-of-two,',
      MASTER_API_KEYS_FILE: '/run/secrets/master-keys',
      CORS_ORIGINS: ' https://shop.example, ,http://localhost:3000,capacitor://localhost',
      WEBHOOKS_ALLOW_PRIVATE: 'true',
      LOG_LEVEL: 'warn',
      BODY_LIMIT_BYTES: '1000',
      IMPORT_LIMIT_BYTES: '5000000000',
      HISTORY_DAYS: '365',
      NODE_ENV: 'production',
    }),
  ).toEqual({
    port: 0,
    host: '127.0.0.1',
    databaseUrl: 'libsql://db.example',
    databaseAuthToken: 'token',
    masterApiKeys: ['the-first-of-two', 'the-second-of-two'],
    masterApiKeysFile: '/run/secrets/master-keys',
    corsOrigins: ['https://shop.example', 'http://localhost:3000', 'capacitor://localhost'],
    webhooksAllowPrivate: true,
    logLevel: 'warn',
    bodyLimitBytes: 1000,
    importLimitBytes: 5_000_000_000,
    historyDays: 365,
    production: true,
  })
})

test.each([
  ['PORT', 'http'],
  ['PORT', '-1'],
  ['PORT', '65536'],
  ['PORT', '80.5'],
  ['PORT', '0x50'],
  ['DATABASE_URL', 'local.db'],
  ['WEBHOOKS_ALLOW_PRIVATE', 'yes'],
  ['DATABASE_URL', 'postgres://localhost/zaas'],
  ['DATABASE_URL', 'file:'],
  ['DATABASE_URL', 'file::memory:'],
  ['DATABASE_URL', 'http://'],
  ['LOG_LEVEL', 'loud'],
  ['MASTER_API_KEYS', 'one,schlüssel'],
  ['CORS_ORIGINS', 'shop.example'],
  ['CORS_ORIGINS', 'https://shop.example/'],
  ['CORS_ORIGINS', 'https://shop.example/app'],
  ['CORS_ORIGINS', 'https://Shop.example'],
  ['CORS_ORIGINS', 'https://shop.example:443'],
  ['CORS_ORIGINS', 'https://*.shop.example'],
  ['CORS_ORIGINS', 'https://user@shop.example'],
  ['CORS_ORIGINS', 'https://shop.example https://other.example'],
  ['CORS_ORIGINS', 'https://shop.example,*'],
  ['CORS_ORIGINS', 'null'],
  ['CORS_ORIGINS', 'file://'],
  ['BODY_LIMIT_BYTES', '0'],
  ['BODY_LIMIT_BYTES', '16 MiB'],
  ['BODY_LIMIT_BYTES', '16MiB'],
  ['IMPORT_LIMIT_BYTES', '1 GiB'],
  ['HISTORY_DAYS', '6'],
  ['HISTORY_DAYS', 'for ever'],
])('%s=%s is refused by name', (name, value) => {
  const read = () => readConfig({ [name]: value })

  expect(read).toThrow(ConfigError)
  expect(read).toThrow(name)
})

test('all origins are let in by a lone *', () => {
  expect(readConfig({ CORS_ORIGINS: ' * ' })).toEqual({ ...defaults, corsOrigins: ['*'] })
})

test('a refused setting does not show its value, which may be a secret', () => {
  expect(() => readConfig({ MASTER_API_KEYS: 'schlüssel' })).not.toThrow('schl')
})

test('all that makes no sense is told at once', () => {
  const read = () =>
    readConfig({
      PORT: 'http',
      LOG_LEVEL: 'loud',
      MASTER_API_KEYS: 'hunter2',
      NODE_ENV: 'production',
    })

  expect(read).toThrow(
    new ConfigError(
      'PORT must be a whole number from 0 to 65535',
      'MASTER_API_KEYS has a key of fewer than 16 characters, which can be guessed; openssl rand -hex 16 makes a good one',
      'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent',
    ),
  )
})

test('a short master key is taken where it is not production', () => {
  expect(readConfig({ MASTER_API_KEYS: 'hunter2' }).masterApiKeys).toEqual(['hunter2'])
})
