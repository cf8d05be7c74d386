import { Database, SQLiteError } from 'bun:sqlite'
import { randomFrom } from './seed.ts'

const pollMs = 1

// As a process: for each line of standard input it takes the write lock of a database file, writes a
// line when it has it, and holds it for a tenth of the longest time up to all of it. Arguments: the file, a
// seed, the longest time in milliseconds.
if (import.meta.main) {
  const [path, seed, holdMaxMs] = process.argv.slice(2)
  const random = randomFrom(Number(seed))
  const db = new Database(path)
  for await (const _ of console) {
    while (!tryLock(db)) await Bun.sleep(pollMs)
    process.stdout.write('held\n')
    await Bun.sleep(Number(holdMaxMs) * (0.1 + 0.9 * random()))
    db.run('ROLLBACK')
  }
}

/** Starts that process. */
export function startLockHolder(path: string, seed: number, holdMaxMs = 1_000) {
  const args = [path, String(seed), String(holdMaxMs)]
  const child = Bun.spawn([process.execPath, import.meta.path, ...args], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const waiting: (() => void)[] = []
  const ended = child.exited.then(() => Promise.reject(new Error('the lock holder has ended')))
  ended.catch(() => {})
  void (async () => {
    for await (const chunk of child.stdout) {
      const times = new TextDecoder().decode(chunk).split('\n').length - 1
      for (const resolve of waiting.splice(0, times)) resolve()
    }
  })()
  return {
    /** Returns once it has the lock, once more; it first lets go of the one that it may have. */
    hold: async () => {
      const held = new Promise<void>((resolve) => waiting.push(resolve))
      child.stdin.write('hold\n')
      await child.stdin.flush()
      await Promise.race([held, ended])
    },
    stop: async () => {
      child.kill('SIGKILL')
      await child.exited
    },
  }
}

function tryLock(db: Database): boolean {
  try {
    db.run('BEGIN IMMEDIATE')
    return true
  } catch (error) {
    if (error instanceof SQLiteError && error.code === 'SQLITE_BUSY') return false
    throw error
  }
}
