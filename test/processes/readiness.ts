import { afterAll, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from '../support/app.ts'
import { startServer } from '../support/server.ts'

const folder = tempFolder()
afterAll(folder.remove)
const isRoot = process.getuid?.() === 0

const fresh = () => {
  const place = join(folder.path, crypto.randomUUID())
  mkdirSync(place)
  return join(place, 'zaas.db')
}

async function readiness({ origin }: { origin: string }) {
  const answer = await fetch(`${origin}/health/ready`)
  const { detail, status } = JSON.parse(await answer.text())
  return [answer.status, detail ?? status]
}

const gone = [503, 'The database is no longer the file at its path.']
const unavailable = { status: 503, body: { code: 'unavailable' } }

test('where the file was deleted nothing is acknowledged, nor made in its place', async () => {
  const path = fresh()
  const server = await startServer(`file:${path}`)
  try {
    const shop = await server.keyFor('shop')
    await shop.patch({ add: ['A', 'B'] })
    expect((await shop.match('u1')).body.item).toBe('A')

    rmSync(path)
    expect(await readiness(server)).toEqual(gone)
    expect(await shop.match('u1')).toMatchObject(unavailable)
    expect(await shop.match('u2')).toMatchObject(unavailable)
    expect(await shop.patch({ add: ['C'] })).toMatchObject(unavailable)
    expect(await readiness(server)).toEqual(gone)
    expect(readdirSync(join(path, '..')).toSorted()).toEqual(['zaas.db-shm', 'zaas.db-wal'])
    expect(await server.stop()).toBe(0)
  } finally {
    await server.stop('SIGKILL')
  }
})

test('where the file was replaced nothing is acknowledged until it is back, and the other is left alone', async () => {
  const path = fresh()
  const other = fresh()
  expect(await (await startServer(`file:${other}`)).stop()).toBe(0)
  const server = await startServer(`file:${path}`)
  try {
    const shop = await server.keyFor('shop')
    await shop.patch({ add: ['A', 'B'] })
    expect((await shop.match('u1')).body.item).toBe('A')

    renameSync(path, `${path}.moved`)
    renameSync(other, path)
    const before = readFileSync(path)
    expect(await shop.match('u2')).toMatchObject(unavailable)
    expect(await readiness(server)).toEqual(gone)
    expect(readFileSync(path)).toEqual(before)

    renameSync(`${path}.moved`, path)
    expect(await until(server, 200)).toEqual([200, 'ready'])
    expect((await shop.match('u1')).body.item).toBe('A')
    expect(await server.stop()).toBe(0)
    expect(readdirSync(join(path, '..')).includes('zaas.db')).toBe(true)
  } finally {
    await server.stop('SIGKILL')
  }
})

test('where the log of the database was deleted nothing is acknowledged, and a stop saves what it had', async () => {
  const path = fresh()
  const server = await startServer(`file:${path}`)
  const shop = await server.keyFor('shop')
  try {
    await shop.patch({ add: ['A', 'B'] })
    expect((await shop.match('u1')).body.item).toBe('A')

    rmSync(`${path}-wal`)
    expect(await readiness(server)).toEqual(gone)
    expect(await shop.match('u2')).toMatchObject(unavailable)
    expect(await server.stop()).toBe(0)
  } finally {
    await server.stop('SIGKILL')
  }
  const later = await startServer(`file:${path}`)
  try {
    expect((await later.as('shop', shop.apiKey).match('u1')).body.item).toBe('A')
  } finally {
    await later.stop('SIGKILL')
  }
})

// A disk of its own takes root.
const onDisk = test.skipIf(!isRoot)

onDisk('a full disk is not ready, for as long as it lasts', async () => {
  const disk = join(folder.path, 'full')
  mkdirSync(disk)
  await Bun.$`mount -t tmpfs -o size=4m tmpfs ${disk}`
  try {
    const server = await startServer(`file:${join(disk, 'zaas.db')}`)
    const shop = await server.keyFor('shop')
    await shop.patch({ add: ['A'] })
    expect(await readiness(server)).toEqual([200, 'ready'])

    await Bun.$`dd if=/dev/zero of=${disk}/filler bs=1k`.nothrow().quiet()
    expect(await until(server, 503)).toEqual([503, 'The database cannot be written.'])
    expect(await shop.match('u1')).toMatchObject(unavailable)
    expect(await readiness(server)).toEqual([503, 'The database cannot be written.'])

    rmSync(join(disk, 'filler'))
    expect(await until(server, 200)).toEqual([200, 'ready'])
    expect((await shop.match('u1')).body.item).toBe('A')
    expect(await server.stop()).toBe(0)
  } finally {
    await Bun.$`umount -l ${disk}`
  }
})

onDisk('a disk that has become read-only is not ready, and refuses a start', async () => {
  const disk = join(folder.path, 'read-only')
  mkdirSync(disk)
  await Bun.$`mount -t tmpfs -o size=16m tmpfs ${disk}`
  try {
    const url = `file:${join(disk, 'zaas.db')}`
    expect(await (await startServer(url)).stop()).toBe(0)
    await Bun.$`mount -o remount,ro ${disk}`
    expect(String(await startServer(url).catch((error) => error))).toContain(
      'is on a read-only file system: name a file on one that can be written.',
    )
    await Bun.$`mount -o remount,rw ${disk}`
    const server = await startServer(url)
    expect(await readiness(server)).toEqual([200, 'ready'])
    expect(await server.stop()).toBe(0)
  } finally {
    await Bun.$`umount -l ${disk}`
  }
})

/** Asks until the status is this one, and returns the answer: what was answered or written counts for a second. */
async function until(server: { origin: string }, status: number) {
  const untilMs = performance.now() + 5_000
  for (;;) {
    const answer = await readiness(server)
    if (answer[0] === status || performance.now() > untilMs) return answer
    await Bun.sleep(50)
  }
}
