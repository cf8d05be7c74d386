import { resolve } from 'node:path'
import { version } from '../../package.json'
import type { Config } from '../config.ts'
import type { Durability } from '../domain/store.ts'

// What `serve` prints for people when it has started.

export type RunningServer = Pick<Config, 'host' | 'databaseUrl'> & {
  port: number
  durability: Durability
  /** The master key made for this run, if none is configured. */
  keyOfThisRun: string | undefined
}

/** For a terminal: the addresses of the server, then `firstSteps`. */
export function startupBanner(running: RunningServer): string {
  const origin = originOf(running)
  const synced =
    running.durability === 'full' ? 'commits are synced to disk' : 'commits are NOT synced to disk'
  const addresses = [
    ['API', origin],
    ['API page', `${origin}/swagger`],
    ['Console', `${origin}/console`],
    ['Health', `${origin}/health/ready`],
    ['Metrics', `${origin}/metrics`],
    ['Database', `${withoutSecrets(running.databaseUrl)} (${synced})`],
  ]
  const lines = addresses.map(([name, address]) => `  ${name?.padEnd(12)}${address}\n`)
  return `\nzaas ${version}\n\n${lines.join('')}\n${firstSteps(running)}`
}

/** The master key made for this run, and how to use it; empty if none was made. */
export function firstSteps(running: RunningServer): string {
  const key = running.keyOfThisRun
  if (key === undefined) return ''
  return `MASTER_API_KEYS is not set. The master key of this run is

  ${key}

Make an API key with it:

  curl -s ${originOf(running)}/admin/api-keys -H 'x-master-api-key: ${key}' \\
    -H 'content-type: application/json' -d '{"namespace":"demo"}'

`
}

/** The origin at which this machine reaches the server. */
export function originOf({ host, port }: Pick<RunningServer, 'host' | 'port'>): string {
  const allInterfaces = ['0.0.0.0', '::'].includes(host)
  const name = allInterfaces ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

/** The host at which this machine reaches a server: `localhost` only if the server listens on IPv4 and IPv6. */
export const reachableHost = (host: string, listeners: number) =>
  ['0.0.0.0', 'localhost'].includes(host) && listeners === 1 ? '127.0.0.1' : host

/** Where a database is, for the log: the absolute path of a file, or the URL of a server. */
export function databasePlace(databaseUrl: string): string {
  const path = /^file:(?:\/\/(?:localhost)?(?=\/))?([^?#]+)/.exec(databaseUrl)?.[1]
  return path === undefined ? withoutSecrets(databaseUrl) : resolve(decodeURIComponent(path))
}

/** The URL of a libSQL server may contain a password, or a token in its query. */
function withoutSecrets(databaseUrl: string): string {
  if (databaseUrl.startsWith('file:')) return databaseUrl
  const { protocol, host, pathname } = new URL(databaseUrl)
  return `${protocol}//${host}${pathname}`
}
