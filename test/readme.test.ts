import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { tempFolder } from './support/app.ts'
import { freePort, root } from './support/process.ts'
import { blocks, play, readme } from './support/readme.ts'

const folder = tempFolder()
const startMaxMs = 30_000
const port = freePort()
const env = {
  ...process.env,
  PATH: `${join(process.execPath, '..')}:${process.env['PATH']}`,
  PORT: String(port),
  DATABASE_URL: `file:${folder.path}/zaas.db`,
}

afterAll(folder.remove)

test.each(blocks('sh', 'server'))('this starts a server that answers: %s', async (script) => {
  await withServer(script, async () => {
    const answer = await fetch(`http://localhost:${port}/`)
    expect(await answer.text()).toBe('zaas')
  })
})

test('the walk leads to a second answer with the same item', async () => {
  await withServer(String(blocks('sh', 'server').at(-1)), async () => {
    const answers = await play(blocks('sh', 'walk').join('\n'), { cwd: folder.path, env })

    expect(answers).toEqual([
      expect.objectContaining({ message: 'Added 3 items', added: 3 }),
      expect.objectContaining({ item: 'SUN-1', alreadyMatched: false }),
      expect.objectContaining({ item: 'SUN-1', alreadyMatched: true }),
      {
        ...{ total: 3, matched: 1, available: 2, held: 0, expired: 0 },
        ...{ perDay: 1, runsOutAt: expect.any(String) },
      },
      {
        items: [
          expect.objectContaining({ item: 'SUN-1', requestor: 'user-123' }),
          expect.objectContaining({ item: 'SUN-2', requestor: null }),
          expect.objectContaining({ item: 'SUN-3', requestor: null }),
        ],
        nextCursor: null,
      },
      expect.objectContaining({ message: 'Added 2 items', received: 2, added: 2 }),
      ...['SUN-1', 'SUN-2', 'SUN-3', 'MOON-1', 'MOON-2'].map((item) =>
        expect.objectContaining({ item }),
      ),
    ])
  })
})

test('the command that checks a change is a script of the package', async () => {
  const { scripts } = await Bun.file(join(root, 'package.json')).json()

  expect(blocks('sh', 'check')).toEqual(['bun run check\n'])
  expect(scripts).toHaveProperty('check')
})

test('no shell block is left out', () => {
  // The calls of `sh call` are tried with those in other languages: bun run test:client.
  const known = ['server', 'walk', 'check', 'call'].flatMap((word) => blocks('sh', word))

  expect(readme.match(/^```sh.*$/gm)?.length).toBe(known.length)
})

/** Runs a block in a shell of its own, as in a first terminal, and stops its process group. */
async function withServer(script: string, use: () => Promise<void>): Promise<void> {
  const terminal = Bun.spawn(['sh', '-c', script], {
    cwd: root,
    env,
    stdout: 'ignore',
    stderr: 'ignore',
    detached: true,
  })
  try {
    await answers(true)
    await use()
  } finally {
    process.kill(-terminal.pid, 'SIGTERM')
    await answers(false)
  }
}

/** Waits until the port answers, or until it does no more. */
async function answers(wanted: boolean): Promise<void> {
  const until = performance.now() + startMaxMs
  for (;;) {
    const ready = await fetch(`http://localhost:${port}/health/ready`).catch(() => undefined)
    if ((ready?.ok ?? false) === wanted) return
    if (performance.now() > until)
      throw new Error(`the server ${wanted ? 'did not start' : 'runs on'}`)
    await Bun.sleep(50)
  }
}
