import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readKnownMigrations } from '../../src/storage/sqlite/migrations.ts'
import { tempFolder } from '../support/app.ts'
import type { ImportAnswer } from '../support/caller.ts'
import { report, timed } from '../support/figures.ts'
import { withServers } from '../support/instances.ts'
import { seedFor } from '../support/seed.ts'
import { type Server, startServer } from '../support/server.ts'
import { type SqliteWay, sqliteWays } from '../support/sqlite-import.ts'
import { othersOf } from './others.ts'

// What an import and a list of a million items cost, and what everybody else notices of it. The figures
// go to standard error. Run by `bun run test:load`; needs curl and sqlite3.

const count = 1_000_000
const importMaxMiB = 130
const listMaxMiB = 100
const matchMaxMs = 250
const timesSqliteMax = 2
const testMaxMs = 300_000

const folder = tempFolder()
const fileOf = {
  'in order': join(folder.path, 'order.txt'),
  'at random': join(folder.path, 'random.txt'),
}
const path = '/namespaces/shop/items'

beforeAll(async () => {
  await Bun.write(
    fileOf['in order'],
    linesOf((n) => `CODE-${String(n).padStart(7, '0')}`),
  )
  let state = BigInt(seedFor('codes at random'))
  const random = () => {
    // SplitMix64: no two of its first 2^64 values are the same.
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n)
    let mixed = BigInt.asUintN(64, (state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n)
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn)
    return (mixed ^ (mixed >> 31n)).toString(36).toUpperCase().padStart(13, '0')
  }
  await Bun.write(fileOf['at random'], linesOf(random))
}, testMaxMs)
afterAll(folder.remove)

const linesOf = (line: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => `${line(n)}\n`).join('')

describe.each(['in order', 'at random'] as const)('a million lines %s', (order) => {
  test(
    'are imported in bounded memory and time while others match, and add nothing again',
    async () => {
      await withServers(1, async ([server]) => {
        if (!server) throw new Error('There is no server.')
        const { apiKey } = await server.keyFor('shop')
        const others = await othersOf(server)
        const memory = memoryOf(server)
        const upload = () =>
          curl(server, apiKey, '-X', 'POST', '--data-binary', `@${fileOf[order]}`)

        const first = await timed(upload)
        const meanwhile = await others.stop()
        const grownMiB = memory.grown()
        const again = await timed(upload)
        const sqlite = await timesOfSqlite(fileOf[order])
        report(`import ${order}`, { ms: first.ms, againMs: again.ms, grownMiB, meanwhile, sqlite })

        const none = { restored: 0, invalid: 0, errors: [] }
        expect(JSON.parse(first.value)).toMatchObject({ ...none, received: count, added: count })
        expect(JSON.parse(again.value)).toMatchObject({ ...none, added: 0, unchanged: count })
        expect(grownMiB).toBeLessThanOrEqual(importMaxMiB)
        expect(meanwhile.p99).toBeLessThan(matchMaxMs)
        expect(first.ms / sqlite.rowByRow).toBeLessThanOrEqual(timesSqliteMax)
      })
    },
    testMaxMs,
  )
})

test(
  'a million items are listed in bounded memory while others match, and imported again as they are',
  async () => {
    await withServers(1, async ([loader], database) => {
      if (!loader) throw new Error('There is no server.')
      const { apiKey } = await loader.keyFor('shop')
      await curl(loader, apiKey, '-X', 'POST', '--data-binary', `@${fileOf['at random']}`)
      await loader.stop()
      for (const type of ['application/json', 'text/csv', 'application/x-ndjson']) {
        await listAndImport(`file:${database}`, apiKey, type)
      }
    })
  },
  testMaxMs,
)

/** Lists with a fresh server, whose memory is then that of the list alone. */
async function listAndImport(databaseUrl: string, apiKey: string, type: string) {
  const server = await startServer(databaseUrl)
  try {
    const others = await othersOf(server)
    const memory = memoryOf(server)
    const listed = join(folder.path, 'listed')
    const { ms } = await timed(() => curl(server, apiKey, '-H', `accept: ${type}`, '-o', listed))
    const meanwhile = await others.stop()
    const grownMiB = memory.grown()
    report(`list ${type}`, { ms, grownMiB, meanwhile })

    expect(grownMiB).toBeLessThanOrEqual(listMaxMiB)
    expect(meanwhile.p99).toBeLessThan(matchMaxMs)
    if (type === 'application/json') return
    const copy = await server.keyFor(`copy-${type.length}`)
    const body = Bun.file(listed)
    const headers = { 'x-api-key': copy.apiKey, 'content-type': type }
    const url = `${server.origin}/namespaces/copy-${type.length}/items?matches=drop`
    const answer = await fetch(url, { method: 'POST', headers, body })
    expect((await answer.json()) as ImportAnswer).toMatchObject({ received: count, added: count })
  } finally {
    await server.stop()
  }
}

/** Calls the items with curl and returns what it printed. */
async function curl(server: Server, apiKey: string, ...options: string[]): Promise<string> {
  const key = ['-H', `x-api-key: ${apiKey}`, '-H', 'content-type: text/plain']
  const command = ['curl', '-sS', '--fail-with-body', ...key, ...options, server.origin + path]
  const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'inherit' })
  const printed = await new Response(child.stdout).text()
  expect(await child.exited).toBe(0)
  return printed
}

/** How far the resident memory of a server has grown at its peak, since this call. */
function memoryOf({ child }: Server) {
  const read = (field: string) => {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024
  }
  const idle = read('VmRSS')
  return { grown: () => Math.round(read('VmHWM') - idle) }
}

/**
 * Milliseconds that sqlite3 takes for the same file into the same table and indices: `.import` by way
 * of a trigger that fills in the other columns, and `.import` into a bare table and one INSERT from it.
 */
async function timesOfSqlite(file: string) {
  const statements = readKnownMigrations().flatMap(({ sql }) => sql)
  const schema = statements.filter((sql) => !/\bTRIGGER\b/.test(sql)).join(';\n')
  const time = async ({ before, after }: SqliteWay) => {
    const database = join(folder.path, 'yardstick.db')
    await Bun.$`sqlite3 ${database} < ${Buffer.from(`PRAGMA journal_mode = WAL;\n${schema}`)}`.quiet()
    const script = `PRAGMA synchronous = FULL;\n${before}\n.mode list\n.import ${file} lines\n${after}\n`
    const { ms } = await timed(() => Bun.$`sqlite3 ${database} < ${Buffer.from(script)}`.quiet())
    const counted = await Bun.$`sqlite3 ${database} ${'SELECT count(*) FROM items'}`.text()
    expect(Number(counted)).toBe(count)
    await Bun.$`rm ${database}`
    return ms
  }
  const ways = sqliteWays('shop')
  return {
    rowByRow: await time(ways['through a view']),
    staged: await time(ways['and INSERT … SELECT']),
  }
}
