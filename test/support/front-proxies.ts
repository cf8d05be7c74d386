import { join } from 'node:path'
import { freePort, Output, root } from './process.ts'
import { rawAnswer } from './raw.ts'

/** The real proxies that docs and `deploy/` have a configuration for, started with just that. */

export type Upstream = {
  port: number
  /** Where operators are, in place of the 10.0.0.0/8 of the configurations. */
  operators: string
}
type Started = Upstream & { folder: string; listenPort: number; pem: string }
export type Edit = [from: string | RegExp, to: string]

/** A request that the proxy holds for unfinished is not waited for longer. */
const quietMs = 8_000
export const host = 'zaas.example.com'
const operations = await Bun.file(join(root, 'docs/operations.md')).text()
const haproxyConfig = await Bun.file(join(root, 'deploy/haproxy.cfg')).text()

/** The first block of this kind in docs/operations.md. */
export const block = (kind: string) =>
  new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\``, 'ms').exec(operations)?.[1] ?? ''

const configured = { nginx, caddy, haproxy }
export const names = ['nginx', 'caddy', 'haproxy'] as const
export type FrontProxy = Awaited<ReturnType<typeof startFrontProxy>>

/** Starts one in front of a zaas; what it logs is in `log`. `folder` is for its files alone. */
export async function startFrontProxy(
  name: keyof typeof configured,
  folder: string,
  upstream: Upstream,
) {
  const listenPort = freePort()
  const pem = certificate(folder)
  const command = await configured[name]({ ...upstream, folder, listenPort, pem })
  const child = Bun.spawn(command, {
    env: { ...process.env, HOME: folder },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const outputs = [new Output(child.stdout), new Output(child.stderr)]
  const own = ['zaas.log', 'zaas-error.log'].map((file) => Bun.file(join(folder, file)))
  const isUp = async () =>
    /^HTTP/.test(await rawTlsAnswer(listenPort, request('GET', '/up')).catch(String))
  while (!(await isUp())) {
    if (child.exitCode !== null) throw new Error(outputs.map(({ text }) => text).join('\n'))
    await Bun.sleep(20)
  }
  return {
    name,
    port: listenPort,
    log: async () => {
      const files = await Promise.all(
        own.map(async (file) => ((await file.exists()) ? file.text() : '')),
      )
      return [...outputs.map(({ text }) => text), ...files].join('\n')
    },
    /** At once, whatever waits for an answer. */
    stop: () => {
      // Killed, nginx would leave its workers behind.
      child.kill(name === 'nginx' ? 'SIGTERM' : 'SIGKILL')
      return child.exited
    },
  }
}

/** The bytes of a request that closes its connection. */
export function request(method: string, target: string, headers: string[] = []): string {
  return [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: close',
    ...headers,
    '',
    '',
  ].join('\r\n')
}

/** What comes back for these bytes (Latin-1) until the connection ends, or nothing more moves on it. */
export const rawTlsAnswer = (port: number, sent: string) =>
  rawAnswer(port, sent, { tls: host, quietMs })

async function nginx({ folder, listenPort, port, operators, pem }: Started) {
  const servers = edited(block('nginx'), [
    ['/etc/ssl/zaas.pem', pem],
    ['/etc/ssl/zaas.key', pem],
    [/\/var\/log\/nginx\//g, `${folder}/`],
    ['listen 443 ssl', `listen 127.0.0.1:${listenPort} ssl`],
    ['127.0.0.1:32700', `127.0.0.1:${port}`],
    ['10.0.0.0/8', operators],
  ])
  const path = join(folder, 'nginx.conf')
  const own = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n')
  const rest = `pid ${folder}/pid;\nerror_log stderr;\ndaemon off;\nevents {}\n`
  await Bun.write(path, `${rest}http {\naccess_log off;\n${own}\n${servers}}\n`)
  return ['nginx', '-p', folder, '-c', path]
}

async function caddy({ folder, listenPort, port, operators, pem }: Started) {
  const path = join(folder, 'Caddyfile')
  const config = edited(block('caddy'), [
    // No server for changes of it, and no certificates from elsewhere.
    [/^\{$/m, `{\n\tadmin off\n\tauto_https off`],
    [/^zaas\.example\.com \{$/m, `${host}:${listenPort} {\n\tbind 127.0.0.1\n\ttls ${pem} ${pem}`],
    [/127\.0\.0\.1:32700/g, `127.0.0.1:${port}`],
    ['10.0.0.0/8', operators],
  ])
  await Bun.write(path, config)
  return ['caddy', 'run', '--adapter', 'caddyfile', '--config', path]
}

async function haproxy({ folder, listenPort, port, operators, pem }: Started) {
  const path = join(folder, 'haproxy.cfg')
  const config = edited(haproxyConfig, [
    ['bind :32700', `bind 127.0.0.1:${listenPort} ssl crt ${pem}`],
    ['10.0.0.0/8', operators],
    [' resolvers docker\n', '\n'],
    ['server zaas-1 zaas-1:32700', `server zaas-1 127.0.0.1:${port}`],
    ['    server zaas-2 zaas-2:32700\n', ''],
  ])
  await Bun.write(path, config)
  return ['haproxy', '-db', '-f', path]
}

/** Throws when one of the edits finds nothing to change. */
export function edited(text: string, edits: Edit[]): string {
  return edits.reduce((before, [from, to]) => {
    if (before.split(from).length < 2) throw new Error(`There is no ${from} in:\n${text}`)
    return before.replace(from, () => to)
  }, text)
}

/** A certificate and its key in one file, which each of the proxies takes. */
export function certificate(folder: string, name = host): string {
  const pem = join(folder, 'zaas.pem')
  const made = Bun.spawnSync(
    `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=${name} -addext subjectAltName=DNS:${name} -keyout ${pem}.key -out ${pem}.crt`.split(
      ' ',
    ),
  )
  if (!made.success) throw new Error(made.stderr.toString())
  const joined = Bun.spawnSync(['sh', '-c', `umask 077; cat ${pem}.crt ${pem}.key > ${pem}`])
  if (!joined.success) throw new Error(joined.stderr.toString())
  return pem
}
