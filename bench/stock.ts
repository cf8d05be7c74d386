import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, run, tempFolder } from './processes.ts'

const fillMaxMs = 300_000
let databases = 0

/** How many items the namespaces bench-0, bench-1, … have. */
export type Stock = readonly number[]

export const namespaceName = (n: number) => `bench-${n}`
/** The API key of a namespace, as wrk.lua sends it. */
export const apiKeyOf = (namespace: string) => `zaas_${namespace}`

export const pools = (count: number, size: number): Stock =>
  Array.from({ length: count }, () => size)

/** Makes a database file of a checkout's schema with this stock; `remove` takes it away. */
export async function filledDatabase(
  stock: Stock,
  { journalMode = 'wal' as 'wal' | 'delete', checkout = root } = {},
) {
  const folder = tempFolder(`database-${++databases}`)
  const path = join(folder, 'zaas.db')
  const command = [process.execPath, 'bench/fill.ts', path, journalMode, join(checkout, 'drizzle')]
  await run('fill a database', [...command, ...stock.map(String)], { maxMs: fillMaxMs })
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
