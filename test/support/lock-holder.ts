import { createClient, LibsqlError, type Transaction } from '@libsql/client'
import { randomFrom } from './seed.ts'

const pollMs = 1

// As a process: for each line of standard input it takes the write lock of a database, writes a line when
// it has it, and holds it for a tenth of the longest time up to all of it. Arguments: the address, a seed,
// the longest time in milliseconds.
if (import.meta.main) {
  const [url = '', seed, holdMaxMs] = process.argv.slice(2)
  const random = randomFrom(Number(seed))
  for await (const _ of console) {
    const lock = await takeLock(url)
    process.stdout.write('held\n')
    await Bun.sleep(Number(holdMaxMs) * (0.1 + 0.9 * random()))
    await lock.rollback()
  }
}

/** Starts that process. */
export function startLockHolder(url: string, seed: number, holdMaxMs = 1_000) {
  const args = [url, String(seed), String(holdMaxMs)]
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

/** A file says at once that it is locked, a server waits. A transaction begins with its first statement. */
async function takeLock(url: string): Promise<Transaction> {
  for (;;) {
    const client = createClient({ url })
    try {
      const lock = await client.transaction('write')
      await lock.execute('SELECT 1')
      return lock
    } catch (error) {
      client.close()
      if (!(error instanceof LibsqlError && error.code === 'SQLITE_BUSY')) throw error
      await Bun.sleep(pollMs)
    }
  }
}
