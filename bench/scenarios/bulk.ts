import { join } from 'node:path'
import { type SqliteWay, sqliteWays } from '../../test/support/sqlite-import.ts'
import { makeCodes } from '../codes.ts'
import { match, type Running } from '../contender.ts'
import { MB, ms, quantile, seconds, times } from '../figures.ts'
import { watchMemory } from '../memory.ts'
import { run, tempFolder } from '../processes.ts'
import type { Section } from '../report.ts'
import { type Bench, progress, withRunning } from '../scenario.ts'
import { apiKeyOf, filledDatabase, namespaceName } from '../stock.ts'

const lines = 1_000_000
const bulkMaxMs = 120_000
const matchEveryMs = 50
const formats = ['application/json', 'text/csv', 'application/x-ndjson']
const [stocked, imported, callers] = [0, 1, 2]
const callersStock = 10_000

/** A million items out, and a million in. */
export async function bulk(bench: Bench): Promise<Section> {
  const rows: string[][] = []
  const notes: string[] = []
  for (const format of formats) {
    progress(`list as ${format}`)
    // A fresh process each, so that one does not find the memory that another has taken.
    await withRunning(bench.zaas, [lines], async (running) => {
      const row = await list(running, format)
      if (row) rows.push(row)
      else notes.push(`${format}: zaas does not list this yet.`)
    })
  }
  const file = join(tempFolder('codes'), 'codes.txt')
  await Bun.write(
    file,
    makeCodes(lines)
      .map((code) => `${code}\n`)
      .join(''),
  )
  const yardsticksMs: number[] = []
  if (!Bun.which('sqlite3')) notes.push('sqlite3 is not installed: apt-get install sqlite3')
  else {
    for (const [name, way] of Object.entries(sqliteWays(namespaceName(0)))) {
      progress(`.import ${name}`)
      const tookMs = await sqliteImport(file, way)
      yardsticksMs.push(tookMs)
      rows.push([`sqlite3's .import ${name}`, seconds(tookMs), '', '', '', ''])
    }
  }
  await withRunning(bench.zaas, [0, 0, callersStock], async (running) => {
    for (const name of ['import', 'the same import again']) {
      progress(name)
      const row = await importLines(running, name, file, yardsticksMs)
      if (row) rows.push(row)
      else notes.push(`${name}: zaas does not import yet.`)
    }
  })
  return {
    title: 'A million items in one request',
    header: ['', 'time', 'of .import', 'peak RSS above idle', 'a match meanwhile, p99', 'answer'],
    rows,
    notes: [
      `sqlite3 imports the same file into the same table with the same indices and triggers, synced, in one transaction or two, with nobody else there: row by row through a view, or into a temporary table and from there at once, its quickest way. "of .import" is of the one and of the other. A match is asked for every ${matchEveryMs} ms.`,
      ...notes,
    ],
  }
}

async function list({ origin, pid }: Running, format: string): Promise<string[] | undefined> {
  const namespace = namespaceName(stocked)
  const memory = watchMemory(pid)
  const startedMs = performance.now()
  const response = await fetch(`${origin}/namespaces/${namespace}/items`, {
    headers: { accept: format, 'x-api-key': apiKeyOf(namespace) },
    signal: AbortSignal.timeout(bulkMaxMs),
  })
  let bytes = 0
  for await (const chunk of response.body ?? []) bytes += chunk.byteLength
  const took = performance.now() - startedMs
  const type = response.headers.get('content-type') ?? ''
  if (!type.startsWith(format)) return undefined
  const peak = MB(memory.peakAboveIdleBytes())
  return [`list as ${format}`, seconds(took), '', peak, '', `${response.status}, ${MB(bytes)}`]
}

async function importLines(
  { origin, pid }: Running,
  name: string,
  file: string,
  yardsticksMs: readonly number[],
) {
  const namespace = namespaceName(imported)
  let running = true
  const memory = watchMemory(pid)
  const meanwhile = matchesUntil(origin, () => !running)
  const startedMs = performance.now()
  const response = await fetch(`${origin}/namespaces/${namespace}/items`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain', 'x-api-key': apiKeyOf(namespace) },
    body: Bun.file(file),
    signal: AbortSignal.timeout(bulkMaxMs),
  })
  const answer = await response.text()
  const took = performance.now() - startedMs
  running = false
  const matchesMs = await meanwhile
  if ([404, 405, 415].includes(response.status)) return undefined
  const { added, message } = JSON.parse(answer)
  return [
    name,
    ...[
      seconds(took),
      yardsticksMs.map((yardstickMs) => times(took / yardstickMs)).join(', '),
      MB(memory.peakAboveIdleBytes()),
    ],
    ...[ms(quantile(matchesMs, 0.99)), `${response.status}, added ${added ?? message}`],
  ]
}

/** Each is asked for at its time, whether or not the one before is answered. */
async function matchesUntil(origin: string, over: () => boolean): Promise<number[]> {
  const asked: Promise<{ ms: number }>[] = []
  while (!over()) {
    asked.push(match(origin, namespaceName(callers)))
    await Bun.sleep(matchEveryMs)
  }
  return (await Promise.all(asked)).map(({ ms: took }) => took)
}

async function sqliteImport(file: string, { before, after }: SqliteWay): Promise<number> {
  const { path, remove } = await filledDatabase([0])
  const script = ['PRAGMA synchronous = FULL;', before, `.import ${file} lines`, after]
  const startedMs = performance.now()
  await run('sqlite3', ['sqlite3', '-bail', path], {
    stdin: `${script.join('\n')}\n`,
    maxMs: bulkMaxMs,
  })
  const took = performance.now() - startedMs
  remove()
  return took
}
