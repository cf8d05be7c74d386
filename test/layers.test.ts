import { expect, test } from 'bun:test'
import { importsOf, mapOf, readSources, type Source } from './support/import-map.ts'

/**
 * What the files of each place may import; the first line that fits counts. From its folder alone one knows
 * what a file may touch: `index → commands → app → http → domain ← storage`.
 */
const rules: [place: RegExp, allowed: RegExp][] = [
  // Words, contract, and what works on a store alone.
  [/^domain\//, /^(domain\/|(event-loop|limits)\.ts$|lru-cache$|node:(crypto|zlib)$)/],
  [
    /^http\//,
    /^(http\/|domain\/|(event-loop|limits)\.ts$|console\/style\.css$|\.\.\/(package\.json|README\.md|docs\/[\w-]+\.md)$|elysia$|@elysiajs\/swagger$|@sinclair\/typebox|csv-(parse|stringify)\/sync$|negotiator$|prom-client$|swagger-ui-dist\/|node:(crypto|http|net|path)$)/,
  ],
  // One file alone opens a database, by the drivers: every write goes through its one queue.
  [
    /^storage\/sqlite\/drivers\//,
    /^(storage\/(sqlite\/drivers\/|engine\/connection\.ts$)|limits\.ts$|@?libsql(\/|$)|lru-cache$|node:(fs|path)$)/,
  ],
  [/^storage\/sqlite\/worker\//, /^(storage\/(sqlite\/(worker|store)\/|engine\/)|domain\/)/],
  // SQL, by what it is about; `stock` builds on `matches`, `history` on both, and all on the files beside them.
  [
    /^storage\/sqlite\/(records|matches|stock|history|store|webhooks)\//,
    /^(storage\/(sqlite\/([\w-]+|drivers\/client|(records|matches|stock|history|store|webhooks)\/[\w-]+)\.ts$|engine\/)|domain\/|(event-loop|limits)\.ts$|drizzle-orm$)/,
  ],
  [
    /^storage\/sqlite\/database\.ts$/,
    /^(storage\/(sqlite\/drivers\/(client|open-driver)\.ts$|engine\/)|domain\/|drizzle-orm(\/sqlite-proxy)?$)/,
  ],
  [
    /^storage\/sqlite\//,
    /^(storage\/(sqlite\/([\w-]+|drivers\/client|records\/[\w-]+)\.ts$|engine\/)|domain\/|(event-loop|limits)\.ts$|drizzle-orm(\/(sqlite-core|migrator))?$|\.\.\/drizzle\/meta\/_journal\.json$|node:path$)/,
  ],
  [
    /^storage\/open-store\.ts$/,
    /^(storage\/(engine\/|sqlite\/(store\/store|drivers\/open-driver|worker\/client)\.ts$)|domain\/)/,
  ],
  // What waits, retries and measures knows no dialect and no driver.
  [/^storage\/engine\//, /^(storage\/engine\/|domain\/|(event-loop|limits)\.ts$|prom-client$)/],
  // Sends events, and alone connects to addresses that callers name.
  [
    /^jobs\/webhooks\//,
    /^(jobs\/|domain\/|(event-loop|limits)\.ts$|ipaddr\.js$|standardwebhooks$|node:(dns\/promises|http|https|net)$)/,
  ],
  [/^jobs\//, /^(jobs\/|domain\/|(event-loop|limits)\.ts$|lru-cache$)/],
  // Never in the process of the server: what opens files beside it drops its locks.
  [
    /^maintenance\//,
    /^(maintenance\/|storage\/sqlite\/(api-keys|database|known-schema|migrations)\.ts$|domain\/|limits\.ts$|bun:sqlite$|node:(crypto|fs|path)$)/,
  ],
  [
    /^commands\//,
    /^(commands\/|app\.ts$|config\.ts$|limits\.ts$|log\.ts$|domain\/|http\/server\/|jobs\/jobs\.ts$|maintenance\/|storage\/open-store\.ts$|\.\.\/package\.json$|node:(fs|path|util)$)/,
  ],
  // The console runs in a browser, and knows the service by its API alone, as its client does.
  [/^console\//, /^(console\/|client\/index\.ts$|preact(\/hooks)?$)/],
  [/^client\//, /^(client\/|openapi-fetch$)/],
  [/^app\.ts$/, /^(http\/|domain\/|limits\.ts$|elysia$)/],
  [/^index\.ts$/, /^(commands\/|\.\.\/package\.json$)/],
  [/^log\.ts$/, /^(limits\.ts$|node:fs$|pino(-pretty)?$)/],
  [/^(config|event-loop|limits)\.ts$/, /^limits\.ts$/],
]

const sources = await readSources()

function strayImports(source: Source): string[] {
  const [, allowed] = rules.find(([place]) => place.test(source.path)) ?? []
  return importsOf(source).filter((found) => !allowed?.test(found))
}

test.each(sources)('$path imports what its place may', (source) => {
  expect(strayImports(source)).toEqual([])
})

test.each(sources)('$path opens no database by a global', ({ text }) => {
  expect(text).not.toMatch(/\bBun\.(sql|SQL)\b|\brequire\(/)
})

test('no two rooms import each other, by whatever way', () => {
  const map = mapOf(sources)
  const reach = (from: string, seen = new Set<string>()): Set<string> => {
    for (const to of map.get(from)?.keys() ?? []) if (!seen.has(to)) reach(to, seen.add(to))
    return seen
  }
  // A worker is started by its URL, and so is no import.
  const circles = [...map.keys()].filter((room) => reach(room).has(room))
  expect(circles).toEqual([])
})

test('the house has few rooms, and a room of more than a dozen files has files of one kind', () => {
  const top = new Set(sources.map(({ path }) => path.split('/')[0]))
  expect(top.size).toBeLessThanOrEqual(16)
  const sizes = Map.groupBy(sources, ({ path }) => path.replace(/[^/]+$/, ''))
  const large = [...sizes].flatMap(([folder, files]) => (files.length > 12 ? folder : []))
  // Pages and parts of the console; a noun each.
  expect(large).toEqual(['console/', 'domain/'])
})

test('what opens database files for commands is not in the process of the server', () => {
  const loaded = new Set([
    'commands/serve.ts',
    'storage/sqlite/worker/worker.ts',
    'http/json-worker/json-worker.ts',
  ])
  for (const path of loaded) {
    const source = sources.find((each) => each.path === path)
    for (const found of source ? importsOf(source) : []) loaded.add(found)
  }
  const opening = sources.filter(({ text }) => /'bun:sqlite'/.test(text)).map(({ path }) => path)

  expect(opening).not.toEqual([])
  expect(opening.filter((path) => loaded.has(path))).toEqual([])
})

test.each([
  ['storage/engine/x.ts', "import { drizzle } from 'drizzle-orm/libsql'; drizzle('file:local.db')"],
  [
    'storage/engine/x.ts',
    "import { createClient } from '@libsql/client'; createClient({ url: '' })",
  ],
  ['storage/engine/x.ts', "import { Database } from '../sqlite/database.ts'; Database.open('')"],
  [
    'storage/sqlite/x.ts',
    "import { createClient } from '@libsql/client'; createClient({ url: '' })",
  ],
  ['storage/sqlite/x.ts', "import { Database } from 'bun:sqlite'; new Database()"],
  ['storage/sqlite/x.ts', "import { SQL } from 'bun'; new SQL('')"],
  ['storage/sqlite/x.ts', "await import('node:sqlite')"],
  ['storage/sqlite/x.ts', "import { openFile } from './drivers/file.ts'; openFile('')"],
  ['storage/sqlite/x.ts', "import { openDriver } from './drivers/open-driver.ts'; openDriver('')"],
  [
    'storage/sqlite/x.ts',
    "import { FileClient } from './drivers/file-client.ts'; new FileClient('', [])",
  ],
  ['storage/sqlite/x.ts', "import Libsql from 'libsql'; new Libsql('')"],
  ['storage/sqlite/x.ts', "import { Elysia } from 'elysia'; new Elysia()"],
  ['storage/sqlite/x.ts', "import { items } from '../../http/routes/items.ts'; items()"],
  ['http/x.ts', "import { createClient } from '@libsql/client/sqlite3'; createClient({ url: '' })"],
  ['http/x.ts', "import { sql } from 'drizzle-orm'; sql``"],
  ['http/x.ts', "import { openStore } from '../storage/open-store.ts'; openStore()"],
  ['http/x.ts', "import { createJobs } from '../jobs/jobs.ts'; createJobs()"],
  ['domain/x.ts', "import { Elysia } from 'elysia'; new Elysia()"],
  ['domain/x.ts', "import { withRetries } from '../storage/retry.ts'; withRetries()"],
  ['jobs/x.ts', "import { openStore } from '../storage/open-store.ts'; openStore()"],
  ['maintenance/x.ts', "import { createApp } from '../app.ts'; createApp()"],
  ['console/x.tsx', "import { iso } from '../http/schemas.ts'; export const x = <p>{iso(0)}</p>"],
  ['client/x.ts', "import { ZaasError } from '../domain/errors.ts'; ZaasError"],
  ['client/x.ts', "import { setTimeout } from 'node:timers/promises'; setTimeout"],
  ['x.ts', "import { drizzle } from 'drizzle-orm/bun-sqlite'; drizzle()"],
])('a stray import in %s is found: %s', (path, text) => {
  expect(strayImports({ path, text })).toHaveLength(1)
})
