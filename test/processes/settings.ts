import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nearMisses } from '../../src/commands/setting-names.ts'
import { settingNames } from '../../src/config.ts'
import { tempFolder } from '../support/app.ts'
import { callerOf } from '../support/caller.ts'
import { Output, root, runToEnd } from '../support/process.ts'
import { startServer } from '../support/server.ts'

const folder = tempFolder()
afterAll(folder.remove)
const url = () => `file:${join(folder.path, `${crypto.randomUUID()}.db`)}`

/** The problems of a start in a folder with this `.env`, which Bun reads as it does for anybody. */
async function startWith(dotenv: string | Uint8Array, env: Record<string, string> = {}) {
  const place = join(folder.path, crypto.randomUUID())
  mkdirSync(place)
  writeFileSync(join(place, '.env'), dotenv)
  const child = Bun.spawn([process.execPath, join(root, 'src/index.ts')], {
    cwd: place,
    env: { PATH: process.env['PATH'] ?? '', ...env, PORT: '0', HOST: '127.0.0.1' },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [stdout, stderr] = [new Output(child.stdout), new Output(child.stderr)]
  try {
    const started = await stdout.until(/"port":\d+/).catch(() => undefined)
    if (started !== undefined) child.kill('SIGTERM')
    const port = started?.split(':')[1]
    return {
      port,
      exitCode: await child.exited,
      problems: (await stderr.whole).split('\n').slice(0, -1),
    }
  } finally {
    child.kill('SIGKILL')
  }
}

/** What is told of a `.env` that Bun has read as it does for anybody. */
async function problemsOf(dotenv: string | Uint8Array, env: Record<string, string> = {}) {
  const place = join(folder.path, crypto.randomUUID())
  mkdirSync(place)
  writeFileSync(join(place, '.env'), dotenv)
  const check = `import { dotenvProblems } from '${root}/src/commands/dotenv.ts'
    const { execArgv, env } = process
    const problems = dotenvProblems({ bunArguments: execArgv.filter((it) => it.startsWith('--')), env, folder: '.' })
    console.log(JSON.stringify(problems))`
  const options = { cwd: place, env: { PATH: process.env['PATH'] ?? '', ...env } }
  const child = Bun.spawn([process.execPath, '-e', check], { ...options, stdout: 'pipe' })
  return JSON.parse(await new Response(child.stdout).text())
}

test('all bad settings are told at once, with the names that nearly are settings', async () => {
  const { exitCode, stdout, stderr } = await runToEnd({
    PORT: 'http',
    DATABASE_URL: 'local.db',
    MASTER_API_KEY: 'mistyped-secret',
    LOG_LEVEL: 'loud',
    BODY_LIMIT_BYTES: '16MiB',
  })

  expect(stderr.split('\n')).toEqual([
    'zaas cannot start: PORT must be a whole number from 0 to 65535',
    'zaas cannot start: DATABASE_URL must be a file: path or a libsql://, http:// or https:// address',
    'zaas cannot start: LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent',
    'zaas cannot start: BODY_LIMIT_BYTES must be a whole number from 1 to 1073741824',
    'zaas cannot start: MASTER_API_KEY is set, which is no setting of zaas and is ignored: did you mean MASTER_API_KEYS?',
    '',
  ])
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
})

test.each([
  ['MASTER_API_KEY', 'MASTER_API_KEYS'],
  ['MASTERAPIKEYS', 'MASTER_API_KEYS'],
  ['MASTER_API_KEY_FILE', 'MASTER_API_KEYS_FILE'],
  ['DATABASE_URI', 'DATABASE_URL'],
  ['DATABSE_URL', 'DATABASE_URL'],
  ['database_url', 'DATABASE_URL'],
  ['DB_URL', 'DATABASE_URL'],
  ['LOGLEVEL', 'LOG_LEVEL'],
  ['ZAAS_LOG_LEVEL', 'LOG_LEVEL'],
  ['ZAAS_PORT', 'PORT'],
  ['BODY_LIMIT', 'BODY_LIMIT_BYTES'],
])('%s is taken for a mistyped %s', (name, meant) => {
  expect(nearMisses({ [name]: 'value' })).toEqual([
    `${name} is set, which is no setting of zaas and is ignored: did you mean ${meant}?`,
  ])
})

test('names of others, empty ones and the settings themselves are no near misses', () => {
  const names = [
    ...['HOSTNAME', 'LOGNAME', 'HTTP_PORT', 'POST', 'NODE_ENV', 'PASSPORT', 'COLUMNS', 'PORT1'],
    ...['npm_config_loglevel', 'POSTGRES_PORT', 'PORT', 'MASTER_API_KEYS', 'MASTER_API_KEYS_FILE'],
  ]
  const env = Object.fromEntries(names.map((name) => [name, 'value']))

  expect(nearMisses({ ...env, MASTER_API_KEY: '', ZAAS_PORT: 'tcp://10.0.0.1:32700' })).toEqual([])
})

test('a start warns of near misses and of short master keys, and shows neither', async () => {
  const env = { MASTER_API_KEYS: 'hunter2', MASTER_API_KEY: 'mistyped-secret' }
  const server = await startServer(url(), { env })
  try {
    expect(await server.stop()).toBe(0)
    const warnings = server.lines.filter(({ level }) => level === 40).map(({ msg }) => msg)
    expect(warnings).toEqual([
      'among the master keys is a key of fewer than 16 characters, which can be guessed',
      'MASTER_API_KEY is set, which is no setting of zaas and is ignored: did you mean MASTER_API_KEYS?',
    ])
    expect(JSON.stringify(server.lines) + (await server.stderr)).not.toMatch(
      /hunter2|mistyped-secret/,
    )
  } finally {
    await server.stop('SIGKILL')
  }
})

test.each([
  ['MASTER_API_KEYS', { MASTER_API_KEYS: 'sixteen-characters,hunter2' }],
  ['MASTER_API_KEYS_FILE', { MASTER_API_KEYS_FILE: 'keys' }],
])('in production a short key in %s stops the start', async (name, env) => {
  writeFileSync(join(folder.path, 'keys'), 'sixteen-characters\nhunter2\n')
  const { MASTER_API_KEYS_FILE: file, ...others }: Record<string, string> = env
  const { exitCode, stdout, stderr } = await runToEnd({
    ...others,
    ...(file && { MASTER_API_KEYS_FILE: join(folder.path, file) }),
    NODE_ENV: 'production',
    PORT: '0',
    DATABASE_URL: url(),
  })

  expect(stderr).toBe(
    `zaas cannot start: ${name} has a key of fewer than 16 characters, which can be guessed; openssl rand -hex 16 makes a good one\n`,
  )
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
})

test('the master keys of a file count beside those of the setting, and are read again on SIGHUP', async () => {
  const file = join(folder.path, 'master-keys')
  writeFileSync(file, '\uFEFF  the-first-of-the-file \r\n\r\nthe-second-of-the-file\r\n')
  const env = { MASTER_API_KEYS: 'the-one-of-the-setting', MASTER_API_KEYS_FILE: file }
  const server = await startServer(url(), { env })
  const keys = [
    'the-one-of-the-setting',
    'the-first-of-the-file',
    'the-second-of-the-file',
    'a-third',
  ]
  const opened = async () => {
    const statuses = keys.map(async (key) => {
      const caller = callerOf(server.send, server.origin, { 'x-master-api-key': key })
      return (await caller('GET', '/admin/api-keys')).status
    })
    return Promise.all(statuses)
  }
  const told = async (form: RegExp) => {
    process.kill(server.pid, 'SIGHUP')
    const until = performance.now() + 10_000
    const find = () => server.lines.filter(({ msg }) => form.test(String(msg)))
    while (find().length === 0 && performance.now() < until) await Bun.sleep(10)
    return find().map(({ level, msg, keys }) => ({ level, msg, keys }))
  }
  try {
    expect(await opened()).toEqual([200, 200, 200, 401])

    writeFileSync(file, 'the-second-of-the-file\na-third')
    const read = { level: 30, msg: 'read the master keys again', keys: 3 }
    expect(await told(/read the master keys/)).toEqual([read])
    expect(await opened()).toEqual([200, 401, 200, 200])

    writeFileSync(file, '\n')
    const msg = 'the master keys stay as they were: MASTER_API_KEYS_FILE names a file without a key'
    expect(await told(/stay as they were/)).toEqual([{ level: 50, msg, keys: undefined }])
    expect(await opened()).toEqual([200, 401, 200, 200])
    expect(await server.stop()).toBe(0)
    expect(JSON.stringify(server.lines)).not.toMatch(/of-the-file|of-the-setting|a-third/)
  } finally {
    await server.stop('SIGKILL')
  }
}, 30_000)

test('SIGHUP without a file of master keys ends nothing', async () => {
  const server = await startServer(url())
  try {
    process.kill(server.pid, 'SIGHUP')
    expect((await fetch(`${server.origin}/health/live`)).status).toBe(200)
    expect(await server.stop()).toBe(0)
  } finally {
    await server.stop('SIGKILL')
  }
})

test.each([
  [
    'that is not there',
    () => join(folder.path, 'nowhere'),
    'names a file that cannot be read (ENOENT)',
  ],
  ['that is a folder', () => folder.path, 'names a file that cannot be read (EISDIR)'],
  ['that is empty', () => join(folder.path, 'empty'), 'names a file without a key'],
])('a file of master keys %s stops the start', async (_, path, problem) => {
  writeFileSync(join(folder.path, 'empty'), '')
  const { exitCode, stdout, stderr } = await runToEnd({
    MASTER_API_KEYS_FILE: path(),
    PORT: '0',
    DATABASE_URL: url(),
  })

  expect(stderr).toBe(`zaas cannot start: MASTER_API_KEYS_FILE ${problem}\n`)
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
})

const dollar =
  'has a $ that begins the name of a variable, in quotes too: write \\$ for a dollar sign, or put braces around the name of a variable that is set'
const hash = 'has a # that begins a comment, so that it ends there: put quotes around the value'
const quotes = 'has quotes that do not close at its end, or quotes inside of quotes'

test.each([
  ['MASTER_API_KEYS=Sup3r$ecret!', dollar],
  ["MASTER_API_KEYS='Sup3r$ecret!'", dollar],
  ['export MASTER_API_KEYS="Sup3r$ecret!"', dollar],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is one of Bun's .env files
  ['MASTER_API_KEYS=Sup3r${UNSET}!', dollar],
  ['MASTER_API_KEYS=abc#def', hash],
  ['MASTER_API_KEYS=#abc', hash],
  ['MASTER_API_KEYS="abc', quotes],
  ['MASTER_API_KEYS="abc"def', quotes],
  ["MASTER_API_KEYS='it's mine'", quotes],
  ['PORT=1\nMASTER_API_KEYS=first\nMASTER_API_KEYS=sec#ond', hash],
])('%s in .env is told, by the name of the setting alone', async (dotenv, problem) => {
  expect(await problemsOf(`${dotenv}\n`)).toEqual([`MASTER_API_KEYS in .env ${problem}`])
})

test('a start stops for a .env of which Bun reads something else than what is written there', async () => {
  expect(
    await startWith('MASTER_API_KEYS=Sup3r$ecret!\nPORT=21510\nDATABASE_URL=file:a.db\n'),
  ).toEqual({
    port: undefined,
    exitCode: 1,
    problems: [`zaas cannot start: MASTER_API_KEYS in .env ${dollar}`],
  })
})

test.each(['utf-16le', 'utf-16le with BOM', 'utf-16be with BOM'])(
  'a .env in %s is told',
  async (kind) => {
    const bytes = Buffer.from(
      `${kind.includes('BOM') ? '\uFEFF' : ''}MASTER_API_KEYS=abc\n`,
      'utf16le',
    )

    expect(await problemsOf(kind.includes('be') ? bytes.swap16() : bytes)).toEqual([
      '.env is in UTF-16, which is not read at all: save it as UTF-8',
    ])
  },
)

test.each([
  ['MASTER_API_KEYS=abc\r\nDATABASE_URL=file:a.db\r\n', {}],
  ['export MASTER_API_KEYS="abc, def"\nexport DATABASE_URL="file:a.db"\n', {}],
  ['MASTER_API_KEYS=Sup3r\\$ecret!\nDATABASE_URL=file:a.db # a comment\n', {}],
  ['MASTER_API_KEYS="abc#def" # a comment\n', {}],
  ['MASTER_API_KEYS= # a comment\nLOG_LEVEL=info\n', {}],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is one of Bun's .env files
  ['DATABASE_URL=file:${NAME}.db\n', { NAME: 'a' }],
  // The environment goes first.
  ['MASTER_API_KEYS=Sup3r$ecret!\n', { MASTER_API_KEYS: 'another' }],
  ['SOMETHING_ELSE=a$b#c\n', {}],
])('%j in .env is right', async (dotenv, env) => {
  expect(await problemsOf(dotenv, env)).toEqual([])
})

test('.env.example starts as it is', async () => {
  const { exitCode } = await startWith(readFileSync(join(root, '.env.example'), 'utf8'))

  expect(exitCode).toBe(0)
})

test('--help, .env.example and the README name every setting', async () => {
  const { stdout } = Bun.spawnSync([process.execPath, join(root, 'src/index.ts'), '--help'])
  const texts = [String(stdout), ...['.env.example', 'README.md'].map(readText)]
  for (const text of texts)
    expect(settingNames.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([])
})

const readText = (name: string) => readFileSync(join(root, name), 'utf8')
