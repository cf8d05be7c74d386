import { afterAll, beforeAll, expect, test } from 'bun:test'
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { masterKey, tempFolder } from '../support/app.ts'
import { makeKey, namespaceOf } from '../support/caller.ts'
import { Output, root } from '../support/process.ts'

const folder = tempFolder()
const executable = join(folder.path, 'zaas')
const unpacked = emptyFolder('unpacked')
const answerMaxMs = 30_000

beforeAll(() => copyFileSync(join(root, 'dist/zaas'), executable))
afterAll(folder.remove)

test('alone in an empty folder it serves, migrates and matches, and keeps it over a restart', async () => {
  const place = emptyFolder('serves')
  const startedAt = performance.now()
  const first = await start(place)
  const firstAnswerMs = Math.round(performance.now() - startedAt)
  const shop = await makeKey(fetch, first.origin, masterKey, 'shop')
  const added = await shop.patch({ add: ['A', 'B'] })
  const matched = await shop.match('r1')
  const mapped = readFileSync(`/proc/${first.child.pid}/maps`, 'utf8')
  expect(await first.stop()).toBe(0)
  const second = await start(place)
  const again = await namespaceOf(fetch, second.origin, 'shop', shop.apiKey).match('r1')

  expect(added.body).toMatchObject({ added: 2 })
  expect(matched.body).toMatchObject({ item: 'A', alreadyMatched: false })
  expect(again.body).toMatchObject({ item: 'A', alreadyMatched: true })
  expect(mapped).toContain(`${unpacked}/.bun-`)
  expect(mapped).not.toContain(realpathSync(root))
  // Such a body is read by a thread of its own.
  const many = Array.from({ length: 20_000 }, (_, n) => `item-${n}`)
  const large = namespaceOf(fetch, second.origin, 'shop', shop.apiKey)
  expect((await large.patch({ add: many })).body).toMatchObject({ added: 20_000 })
  expect(await second.stop()).toBe(0)
  const size = (statSync(executable).size / 1e6).toFixed(1)
  process.stdout.write(`executable: ${size} MB, first answer after ${firstAnswerMs} ms\n`)
}, 60_000)

test('it carries its pages, and all that they load', async () => {
  const { origin, stop } = await start(emptyFolder('pages'))
  for (const page of ['/swagger', '/console']) {
    const assets = await assetsOf(origin, page)
    expect(assets.length).toBeGreaterThan(1)
    for (const asset of assets) {
      const answer = await fetch(new URL(asset, origin + page))
      expect([asset, answer.status]).toEqual([asset, 200])
      expect((await answer.text()).length).toBeGreaterThan(0)
    }
  }
  for (const [page, heading] of [
    ['/', 'zaas'],
    ['/docs', 'The promise'],
    ['/docs/api.md', 'Exact comparison'],
  ] as const) {
    const answer = await fetch(origin + page, { headers: { accept: 'text/html' } })
    expect([page, await answer.text()]).toEqual([page, expect.stringContaining(`${heading}</h`)])
  }
  const { openapi } = (await (await fetch(`${origin}/swagger/json`)).json()) as { openapi: string }
  expect(openapi).toBe('3.1.0')
  expect(await stop()).toBe(0)
}, 60_000)

test('it reads .env of the folder that it is started in, and the environment goes first', async () => {
  const place = emptyFolder('env')
  writeFileSync(
    join(place, '.env'),
    'MASTER_API_KEYS=from-the-file\nDATABASE_URL=file:from-file.db\n',
  )
  const { origin, stop } = await start(place, {
    MASTER_API_KEYS: undefined,
    DATABASE_URL: 'file:own.db',
  })
  await makeKey(fetch, origin, 'from-the-file', 'shop')

  expect(await stop()).toBe(0)
  expect(statSync(join(place, 'own.db')).size).toBeGreaterThan(0)
}, 60_000)

