import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { cpSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from '../support/app.ts'
import { Connection } from '../support/connection.ts'
import { withServers } from '../support/instances.ts'
import { addBrokenMigration } from '../support/migrations.ts'
import { freePort, launch, root, runToEnd } from '../support/process.ts'
import { rawAnswer } from '../support/raw.ts'
import { type Server, startServer } from '../support/server.ts'

const stopMaxMs = 10_000
const clients = 32
const thinkMaxMs = 40

test('a second server on the same port fails with one clear line', async () => {
  await withServers(1, async ([first], path) => {
    const port = String(first?.port)
    const second = await runToEnd({
      PORT: port,
      HOST: '127.0.0.1',
      DATABASE_URL: `file:${path}`,
      MASTER_API_KEYS: 'some-key',
    })

    expect(second.exitCode).toBe(1)
    expect(second.stderr).toMatch(/^zaas cannot start: [^\n]*port[^\n]*\n$/i)
    expect(second.stderr).toContain(port)
    expect(second.stdout).not.toContain('listening')
    expect(await (await fetch(`${first?.origin}/`)).text()).toBe('zaas')
  })
}, 30_000)

test.each([
  ['PORT', 'http'],
  ['DATABASE_URL', 'postgres://localhost/zaas'],
  ['MASTER_API_KEYS', 'schlüssel'],
  ['LOG_LEVEL', 'loud'],
])(
  '%s=%s stops the start with one line that names the setting',
  async (name, value) => {
    const folder = tempFolder()
    try {
      const { exitCode, stdout, stderr } = await runToEnd({
        PORT: '0',
        DATABASE_URL: `file:${join(folder.path, 'zaas.db')}`,
        [name]: value,
      })

      expect(stderr).toMatch(new RegExp(`^zaas cannot start: [^\\n]*${name}[^\\n]*\\n$`))
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
    } finally {
      folder.remove()
    }
  },
  30_000,
)

test('a database that cannot be opened stops the start with one line', async () => {
  const { exitCode, stdout, stderr } = await runToEnd({
    PORT: '0',
    DATABASE_URL: 'file:/no/such/folder/zaas.db',
  })

  expect(stderr).toMatch(/^zaas cannot start: [^\n]*\n$/)
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
}, 30_000)

test('a migration that fails stops the start with one line', async () => {
  const folder = tempFolder()
  try {
    for (const part of ['src', 'drizzle', 'package.json', 'tsconfig.json']) {
      cpSync(join(root, part), join(folder.path, part), { recursive: true })
    }
    symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'))
    await addBrokenMigration(join(folder.path, 'drizzle'))
    const { exitCode, stdout, stderr } = await runToEnd(
      { PORT: '0', DATABASE_URL: `file:${join(folder.path, 'zaas.db')}` },
      { cwd: folder.path },
    )

    expect(stderr).toMatch(/^zaas cannot start: [^\n]*\n$/)
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
  } finally {
    folder.remove()
  }
}, 30_000)

test('a first run without settings shows a master key once, with a command that works', async () => {
  const folder = tempFolder()
  const { child, stdout, stderr } = launch({
    PORT: String(freePort()),
    DATABASE_URL: `file:${join(folder.path, 'zaas.db')}`,
  })
  try {
    await stdout.until(/listening/)
    const command = await stderr.until(/^ *curl [\s\S]*?(?=\n\n)/m)
    const made = await Bun.$`sh -c ${command}`.json()
    child.kill('SIGTERM')

    expect(made).toMatchObject({ success: true, namespace: 'demo', apiKey: expect.any(String) })
    expect(await child.exited).toBe(0)
    const [key] = /zaas_\w+/.exec(command) ?? []
    expect((await stderr.whole).split(`  ${key}\n`)).toHaveLength(2)
    expect(await stdout.whole).not.toContain(String(key))
  } finally {
    child.kill('SIGKILL')
    folder.remove()
  }
}, 30_000)

test('in production no master key is made, and a warning says so', async () => {
  const folder = tempFolder()
  const { child, stdout, stderr } = launch({
    NODE_ENV: 'production',
    PORT: '0',
    HOST: '127.0.0.1',
    DATABASE_URL: `file:${join(folder.path, 'zaas.db')}`,
  })
  try {
    const [port] = /\d+$/.exec(await stdout.until(/"port":\d+/)) ?? []
    await stdout.until(/"level":40[^\n]*MASTER_API_KEYS/)
    for (const key of ['', 'undefined', 'null']) {
      const answer = await fetch(`http://127.0.0.1:${port}/admin/api-keys`, {
        headers: { 'x-master-api-key': key },
      })
      expect(answer.status).toBe(401)
    }
    child.kill('SIGTERM')

    expect(await child.exited).toBe(0)
    expect(await stderr.whole).toBe('')
  } finally {
    child.kill('SIGKILL')
    folder.remove()
  }
}, 30_000)

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s under 32 clients cuts no answer, ends with 0, and every match told is in the file',
  async (signal) => {
    await withServers(1, async ([server], path) => {
      if (!server) throw new Error('There is no server.')
      const shop = await server.keyFor('shop')
      await shop.patch({ add: Array.from({ length: 50_000 }, (_, n) => `ITEM-${n}`) })
      const load = await openLoad(server, shop.apiKey)
      await load.warm
      const stopped = stopWithin(server, signal)
      load.noteSignal()

      expect(await load.done).toEqual([])
      expect(await stopped).toBe(0)
      expect(matchesIn(path)).toEqual(load.told)
      expect(await server.stderr).toBe('')
    })
  },
  60_000,
)

