import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { startupBanner } from '../../src/commands/terminal.ts'
import { tempFolder } from '../support/app.ts'
import { Output, root } from '../support/process.ts'

const running = {
  host: '0.0.0.0',
  port: 32700,
  databaseUrl: 'file:local.db',
  durability: 'full' as const,
  keyOfThisRun: undefined,
}

test('shows where things are, without the secrets of an address', () => {
  expect(startupBanner(running)).toContain('http://localhost:32700/swagger\n')
  expect(startupBanner({ ...running, host: '::1' })).toContain('http://[::1]:32700\n')

  const databaseUrl = 'libsql://user:pass-word@db.example:8080/shop?authToken=to-ken'
  const shown = startupBanner({ ...running, databaseUrl, durability: 'relaxed' })
  expect(shown).toContain('libsql://db.example:8080/shop (commits are NOT synced to disk)\n')
  expect(shown).not.toMatch(/user|pass-word|to-ken|MASTER_API_KEYS/)
})

test('at a terminal a start shows where things are and how to begin, and logs lines for people', async () => {
  const output = await startAtTerminal({})
  const plain = stripVTControlCharacters(output)
  const [key] = /zaas_\w+/.exec(plain) ?? []

  expect(plain).toMatch(/API +http:\/\/127\.0\.0\.1:\d+\n/)
  expect(plain).toMatch(/API page +http:\/\/127\.0\.0\.1:\d+\/swagger\n/)
  expect(plain).toMatch(/Console +http:\/\/127\.0\.0\.1:\d+\/console\n/)
  expect(plain).toMatch(/Database +file:\S+zaas\.db \(commits are synced to disk\)\n/)
  expect(plain.split(`\n  ${key}\n`)).toHaveLength(2)
  expect(plain).toMatch(/\[\d\d:\d\d:\d\d\] INFO: request GET \/health\/live 200 in [\d.]+ ms /m)
  // A terminal may show the key that stops it on the line that follows.
  expect(plain).toMatch(/^(\^C)?\[\d\d:\d\d:\d\d\] INFO\S*: stopped\n$/m)
  expect(plain).not.toContain('{"level"')
  expect(output).toContain('\x1b[')
}, 30_000)

test('NO_COLOR takes the colours away', async () => {
  expect(await startAtTerminal({ NO_COLOR: '1' })).not.toContain('\x1b')
}, 30_000)

/** What a run shows at a terminal, from its start over one request to its end by Ctrl+C. */
async function startAtTerminal(env: Record<string, string>): Promise<string> {
  const folder = tempFolder()
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const output = new Output(readable)
  const child = Bun.spawn([process.execPath, '--no-env-file', 'src/index.ts'], {
    cwd: root,
    env: {
      PATH: process.env['PATH'] ?? '',
      TERM: 'xterm-256color',
      PORT: '0',
      HOST: '127.0.0.1',
      DATABASE_URL: `file:${join(folder.path, 'zaas.db')}`,
      ...env,
    },
    terminal: {
      cols: 200,
      rows: 50,
      data: (_, bytes) => void writer.write(bytes),
      exit: () => void writer.close(),
    },
  })
  try {
    const origin = await output.until(/http:\/\/127\.0\.0\.1:\d+/)
    await output.until(/listening/)
    expect((await fetch(`${origin}/health/live`)).status).toBe(200)
    child.terminal?.write('\x03')
    expect(await child.exited).toBe(0)
    child.terminal?.close()
    return (await output.whole).replaceAll('\r\n', '\n')
  } finally {
    child.kill('SIGKILL')
    folder.remove()
  }
}
