import { Database as Sqlite } from 'bun:sqlite'
import { afterAll, expect, test } from 'bun:test'
import { copyFileSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { masterKey, tempFolder } from '../support/app.ts'
import { makeKey } from '../support/caller.ts'
import { freePort, root } from '../support/process.ts'
import { startServer } from '../support/server.ts'

const folder = tempFolder()
afterAll(folder.remove)
const isRoot = process.getuid?.() === 0
const stopMaxMs = 5_000

test('a clean stop leaves the whole database in its one file', async () => {
  const path = join(folder.path, 'zaas.db')
  const server = await startServer(`file:${path}`)
  try {
    const shop = await server.keyFor('shop')
    await shop.patch({ add: Array.from({ length: 1_000 }, (_, n) => `ITEM-${n}`) })
    await Promise.all(Array.from({ length: 100 }, (_, n) => shop.match(`u${n}`)))
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0)
    expect(await server.stop()).toBe(0)
  } finally {
    await server.stop('SIGKILL')
  }
  expect(existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0).toBe(false)
  const alone = join(folder.path, 'alone.db')
  copyFileSync(path, alone)
  const db = new Sqlite(alone)
  expect(
    db.query('SELECT count(*) AS items, count(requestor) AS matched FROM items').get(),
  ).toEqual({
    items: 1_000,
    matched: 100,
  })
  db.close(true)
})

test.each([
  ['on a full disk', 'exec "$@" >/dev/full 2>/dev/full'],
  ['whose reader is gone', 'mkfifo gone; (exec <gone; sleep 0.1) & exec "$@" >gone 2>&1'],
])(
  'a log %s stops nothing: requests are answered, lines counted, SIGTERM ends it',
  async (_, how) => {
    const { origin, child } = await startUnder(how)
    try {
      const shop = await makeKey(fetch, origin, masterKey, 'shop')
      await shop.patch({ add: ['A'] })
      expect((await shop.match('u1')).body.item).toBe('A')
      // Lines are written in blocks, so it takes a moment until some of them are dropped.
      for (let n = 0; n < 200 || (await droppedLines(origin)) <= 100; n++)
        expect((await fetch(origin)).status).toBe(200)

      child.kill('SIGTERM')
      expect(await endOf(child)).toBe(0)
    } finally {
      child.kill('SIGKILL')
    }
  },
)

test('without a standard output the log goes nowhere, and SIGTERM ends it', async () => {
  const { origin, child } = await startUnder('exec "$@" >&- 2>&-')
  try {
    expect((await fetch(origin)).status).toBe(200)
    child.kill('SIGTERM')
    expect(await endOf(child)).toBe(0)
  } finally {
    child.kill('SIGKILL')
  }
})

test.skipIf(!isRoot)('a log goes on with whole lines once its disk has room again', async () => {
  const disk = join(folder.path, 'disk')
  mkdirSync(disk)
  await Bun.$`mount -t tmpfs -o size=64k tmpfs ${disk}`
  try {
    await Bun.$`dd if=/dev/zero of=${disk}/filler bs=1k count=56`.quiet()
    const { origin, child } = await startUnder(`exec "$@" >>${disk}/log`)
    const ask = async (times: number) => {
      for (let n = 0; n < times; n++) await (await fetch(origin)).text()
    }
    while ((await droppedLines(origin)) === 0) await ask(50)
    await Bun.$`rm ${disk}/filler`
    const path = '/nowhere-else'
    while (!(await Bun.file(`${disk}/log`).text()).includes('"status":404')) {
      await (await fetch(origin + path)).text()
      await Bun.sleep(20)
    }
    child.kill('SIGTERM')
    expect(await endOf(child)).toBe(0)

    const lines = (await Bun.file(`${disk}/log`).text()).split('\n').slice(0, -1)
    const broken = lines.filter((line) => !line.endsWith('}') || !line.startsWith('{'))
    expect(broken.length).toBeLessThanOrEqual(1)
  } finally {
    await Bun.$`umount -l ${disk}`
  }
})

/** A server that a shell starts with its output as it says; `"$@"` is the command. */
async function startUnder(how: string) {
  const port = freePort()
  const place = join(folder.path, crypto.randomUUID())
  mkdirSync(place)
  const command = [process.execPath, '--no-env-file', join(root, 'src/index.ts')]
  const child = Bun.spawn(['sh', '-c', how, 'sh', ...command], {
    cwd: place,
    env: {
      PATH: process.env['PATH'] ?? '',
      PORT: String(port),
      HOST: '127.0.0.1',
      DATABASE_URL: 'file:zaas.db',
      MASTER_API_KEYS: masterKey,
    },
    stdio: ['ignore', openSync('/dev/null', 'w'), openSync('/dev/null', 'w')],
  })
  const origin = `http://127.0.0.1:${port}`
  const untilMs = performance.now() + 20_000
  while (performance.now() < untilMs) {
    const ready = await fetch(`${origin}/health/ready`).catch(() => undefined)
    if (ready?.ok) return { origin, child }
    await Bun.sleep(50)
  }
  child.kill('SIGKILL')
  throw new Error('The server does not answer.')
}

async function droppedLines(origin: string): Promise<number> {
  const headers = { 'x-master-api-key': masterKey }
  const text = await (await fetch(`${origin}/metrics`, { headers })).text()
  return Number(/^zaas_log_lines_dropped_total (\d+)$/m.exec(text)?.[1])
}

/** The exit code, or how it failed to end in time. */
async function endOf(child: Bun.Subprocess): Promise<number | string> {
  const timer = setTimeout(() => child.kill('SIGKILL'), stopMaxMs)
  await child.exited
  clearTimeout(timer)
  return child.signalCode ?? Number(child.exitCode)
}