test('idle connections do not delay the end', async () => {
  await withServers(1, async ([server]) => {
    if (!server) throw new Error('There is no server.')
    const idle = await Promise.all(Array.from({ length: 8 }, () => Connection.open(server.port)))
    try {
      for (const connection of idle.slice(0, 4)) {
        expect((await connection.request('GET', '/health/live', {})).status).toBe(200)
      }
      const startedAt = performance.now()

      expect(await stopWithin(server, 'SIGTERM')).toBe(0)
      expect(performance.now() - startedAt).toBeLessThan(3_000)
    } finally {
      for (const connection of idle) connection.close()
    }
  })
}, 30_000)

test('a malformed host is a 400, a well-formed one does not matter, and HTTP/1.0 needs none', async () => {
  const malformed = [
    'a b',
    '[::',
    'user@x',
    'a:99999999',
    'a%zz',
    'a.1',
    '999.0.0.0',
    'a:99999',
    'xn--a',
    '',
    'a/b',
    'a#b',
    'a?b',
    'a\\b',
    'a,b',
    'a\r\nHost: a',
    'a\r\nHost: b',
  ]
  const wellFormed = ['x', '[::1]:1', 'a_b.c:80', 'A.example.', '127.0.0.1:']
  await withServers(1, async ([server]) => {
    if (!server) throw new Error('There is no server.')
    const statusOf = async (request: string) => {
      const answer = await rawAnswer(server.port, `${request}\r\nConnection: close\r\n\r\n`)
      expect(answer).toMatch(/^x-request-id: /im)
      return Number(answer.split(' ')[1])
    }
    const statusUnder = (host: string) => statusOf(`GET /health/live HTTP/1.1\r\nHost: ${host}`)

    expect(await statusOf('GET /health/live HTTP/1.0')).toBe(200)
    expect(await statusOf('GET /nowhere HTTP/1.0')).toBe(404)
    expect(await statusOf('DELETE /admin/api-keys/zaas_SECRET HTTP/1.0')).toBe(401)
    for (const host of malformed) expect([host, await statusUnder(host)]).toEqual([host, 400])
    for (const host of wellFormed) expect([host, await statusUnder(host)]).toEqual([host, 200])
    expect(await server.stop()).toBe(0)
    expect(await server.stderr).toBe('')
    expect(JSON.stringify(server.lines)).not.toContain('SECRET')
  })
}, 30_000)

test('a stop while the database is locked answers every request and ends in time', async () => {
  await withServers(1, async ([server], path) => {
    if (!server) throw new Error('There is no server.')
    const shop = await server.keyFor('shop')
    await shop.patch({ add: ['A'] })
    const file = new Sqlite(path)
    file.run('PRAGMA busy_timeout = 2000')
    file.run('BEGIN IMMEDIATE')
    const asked = Array.from({ length: 200 }, (_, n) => shop.match(`u${n}`))
    const changed = shop.patch({ add: ['B'] })
    while ((await fetch(`${server.origin}/health/ready`)).status !== 200) await Bun.sleep(10)
    const stopped = stopWithin(server, 'SIGTERM')

    const statuses = new Set((await Promise.all([...asked, changed])).map(({ status }) => status))
    expect(statuses).toEqual(new Set([503]))
    expect(await stopped).toBe(0)
    file.run('ROLLBACK')
    file.close()
  })
}, 30_000)

