import { Database as Sqlite } from 'bun:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { makeLegacyDatabase } from '../legacy-import/legacy-database.ts'
import { tempFolder } from '../support/app.ts'
import { launch, runToEnd } from '../support/process.ts'
import { startServer } from '../support/server.ts'
import { type Sqld, sqldIsHere, startSqld } from '../support/sqld.ts'

const folder = tempFolder()
afterAll(folder.remove)
const fresh = () => {
  const place = join(folder.path, crypto.randomUUID())
  mkdirSync(place)
  return join(place, 'zaas.db')
}

async function refusal(databaseUrl: string) {
  const { exitCode, stdout, stderr } = await runToEnd({ PORT: '0', DATABASE_URL: databaseUrl })
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
  return stderr
}

/** The files of a folder, with what is in them. */
const contentsOf = (path: string) =>
  Object.fromEntries(
    readdirSync(path).map((name) => [name, readFileSync(join(path, name)).toString('base64')]),
  )

test('a new database is announced with its place, and one that was there is not', async () => {
  const path = fresh()
  for (const expected of [[`created the database ${path}`], []]) {
    const server = await startServer(`file:${path}`)
    expect(await server.stop()).toBe(0)
    const told = server.lines.map(({ msg }) => String(msg)).filter((msg) => /created/.test(msg))
    expect(told).toEqual(expected)
  }
})

test('whatever the umask, only its owner can read a database and what stands beside it', async () => {
  const path = fresh()
  const under = ['sh', '-c', 'umask 000; exec "$@"', 'sh']
  const server = await startServer(`file:${path}`, { under })
  try {
    const shop = await server.keyFor('shop')
    await shop.patch({ add: ['A'] })
    const modes = ['', '-wal', '-shm'].map((end) => (statSync(path + end).mode & 0o777).toString(8))
    expect(modes).toEqual(['600', '600', '600'])
  } finally {
    await server.stop('SIGKILL')
  }
})

test('a start waits while another process has the whole database locked', async () => {
  const path = fresh()
  const other = new Sqlite(path)
  // In a new file, which has no write-ahead log yet, such a lock keeps readers out too.
  other.run('BEGIN EXCLUSIVE')
  let letGo = false
  setTimeout(() => {
    letGo = true
    other.close(true)
  }, 1_500)
  const server = await startServer(`file:${path}`)
  expect(letGo).toBe(true)
  expect(await server.stop()).toBe(0)
})

test('a folder that is not there, and a folder in place of a file, are told as such', async () => {
  const path = fresh()
  expect(await refusal(`file:${path}/x/zaas.db`)).toBe(
    `zaas cannot start: DATABASE_URL: the folder ${path}/x does not exist: make it, or name another file.\n`,
  )
  mkdirSync(path)
  expect(await refusal(`file:${path}`)).toBe(
    `zaas cannot start: DATABASE_URL: ${path} is a folder: name a file in it.\n`,
  )
})

test('a database behind a symbolic link is made, and checked, where the link leads', async () => {
  const [path, link] = [fresh(), fresh()]
  symlinkSync(path, link)
  const server = await startServer(`file:${link}`)
  try {
    const shop = await server.keyFor('shop')
    await shop.patch({ add: ['A'] })
    expect(readdirSync(join(link, '..'))).toEqual(['zaas.db'])
    expect(readdirSync(join(path, '..')).toSorted()).toEqual([
      'zaas.db',
      'zaas.db-shm',
      'zaas.db-wal',
    ])

    rmSync(link)
    expect(await shop.match('u')).toMatchObject({ status: 503 })
    expect(await server.stop()).toBe(0)
  } finally {
    await server.stop('SIGKILL')
  }
})

test('a log without its database stops the start, and stays', async () => {
  const path = fresh()
  writeFileSync(`${path}-wal`, 'the log')
  expect(await refusal(`file:${path}`)).toBe(
    `zaas cannot start: DATABASE_URL: ${path} does not exist, but its log ${path}-wal does: put the file back, or move the log away.\n`,
  )
  expect(readdirSync(join(path, '..'))).toEqual(['zaas.db-wal'])
})

test.each([
  [
    'of another program',
    (path: string) => {
      const db = new Sqlite(path)
      db.run('CREATE TABLE songs (title)')
      db.close(true)
    },
    'it is a database of another program, which was left as it is: name another.',
  ],
  [
    'of another program, with a write-ahead log',
    (path: string) => {
      const db = new Sqlite(path)
      db.run('PRAGMA journal_mode = WAL')
      db.run('CREATE TABLE songs (title)')
      db.close(true)
    },
    'it is a database of another program, which was left as it is: name another.',
  ],
  [
    'of another program that uses drizzle',
    (path: string) => {
      const db = new Sqlite(path)
      db.run(
        'CREATE TABLE __drizzle_migrations (id INTEGER PRIMARY KEY, hash text, created_at numeric)',
      )
      db.run("INSERT INTO __drizzle_migrations (hash) VALUES ('another')")
      db.close(true)
    },
    'it is a database of another program, which was left as it is: name another.',
  ],
  [
    'of the legacy zaas',
    (path: string) => makeLegacyDatabase(path).close(true),
    'it is a database of the legacy zaas, which was left as it is: name a new file, and bring its items over with bun run import-legacy.',
  ],
])('a database %s stops the start and stays byte for byte as it was', async (_, make, problem) => {
  const path = fresh()
  make(path)
  const before = contentsOf(join(path, '..'))

  expect(await refusal(`file:${path}`)).toBe(`zaas cannot start: DATABASE_URL: ${problem}\n`)
  expect(contentsOf(join(path, '..'))).toEqual(before)
})

