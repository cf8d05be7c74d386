import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { tempFolder } from '../support/app.ts'
import { block } from '../support/front-proxies.ts'
import { root } from '../support/process.ts'

// The configurations of docs/operations.md and deploy/haproxy.cfg, as nginx, Caddy and HAProxy read them.
// Run by `bun run test:operations`.

const folder = tempFolder()

afterAll(folder.remove)

test('nginx takes its example', async () => {
  const [certificate, key] = ['certificate.pem', 'key.pem'].map((name) => join(folder.path, name))
  const made = Bun.spawnSync(
    `openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -keyout ${key} -out ${certificate}`.split(
      ' ',
    ),
  )
  expect(made.exitCode).toBe(0)
  const servers = block('nginx')
    .replace('/etc/ssl/zaas.pem', String(certificate))
    .replace('/etc/ssl/zaas.key', String(key))
    .replaceAll('/var/log/nginx/', `${folder.path}/`)
  expect(servers).toContain(String(key))
  const path = join(folder.path, 'nginx.conf')
  const own = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder.path}/${name};`)
    .join('\n')
  await Bun.write(
    path,
    `pid ${folder.path}/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${own}\n${servers}}\n`,
  )
  const { exitCode, stderr } = Bun.spawnSync(['nginx', '-t', '-p', folder.path, '-c', path])

  expect([exitCode, stderr.toString()]).toEqual([0, expect.stringContaining('is successful')])
})

test('Caddy takes its example', async () => {
  const path = join(folder.path, 'Caddyfile')
  await Bun.write(path, block('caddy'))
  const command = ['caddy', 'validate', '--adapter', 'caddyfile', '--config', path]
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, {
    env: { ...process.env, HOME: folder.path },
  })

  expect([exitCode, `${stdout}${stderr}`]).toEqual([
    0,
    expect.stringContaining('Valid configuration'),
  ])
})

test('HAProxy takes its configuration, but for names that Docker alone knows', async () => {
  const path = join(root, 'deploy/haproxy.cfg')
  const { exitCode, stderr } = Bun.spawnSync(['haproxy', '-c', '-f', path])
  const complaints = stderr.toString().match(/^\[(WARNING|ALERT)\].*$/gm) ?? []

  expect([exitCode, complaints.filter((line) => !/could not resolve address/.test(line))]).toEqual([
    0,
    [],
  ])
})
