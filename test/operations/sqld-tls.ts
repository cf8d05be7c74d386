import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { tempFolder } from '../support/app.ts'
import { certificate, edited } from '../support/front-proxies.ts'
import { freePort, root, runToEnd } from '../support/process.ts'
import { startServer } from '../support/server.ts'
import { type Sqld, startSqld } from '../support/sqld.ts'

// A libSQL server behind the proxy of docs/scaling.md. Run by `bun run test:operations`.

const folder = tempFolder()
const name = 'zaas.localhost'
const port = freePort()
const url = `https://${name}:${port}`
const pem = certificate(folder.path, name)
let sqld: Sqld
let caddy: Bun.Subprocess

beforeAll(async () => {
  sqld = await startSqld()
  await sqld.create('zaas')
  const document = await Bun.file(join(root, 'docs/scaling.md')).text()
  const example = /^```caddy\n(.*?)^```/ms.exec(document)?.[1] ?? ''
  const path = join(folder.path, 'Caddyfile')
  const config = edited(example, [
    [
      /^zaas\.sqld\.internal \{/m,
      `{\n\tadmin off\n\tauto_https off\n}\n${name}:${port} {\n\tbind 127.0.0.1`,
    ],
    ['/etc/ssl/sqld.pem', pem],
    ['/etc/ssl/sqld.key', pem],
    ['127.0.0.1:8080', `127.0.0.1:${sqld.ports.http}`],
  ])
  await Bun.write(path, config)
  caddy = Bun.spawn(['caddy', 'run', '--adapter', 'caddyfile', '--config', path], {
    env: { ...process.env, HOME: folder.path },
    stdout: 'ignore',
    stderr: 'ignore',
  })
  const isUp = () =>
    fetch(`${url}/health`, { tls: { rejectUnauthorized: false } }).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await isUp())) await Bun.sleep(20)
})
afterAll(async () => {
  caddy.kill('SIGKILL')
  await caddy.exited
  await sqld.stop()
  folder.remove()
})

test('zaas reaches sqld by TLS where it knows the CA', async () => {
  const server = await startServer(url, { env: { NODE_EXTRA_CA_CERTS: `${pem}.crt` } })
  try {
    const shop = await server.keyFor('shop')
    await shop.patch({ add: ['A'] })

    expect((await shop.match('u')).body).toMatchObject({ success: true, item: 'A' })
    expect(await server.stop()).toBe(0)
  } finally {
    await server.stop('SIGKILL')
  }
})

test('and does not start where it does not', async () => {
  const { exitCode, stdout, stderr } = await runToEnd({ PORT: '0', DATABASE_URL: url })

  expect(stderr).toMatch(/^zaas cannot start: [^\n]*certificate[^\n]*\n$/)
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
})
