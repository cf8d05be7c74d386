import { createClient, LibsqlError } from '@libsql/client'

// As a process: opens a database file without locking it, as a server does for a moment, and writes a line.
// For each line of standard input it then does what a server does that starts, and what one does that runs,
// and writes how each of these went. Argument: the file.
if (import.meta.main) {
  const client = createClient({ url: `file:${process.argv[2]}`, concurrency: 1 })
  const outcomeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error) => (error instanceof LibsqlError ? error.extendedCode : String(error)),
    )
  process.stdout.write('open\n')
  for await (const _ of console) {
    const start = await outcomeOf(client.execute('PRAGMA journal_mode = WAL'))
    const insert = "INSERT INTO items (namespace, item, created_at) VALUES ('late', 'late', 0)"
    const run = await outcomeOf(client.batch([insert], 'write'))
    process.stdout.write(`${start} ${run}\n`)
  }
}

/** Starts that process, and returns once it has the file open. */
export async function openLate(path: string) {
  const child = Bun.spawn([process.execPath, import.meta.path, path], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const reader = child.stdout.getReader()
  const next = async () => new TextDecoder().decode((await reader.read()).value).trim()
  if ((await next()) !== 'open') throw new Error('the file was not opened')
  return {
    write: () => {
      child.stdin.write('write\n')
      child.stdin.flush()
      return next()
    },
    stop: async () => {
      child.kill('SIGKILL')
      await child.exited
    },
  }
}