test('a stop while nobody reads the log ends in time', async () => {
  const folder = tempFolder()
  const env = {
    PORT: '0',
    HOST: '127.0.0.1',
    DATABASE_URL: `file:${join(folder.path, 'zaas.db')}`,
    MASTER_API_KEYS: 'some-key',
  }
  // A shell holds the reading end of the pipe, and reads one line, for the port.
  const shell = Bun.spawn(
    [
      'sh',
      '-c',
      `'${process.execPath}' --no-env-file src/index.ts | { read -r line; echo "$line"; sleep 60; }`,
    ],
    { cwd: root, env: { PATH: process.env['PATH'] ?? '', ...env }, stdout: 'pipe', detached: true },
  )
  try {
    const first = await shell.stdout.getReader().read()
    const { port, pid } = JSON.parse(new TextDecoder().decode(first.value))
    for (let n = 0; n < 40; n++) {
      await Promise.all(
        Array.from({ length: 50 }, () =>
          fetch(`http://127.0.0.1:${port}/`).then((it) => it.text()),
        ),
      )
    }
    process.kill(pid, 'SIGTERM')
    const until = performance.now() + stopMaxMs
    while (isAlive(pid) && performance.now() < until) await Bun.sleep(20)

    expect(isAlive(pid)).toBe(false)
  } finally {
    process.kill(-shell.pid, 'SIGKILL')
    folder.remove()
  }
}, 30_000)

/**
 * Clients that ask for matches one after the other, each on its one connection, until the server closes it.
 * `done` is what went wrong: a request that was sent and not answered whole, or not as it should be.
 */
async function openLoad(server: Server, apiKey: string) {
  const told = new Map<string, string>()
  let signalled = false
  let answers = 0
  const { promise: warm, resolve: isWarm } = Promise.withResolvers<void>()

  async function ask(connection: Connection, requestor: string): Promise<boolean> {
    const sentAfterSignal = signalled
    const { status, body, closes } = await connection.request(
      'POST',
      '/namespaces/shop/match',
      { 'x-api-key': apiKey },
      JSON.stringify({ requestor }),
    )
    if (status === 200) told.set(requestor, String(JSON.parse(body).item))
    else if (status !== 503 || !sentAfterSignal) throw new Error(`answered ${status}: ${body}`)
    if (++answers === clients * 20) isWarm()
    return closes
  }

  const connections = await Promise.all(
    Array.from({ length: clients }, () => Connection.open(server.port)),
  )
  const loops = connections.map(async (connection, client) => {
    let closes = false
    for (let n = 0; !closes && !connection.closed; n++) {
      closes = await ask(connection, `${client}-${n}`)
      // Every other client thinks between two calls: the end must not come just as it asks again.
      if (client % 2 === 0 && !closes) await Bun.sleep(Math.random() * thinkMaxMs)
    }
    if (!signalled) throw new Error('the server closed a connection before the signal')
  })
  const done = Promise.allSettled(loops).then((ends) => {
    for (const connection of connections) connection.close()
    return ends.flatMap((end) => (end.status === 'rejected' ? String(end.reason) : []))
  })
  return {
    told,
    warm: Promise.race([warm, done]),
    done,
    noteSignal: () => {
      signalled = true
    },
  }
}

/** The exit code, or how it failed to end in time. */
async function stopWithin(server: Server, signal: NodeJS.Signals): Promise<number | string> {
  const timer = setTimeout(() => server.child.kill('SIGKILL'), stopMaxMs)
  const exitCode = await server.stop(signal)
  clearTimeout(timer)
  return server.child.signalCode ?? exitCode
}

/** Who has which item, going by the file, when no server runs any more. */
function matchesIn(path: string): Map<string, string> {
  const file = new Sqlite(path)
  const rows = file
    .query<{ requestor: string; item: string }, []>(
      'SELECT requestor, item FROM items WHERE requestor IS NOT NULL',
    )
    .all()
  file.close()
  return new Map(rows.map(({ requestor, item }) => [requestor, item]))
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('a refused key is logged with the address of who presented it', async () => {
  const folder = tempFolder()
  const server = await startServer(`file:${join(folder.path, 'zaas.db')}`)
  const ask = (forwarded: string | undefined) =>
    fetch(`${server.origin}/admin/namespaces`, {
      headers: {
        'x-master-api-key': 'made-up',
        ...(forwarded && { 'x-forwarded-for': forwarded }),
      },
    })
  for (const forwarded of [undefined, '203.0.113.1, 198.51.100.7', 'made-up']) {
    expect((await ask(forwarded)).status).toBe(401)
  }
  const withoutHost = 'GET /admin/namespaces HTTP/1.0\r\nx-forwarded-for: 198.51.100.8\r\n\r\n'
  expect(await rawAnswer(server.port, withoutHost)).toStartWith('HTTP/1.1 401 ')
  expect((await fetch(`${server.origin}/health/live`)).status).toBe(200)
  expect(await server.stop()).toBe(0)
  folder.remove()

  const requests = server.lines.filter(({ msg }) => msg === 'request')
  expect(requests.map(({ status, peer, forwardedFor }) => [status, peer, forwardedFor])).toEqual([
    [401, '127.0.0.1', undefined],
    [401, '127.0.0.1', '198.51.100.7'],
    [401, '127.0.0.1', undefined],
    [401, '127.0.0.1', '198.51.100.8'],
    [200, undefined, undefined],
  ])
}, 30_000)
