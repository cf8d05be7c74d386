import { version } from '../../package.json'
import type { Config } from '../config.ts'
import type { Durability } from '../domain/store.ts'

export type Running = Pick<Config, 'host' | 'databaseUrl'> & {
  port: number
  durability: Durability
  /** The master key made for this run, when none was set. */
  keyOfThisRun: string | undefined
}

/** What someone at a terminal sees first: where things are. */
export function whereThingsAre(running: Running): string {
  const origin = originOf(running)
  const synced =
    running.durability === 'full' ? 'commits are synced to disk' : 'commits are NOT synced to disk'
  const rows = [
    ['API', origin],
    ['API page', `${origin}/swagger`],
    ['Console', `${origin}/console`],
    ['Health', `${origin}/health/ready`],
    ['Metrics', `${origin}/metrics`],
    ['Database', `${withoutSecrets(running.databaseUrl)} (${synced})`],
  ]
  const lines = rows.map(([name, place]) => `  ${name?.padEnd(12)}${place}\n`)
  return `\nzaas ${version}\n\n${lines.join('')}\n${firstSteps(running)}`
}

/** The master key of this run, for a first try, and what to do with it; empty when there is none. */
export function firstSteps(running: Running): string {
  const key = running.keyOfThisRun
  if (key === undefined) return ''
  return `MASTER_API_KEYS is not set. The master key of this run is

  ${key}

Make an API key with it:

  curl -s ${originOf(running)}/admin/api-keys -H 'x-master-api-key: ${key}' \\
    -H 'content-type: application/json' -d '{"namespace":"demo"}'

`
}

/** Where this machine reaches the server. */
export function originOf({ host, port }: Pick<Running, 'host' | 'port'>): string {
  const everywhere = ['0.0.0.0', '::'].includes(host)
  const name = everywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

/** The URL of a server may have a token in its query, or a password. */
function withoutSecrets(databaseUrl: string): string {
  if (databaseUrl.startsWith('file:')) return databaseUrl
  const { protocol, host, pathname } = new URL(databaseUrl)
  return `${protocol}//${host}${pathname}`
}