test('a file that is no database stops the start and stays as it was', async () => {
  const path = fresh()
  writeFileSync(path, 'item\n'.repeat(1_000))
  const before = contentsOf(join(path, '..'))

  expect(await refusal(`file:${path}`)).toBe(
    `zaas cannot start: DATABASE_URL: ${path} is no database: name another file. It was left as it is.\n`,
  )
  expect(contentsOf(join(path, '..'))).toEqual(before)
})

describe('a schema that this version does not know stops the start:', () => {
  const made = fresh()
  beforeAll(async () => {
    expect(await (await startServer(`file:${made}`)).stop()).toBe(0)
  })

  test.each([
    [
      "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('of a later version', 1)",
      'it was made by a newer version of zaas: start that one, or restore a backup.',
    ],
    [
      'DROP INDEX items_queue',
      'items_queue is missing in it, or is not as it should be: restore a backup.',
    ],
    [
      'DROP INDEX items_live_holder_unique',
      'items_live_holder_unique is missing in it, or is not as it should be: restore a backup.',
    ],
  ])('%s', async (change, problem) => {
    const path = fresh()
    cpSync(made, path)
    const db = new Sqlite(path)
    db.run(change)
    db.close(true)

    expect(await refusal(`file:${path}`)).toBe(`zaas cannot start: DATABASE_URL: ${problem}\n`)
  })
})

describe.skipIf(!sqldIsHere)('on a libSQL server', () => {
  let sqld: Sqld
  beforeAll(async () => {
    sqld = await startSqld()
  })
  afterAll(() => sqld.stop())

  test('a new database is announced, and a later start finds its schema known', async () => {
    const url = await sqld.create('announced')
    for (const expected of [[`created the database ${url}/`], []]) {
      const server = await startServer(url)
      expect(await (await fetch(`${server.origin}/health/ready`)).json()).toMatchObject({
        status: 'ready',
      })
      expect(await server.stop()).toBe(0)
      const told = server.lines.map(({ msg }) => String(msg)).filter((msg) => /created/.test(msg))
      expect(told).toEqual(expected)
    }
  })

  test('a foreign database, a newer one and one without an index stop the start', async () => {
    const foreign = await sqld.create('foreign')
    await run(foreign, 'CREATE TABLE songs (title)')
    expect(await refusal(foreign)).toContain('DATABASE_URL: it is a database of another program')

    for (const [name, change, problem] of [
      [
        'newer',
        "INSERT INTO __drizzle_migrations (hash) VALUES ('later')",
        'made by a newer version',
      ],
      ['lacking', 'DROP INDEX items_queue', 'items_queue is missing in it'],
    ] as const) {
      const url = await sqld.create(name)
      expect(await (await startServer(url)).stop()).toBe(0)
      await run(url, change)
      expect(await refusal(url)).toContain(problem)
    }
  })
})

/** Runs a statement on a sqld, by its own protocol. */
async function run(url: string, sql: string): Promise<void> {
  const requests = [{ type: 'execute', stmt: { sql } }, { type: 'close' }]
  const answer = await fetch(`${url}/v2/pipeline`, {
    method: 'POST',
    body: JSON.stringify({ requests }),
  })
  expect(await answer.json()).toMatchObject({ results: [{ type: 'ok' }, { type: 'ok' }] })
}

test.each([
  ['the default', {}, ['127.0.0.1', '[::1]']],
  ['localhost', { HOST: 'localhost' }, ['127.0.0.1', '[::1]']],
  ['::', { HOST: '::' }, ['127.0.0.1', '[::1]']],
  ['127.0.0.1', { HOST: '127.0.0.1' }, ['127.0.0.1']],
])('with %s as HOST the address that is shown is one that answers', async (_, env, hosts) => {
  const { child, stdout, stderr } = launch({ ...env, PORT: '0', DATABASE_URL: `file:${fresh()}` })
  try {
    const shown = await stderr.until(/http:\/\/[^/]+(?=\/admin)/)
    await stdout.until(/listening/)
    const { port } = new URL(shown)
    for (const origin of [shown, ...hosts.map((host) => `http://${host}:${port}`)])
      expect([origin, await (await fetch(origin)).text()]).toEqual([origin, 'zaas'])
    if (hosts.length === 2) expect(shown).toBe(`http://localhost:${port}`)
    child.kill('SIGTERM')
    expect(await child.exited).toBe(0)
  } finally {
    child.kill('SIGKILL')
  }
})
