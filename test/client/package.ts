import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { $ } from 'bun'
import { version } from '../../package.json'
import { createAdmin, createClient } from '../../src/client/index.ts'
import { masterKey, tempFolder } from '../support/app.ts'
import { root } from '../support/process.ts'
import { startProxy, type TcpProxy } from '../support/proxy.ts'
import { blocks } from '../support/readme.ts'
import { type Server, startServer } from '../support/server.ts'

// The client as others install it, and the calls of the README in each language, through a proxy that
// cuts the first answer. Run by `bun run test:client`; needs Node.js, npm, curl and python3, and tries
// the call in Go where there is one.

const folder = tempFolder()
let server: Server
let proxy: TcpProxy
let shop: Awaited<ReturnType<typeof shopOf>>

beforeAll(async () => {
  await $`${process.execPath} run build:client`.cwd(root).quiet()
  writeFileSync(join(folder.path, 'package.json'), '{ "private": true, "type": "module" }')
  const tarball = join(root, `dist/zaas-${version}.tgz`)
  await $`npm install --offline --no-audit --no-fund ${tarball}`.cwd(folder.path).quiet()
  server = await startServer(`file:${folder.path}/zaas.db`)
  proxy = await startProxy(server.port)
  shop = await shopOf('summer-sale')
})
afterAll(async () => {
  proxy?.stop()
  await server?.stop()
  folder.remove()
})

/** A key for a new namespace with three items, and a client of it that goes around the proxy. */
async function shopOf(namespace: string) {
  const { origin } = server
  const admin = createAdmin({ origin, masterApiKey: masterKey })
  const { apiKey } = await admin.createKey({ namespace })
  const direct = createClient({ origin, apiKey, namespace })
  await direct.change({ add: ['SUN-1', 'SUN-2', 'SUN-3'] })
  return { apiKey, direct }
}

/** Cuts off the answer to the first request of each of these methods, and counts all requests. */
function cutFirst(...methods: string[]): () => number {
  const toCut = new Set(methods)
  let requests = 0
  let cutting = false
  proxy.decide((direction, piece) => {
    const method = /^[A-Z]+(?= \/)/.exec(piece.toString('latin1'))?.[0]
    if (direction === 'request' && method) {
      requests++
      cutting = toCut.delete(method)
    }
    return direction === 'answer' && cutting ? 'cut' : 'pass'
  })
  return () => requests
}

/** Runs a command in the folder where the client is installed, and returns what it prints. */
async function run(command: string[], apiKey = ''): Promise<string> {
  const child = Bun.spawn(command, {
    cwd: folder.path,
    env: { ...process.env, ZAAS: `http://127.0.0.1:${proxy.port}`, API_KEY: apiKey },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [printed, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ])
  expect([await child.exited, errors, printed]).toEqual([0, errors, printed])
  return printed.trim()
}

/** Bun is the one that runs the tests; npx does not put it where others find it. */
const programOf = (command: string) => (command === 'bun' ? process.execPath : command)

/** Writes a file there and returns its path. */
function file(name: string, text: string): string {
  const path = join(folder.path, name)
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  return path
}

describe('the package', () => {
  test('brings nothing else along', () => {
    expect(
      readdirSync(join(folder.path, 'node_modules')).filter((it) => !it.startsWith('.')),
    ).toEqual(['zaas'])
  })

  test('has types that need nothing else either', async () => {
    const types = await Bun.file(join(import.meta.dir, 'types.ts')).text()
    file('types.ts', types.replace('../../src/client/index.ts', 'zaas/client'))
    const compilerOptions = {
      module: 'NodeNext',
      lib: ['ESNext', 'DOM', 'DOM.AsyncIterable'],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    }
    file('tsconfig.json', JSON.stringify({ compilerOptions, files: ['types.ts'] }))
    expect(await run([join(root, 'node_modules/.bin/tsc'), '--pretty', 'false'])).toBe('')
  })

  test.each(['node', 'bun'])('works on %s, whatever is cut off', async (runtime) => {
    const { apiKey } = await shopOf(runtime)
    const requests = cutFirst('POST', 'GET', 'PATCH')
    const printed = JSON.parse(
      await run([programOf(runtime), file('walk.js', walk), runtime], apiKey),
    )
    expect(printed).toEqual({
      match: { item: 'SUN-1', alreadyMatched: true },
      listed: ['SUN-1', 'SUN-2', 'SUN-3'],
      imported: { received: 2, unchanged: 2 },
      release: { ours: true, code: 'unreachable' },
      left: {
        ...{ total: 3, matched: 0, available: 3, held: 0, expired: 0 },
        ...{ perDay: 1, runsOutAt: expect.any(String) },
      },
      refused: { ours: true, code: 'invalid', status: 422 },
    })
    expect(requests()).toBe(8)
  })
})

describe('the call of the README', () => {
  const write = (language: string, name: string) => file(name, blocks(language, 'call').join('\n'))
  const calls = {
    curl: ['sh', () => ['-e', write('sh', 'call.sh')]],
    TypeScript: ['node', () => [write('ts', 'call.js')]],
    Python: ['python3', () => [write('python', 'call.py')]],
    Go: ['go', () => ['run', write('go', 'call.go')]],
  } as const

  for (const [language, [command, args]] of Object.entries(calls)) {
    // CI has no Go: it is three times as large as all the rest.
    const skipped = language === 'Go' && Bun.which(command) === null
    test.skipIf(skipped)(
      `in ${language} brings the item, although its first answer is lost`,
      async () => {
        const requests = cutFirst('POST')
        const printed = await run([command, ...args()], shop.apiKey)
        expect(requests()).toBe(2)
        const outcome = await shop.direct.match('user-123')
        if (!outcome.success) throw new Error('There is no item left.')
        expect(printed).toContain(outcome.item)
      },
    )
  }
})

const walk = `
  import { createClient, ZaasClientError } from 'zaas/client'

  const { ZAAS: origin, API_KEY: apiKey } = process.env
  const zaas = createClient({ origin, apiKey, namespace: process.argv[2] })
  const failure = (call) => call.catch((error) => ({
    ours: error instanceof ZaasClientError,
    code: error.code,
    status: error.status,
  }))
  const { item, alreadyMatched } = await zaas.match('walker')
  const listed = []
  for await (const { item } of zaas.items()) listed.push(item)
  const { received, unchanged } = await zaas.import(new Blob(['SUN-2\\nSUN-3\\n']).stream())
  const release = await failure(zaas.change({ release: [item] }))
  const left = await zaas.stats()
  const refused = await failure(zaas.match(''))
  const match = { item, alreadyMatched }
  const imported = { received, unchanged }
  console.log(JSON.stringify({ match, listed, imported, release, left, refused }))
`
