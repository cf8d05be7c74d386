import { expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '../src/config.ts'
import { root } from './support/process.ts'
import { sqldHelp, sqldIsHere } from './support/sqld.ts'

// There is no Docker where this was made: what can be held against the real thing without one, is.

type Service = {
  image: string
  profiles: string[]
  entrypoint?: string[]
  command?: string[]
  environment?: Record<string, string>
  ports?: string[]
  volumes?: string[]
  build?: { context: string; dockerfile: string }
  depends_on?: string[] | Record<string, object>
  networks?: { default: { aliases: string[] } }
}

const deploy = join(root, 'deploy')
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const compose = Bun.YAML.parse(read('deploy/compose.yaml')) as {
  services: Record<string, Service>
  volumes: Record<string, null>
}
const services = Object.entries(compose.services)
const defaults = readConfig({})
const zaas = services.filter(([, { image }]) => image === 'zaas')
const sqld = services.filter(([, { entrypoint }]) => entrypoint?.[0] === '/bin/sqld')

test('each profile has what it needs, and no image without a version but our own', () => {
  const inProfile = (name: string) =>
    services.flatMap(([service, { profiles }]) => (profiles.includes(name) ? service : []))
  expect(inProfile('file')).toEqual(['zaas'])
  const onSqld = ['zaas-1', 'zaas-2', 'balancer', 'primary', 'replica', 'database']
  expect(inProfile('sqld').toSorted()).toEqual(onSqld.toSorted())
  for (const [name, { image, profiles, depends_on = [] }] of services) {
    expect([name, image]).toEqual([name, expect.stringMatching(/^zaas$|:v?\d+\.\d+\.\d+$/)])
    const needed = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on)
    for (const other of needed) expect(compose.services[other]?.profiles).toEqual(profiles)
  }
})

test('zaas is built by the Dockerfile, on its port and volume, with settings that there are', () => {
  const dockerfile = read('deploy/Dockerfile')
  const settings = new Set(read('.env.example').match(/^[A-Z_]+(?==)/gm))
  for (const [, { build, environment = {} }] of zaas) {
    expect(existsSync(join(deploy, String(build?.context), String(build?.dockerfile)))).toBe(true)
    expect(Object.keys(environment).filter((name) => !settings.has(name))).toEqual([])
    const { DATABASE_URL: url = '' } = environment
    expect(readConfig({ DATABASE_URL: url }).databaseUrl).toBe(url || defaults.databaseUrl)
  }
  expect(dockerfile).toContain(`EXPOSE ${defaults.port}\n`)
  const volume = /^VOLUME (.*)$/m.exec(dockerfile)?.[1]
  expect(compose.services['zaas']?.volumes).toEqual([`zaas:${volume}`])
  const published = services.flatMap(([, { ports = [] }]) => ports)
  expect(published).toEqual(Array(2).fill(`${defaults.port}:${defaults.port}`))
})

test('names and ports meet: zaas finds the primary, the balancer zaas, the replica its primary', () => {
  const { primary, replica, database } = compose.services
  const { host } = new URL(compose.services['zaas-1']?.environment?.['DATABASE_URL'] ?? '')
  const [name, port] = host.split(':')
  expect(primary?.networks?.default.aliases).toEqual([String(name)])
  expect(primary?.entrypoint).toContain(`--http-listen-addr=0.0.0.0:${port}`)
  expect(primary?.entrypoint).toContain('--grpc-listen-addr=0.0.0.0:5001')
  expect(replica?.entrypoint).toContain('--primary-grpc-url=http://primary:5001')
  expect(primary?.entrypoint).toContain('--admin-listen-addr=0.0.0.0:8081')
  const made = `http://primary:8081/v1/namespaces/${name?.split('.')[0]}/`
  for (const call of ['create', 'config']) expect(database?.command?.[0]).toContain(made + call)
  const servers = read('deploy/haproxy.cfg').match(/(?<=^ {4}server ).*$/gm) ?? []
  const wanted = zaas.flatMap(([service, { profiles }]) =>
    profiles.includes('sqld') ? `${service} ${service}:${defaults.port}` : [],
  )
  expect([...servers]).toEqual(wanted)
  expect(read('deploy/haproxy.cfg')).toContain(`bind :${defaults.port}\n`)
})

test.skipIf(!sqldIsHere)('sqld knows its arguments and settings', async () => {
  const help = await sqldHelp()
  for (const [, { entrypoint = [], environment = {} }] of sqld) {
    for (const argument of entrypoint.slice(1)) expect(help).toContain(argument.split('=')[0] ?? '')
    for (const name of Object.keys(environment)) expect(help).toContain(`[env: ${name}=`)
  }
  expect(sqld).toHaveLength(2)
})