test('it backs its database up and restores it', async () => {
  const place = emptyFolder('backup')
  const { origin, stop } = await start(place)
  const shop = await makeKey(fetch, origin, masterKey, 'shop')
  await shop.patch({ add: ['A', 'B'] })
  const { body } = await shop.match('r1')
  await Bun.$`${executable} backup copy.db`.cwd(place).env({ BUN_TMPDIR: unpacked }).quiet()
  await shop.match('r2')
  expect(await stop()).toBe(0)
  await Bun.$`${executable} restore copy.db --force`
    .cwd(place)
    .env({ BUN_TMPDIR: unpacked })
    .quiet()
  const restored = await start(place)
  const { stats, match } = namespaceOf(fetch, restored.origin, 'shop', shop.apiKey)

  expect((await stats()).body).toEqual({
    ...{ total: 2, matched: 1, available: 1, held: 0, expired: 0 },
    ...{ perDay: 1, runsOutAt: expect.any(String) },
  })
  expect((await match('r1')).body).toMatchObject({ item: body.item, alreadyMatched: true })
  expect(await restored.stop()).toBe(0)
}, 60_000)

test('it tells whether it is ready, its version, and how it is used', async () => {
  const place = emptyFolder('asked')
  const { origin, stop } = await start(place)
  const PORT = new URL(origin).port
  const ask = async (...args: string[]) => {
    const { exitCode, stdout } = await Bun.$`${executable} ${args}`
      .env({ PORT, HOST: '127.0.0.1', BUN_TMPDIR: unpacked })
      .nothrow()
      .quiet()
    return [exitCode, stdout.toString()]
  }
  const { version } = await Bun.file(join(root, 'package.json')).json()

  expect(await ask('health')).toEqual([0, ''])
  expect(await stop()).toBe(0)
  expect(await ask('health')).toEqual([1, ''])
  expect(await ask('--version')).toEqual([0, `${version}\n`])
  expect(await ask('--help')).toEqual([0, expect.stringContaining('zaas health')])
  expect(await ask('nonsense')).toEqual([2, ''])
  expect(await ask('backup')).toEqual([2, ''])
}, 60_000)

test.each(['noexec', 'ro'])(
  'it says what is wrong with a temp folder that is %s',
  async (option) => {
    const place = emptyFolder(option)
    const script = 'mount -t tmpfs -o "$1" tmpfs "$2" && BUN_TMPDIR="$2" exec "$0"'
    const { exitCode, stdout, stderr } =
      await Bun.$`unshare -m sh -c ${script} ${executable} ${option} ${place}`
        .env({ PATH: process.env['PATH'], PORT: '0' })
        .nothrow()
        .quiet()

    expect(stderr.toString()).toMatch(/^zaas cannot start: [^\n]*BUN_TMPDIR[^\n]*\n$/)
    expect([exitCode, stdout.toString()]).toEqual([1, ''])
  },
)

test('as the first process of a container it ends by SIGTERM', async () => {
  const { child, stop } = await start(emptyFolder('first'), {}, ['unshare', '-pf', '--mount-proc'])
  const [pid] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ')
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  process.kill(Number(pid), 'SIGTERM')

  expect(status).toMatch(/^NSpid:\t\d+\t1$/m)
  expect(await child.exited).toBe(0)
  await stop()
}, 60_000)

function emptyFolder(name: string): string {
  const path = join(folder.path, name)
  mkdirSync(path)
  return path
}

/** Starts the executable in a folder and returns once it answers. */
async function start(
  cwd: string,
  env: Record<string, string | undefined> = {},
  before: string[] = [],
) {
  const child = Bun.spawn([...before, executable], {
    cwd,
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      HOST: '127.0.0.1',
      MASTER_API_KEYS: masterKey,
      BUN_TMPDIR: unpacked,
      ...env,
    },
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const output = new Output(child.stdout)
  const [port] = /\d+$/.exec(await output.until(/"port":\d+/)) ?? []
  const origin = `http://127.0.0.1:${port}`
  const ready = await fetch(`${origin}/health/ready`, { signal: AbortSignal.timeout(answerMaxMs) })
  expect(await ready.json()).toEqual({ status: 'ready', durability: 'full' })
  const stop = () => {
    child.kill('SIGTERM')
    return child.exited
  }
  return { child, origin, stop }
}

/** What a page loads by its tags. */
async function assetsOf(origin: string, page: string): Promise<string[]> {
  const answer = await fetch(origin + page)
  expect(answer.status).toBe(200)
  const html = await answer.text()
  return Array.from(html.matchAll(/(?:src|href)="([^"]+)"/g), ([, link]) => String(link)).filter(
    (link) => !link.startsWith('data:'),
  )
}
