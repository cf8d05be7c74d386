import { Database as Sqlite } from 'bun:sqlite'
import { afterAll, expect, test } from 'bun:test'
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { makeBackup } from '../../src/maintenance/backup.ts'
import { Database } from '../../src/storage/sqlite/database.ts'
import { migrate } from '../../src/storage/sqlite/migrations.ts'
import { changeItems } from '../../src/storage/sqlite/stock/change-items.ts'
import { canTrace } from '../faults/strace.ts'
import { tempFolder } from '../support/app.ts'
import { contextAt } from '../support/context.ts'
import { root } from '../support/process.ts'

const cutsMax = 100
const calls = 'fsync,fdatasync,link,linkat,rename,renameat,unlink,unlinkat,ftruncate'
const templates = tempFolder()
const folder = tempFolder()
const place = join(folder.path, 'zaas.db')

afterAll(templates.remove)
afterAll(folder.remove)

test.skipIf(!canTrace)(
  'a restore that is killed at any sync, link, rename or removal leaves the one database or the other',
  async () => {
    await makeTemplates()
    const left: string[] = []
    for (let n = 1; ; n++) {
      expect(n).toBeLessThan(cutsMax)
      layOut()
      const killed = await runKilled(n, 'restore', join(folder.path, 'copy'), '--force')
      left.push(itemsIn(place))
      if (left.at(-1) === 'NEW') expect(itemsIn(asideIn(folder.path))).toBe('OLD,LATE')
      if (!killed) break
    }
    process.stderr.write(`restores killed: ${left.length - 1}, left: ${JSON.stringify(left)}\n`)

    expect(new Set(left)).toEqual(new Set(['OLD,LATE', 'NEW']))
    expect(left.at(-1)).toBe('NEW')
  },
)

test.skipIf(!canTrace)('a backup that is killed anywhere leaves a whole file or none', async () => {
  await makeTemplates()
  const left: string[] = []
  for (let n = 1; ; n++) {
    expect(n).toBeLessThan(cutsMax)
    layOut()
    const file = join(folder.path, 'backup')
    const killed = await runKilled(n, 'backup', file)
    left.push(existsSync(file) ? itemsIn(file) : 'none')
    if (!killed) break
  }
  process.stderr.write(`backups killed: ${left.length - 1}, left: ${JSON.stringify(left)}\n`)

  expect(new Set(left)).toEqual(new Set(['none', 'OLD,LATE']))
})

test('these checks find what a restore makes that copies over the database, or removes its log first', async () => {
  await makeTemplates()
  layOut()
  copyFileSync(join(folder.path, 'copy'), place)
  const mixed = itemsIn(place)
  layOut()
  rmSync(`${place}-wal`)

  expect(['OLD,LATE', 'NEW']).not.toContain(mixed)
  expect(itemsIn(place)).toBe('OLD')
})

/** `zaas.db` as a killed server leaves it, its last item in the log alone, and a backup with another item. */
async function makeTemplates(): Promise<void> {
  const fresh = join(templates.path, 'new.db')
  await fill(fresh, ['NEW'])
  rmSync(join(templates.path, 'copy'), { force: true })
  makeBackup(fresh, join(templates.path, 'copy'), { force: false, tell: () => {} })
  const old = join(templates.path, 'old.db')
  await fill(old, ['OLD'])
  const db = await Database.open(`file:${old}`)
  await changeItems(db, { namespace: 'shop', add: ['LATE'], remove: [], release: [] }, contextAt(1))
  for (const end of ['', '-wal']) copyFileSync(old + end, join(templates.path, `zaas.db${end}`))
  await db.close()
}

async function fill(path: string, add: string[]): Promise<void> {
  for (const end of ['', '-wal', '-shm']) rmSync(path + end, { force: true })
  const db = await Database.open(`file:${path}`)
  await migrate(db)
  await changeItems(db, { namespace: 'shop', add, remove: [], release: [] }, contextAt(1))
  await db.close()
  Bun.gc(true)
}

function layOut(): void {
  rmSync(folder.path, { recursive: true })
  mkdirSync(folder.path)
  for (const name of ['zaas.db', 'zaas.db-wal', 'copy']) {
    copyFileSync(join(templates.path, name), join(folder.path, name))
  }
}

/** Runs a command that is killed at its n-th call; false when it came to its end before. */
async function runKilled(n: number, name: string, ...args: string[]): Promise<boolean> {
  const tracer = ['strace', '-f', '-o/dev/null', `-etrace=${calls}`]
  const kill = `-einject=${calls}:signal=SIGKILL:when=${n}`
  const command = [process.execPath, '--no-env-file', 'src/index.ts', name, ...args]
  const child = Bun.spawn([...tracer, kill, ...command], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: `file:${place}` },
    stdout: 'ignore',
    stderr: 'ignore',
  })
  await child.exited
  if (child.signalCode === null) expect(child.exitCode).toBe(0)
  return child.signalCode !== null
}

const asideIn = (path: string) =>
  join(path, String(readdirSync(path).find((name) => /\.replaced-\w+$/.test(name))))

/** As the next server would find them, or what is wrong with the database. */
function itemsIn(path: string): string {
  const db = new Sqlite(path)
  try {
    const check = db.query('PRAGMA integrity_check').values().flat().join()
    return check === 'ok'
      ? db.query('SELECT item FROM items ORDER BY id').values().flat().join()
      : check
  } catch (error) {
    return String(error)
  } finally {
    db.close(true)
  }
}
