import { Database as Sqlite } from 'bun:sqlite'
import { afterAll, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { checkIntegrity } from '../../src/maintenance/integrity-check.ts'
import { tempFolder } from '../support/app.ts'
import { root, runCommand, runToEnd } from '../support/process.ts'
import { type Server, startServer } from '../support/server.ts'
import { sqldIsHere, startSqld } from '../support/sqld.ts'

/** The last commit whose tables are those of version 0.1.0; empty where the history does not go back so far. */
const oldVersion = Bun.spawnSync(
  [
    'sh',
    '-c',
    'git rev-parse --verify -q "$(git rev-list HEAD -- drizzle/0004_pools.sql | tail -1)^" || true',
  ],
  { cwd: root },
)
  .stdout.toString()
  .trim()
const oldIsHere = oldVersion !== ''
const folder = tempFolder()
const cwd = join(folder.path, 'zaas')

afterAll(folder.remove)

test.if(oldIsHere)(
  'an instance of version 0.1.0 that still runs on a migrated file fails, and changes nothing',
  async () => {
    await checkOutOldVersion()
    const path = join(folder.path, 'zaas.db')
    await expectOldToFail(`file:${path}`)
    const db = new Sqlite(path)
    expect(checkIntegrity(db)).toMatchObject({ items: 9, matched: 2, removed: 1 })
    db.close(true)
    const { exitCode, stderr } = await runToEnd(
      { PORT: '0', DATABASE_URL: `file:${path}` },
      { cwd },
    )
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringContaining('made by a newer version of zaas'),
    })
  },
)

test.if(sqldIsHere && oldIsHere)('so does one on a libSQL server', async () => {
  await checkOutOldVersion()
  const sqld = await startSqld()
  try {
    await expectOldToFail(await sqld.create('zaas'))
  } finally {
    await sqld.stop()
  }
})

test.if(oldIsHere)(
  'a backup that version 0.1.0 made is restored, and migrated by the next start',
  async () => {
    await checkOutOldVersion()
    const [path, copy, place] = ['backed-up.db', 'copy.db', 'restored.db'].map((name) =>
      join(folder.path, name),
    ) as [string, string, string]
    const old = await startServer(`file:${path}`, { cwd })
    const { apiKey } = await fill(old)
    await old.stop()
    const backup = Bun.spawn([process.execPath, '--no-env-file', 'src/index.ts', 'backup', copy], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: `file:${path}` },
      stdout: 'ignore',
      stderr: 'ignore',
    })
    expect(await backup.exited).toBe(0)
    expect(await runCommand('restore', [copy], `file:${place}`)).toMatchObject({
      exitCode: 0,
      stderr: '',
    })

    const server = await startServer(`file:${place}`)
    try {
      const shop = server.as('shop', apiKey)
      expect((await shop.match('early')).body).toMatchObject({ item: 'A', alreadyMatched: true })
      expect((await shop.match('late')).body).toMatchObject({ item: 'C', alreadyMatched: false })
    } finally {
      await server.stop()
    }
  },
)

/** Starts the old version, then the new one beside it, and tries what each can still do. */
async function expectOldToFail(url: string): Promise<void> {
  const old = await startServer(url, { cwd })
  let server: Server | undefined
  try {
    const { apiKey, ...before } = await fill(old)
    expect((await before.match('early')).body).toMatchObject({ item: 'A', alreadyMatched: true })
    server = await startServer(url)
    const [there, here] = [old.as('shop', apiKey), server.as('shop', apiKey)]
    const answers = [
      await there.match('new'),
      await there.match('early'),
      await there.patch({ add: ['NEW'] }),
      await there.patch({ add: ['B'] }),
      await there.patch({ remove: ['D'] }),
      await there.patch({ release: ['A'] }),
      await there.stats(),
    ]
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 500))

    expect((await here.match('early')).body).toMatchObject({ item: 'A', alreadyMatched: true })
    expect((await here.match('new')).body).toMatchObject({ item: 'C', alreadyMatched: false })
    expect((await here.stats()).body).toMatchObject({ total: 9, matched: 2, available: 7 })
  } finally {
    await Promise.all([old.stop(), server?.stop()])
  }
}

/** Ten items, of which one is matched and one removed. */
async function fill(server: Server) {
  const shop = await server.keyFor('shop')
  await shop.patch({ add: [...'ABCDEFGHIJ'] })
  await shop.match('early')
  await shop.patch({ remove: ['B'] })
  return shop
}

/** An archive leaves nothing behind in .git; the dependencies are those of today. */
async function checkOutOldVersion(): Promise<void> {
  if (existsSync(cwd)) return
  const script = 'mkdir "$1" && git archive "$2" | tar -x -C "$1" && ln -s "$PWD/node_modules" "$1"'
  const command = ['sh', '-c', script, 'sh', cwd, oldVersion]
  const child = Bun.spawn(command, { cwd: root, stderr: 'inherit' })
  expect(await child.exited).toBe(0)
}
