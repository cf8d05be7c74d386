import { expect, test } from 'bun:test'
import { join } from 'node:path'

const src = join(import.meta.dir, '../src')

/**
 * What each file may import, by its place; the first line that fits counts. `index → app → http → db`,
 * and one file alone may open a database, by `file.ts` or `server.ts`: every write goes through its one
 * queue.
 */
const layers: [RegExp, RegExp[]][] = [
  [
    /^db\/database\.ts$/,
    [
      /^\.\/(file|server)\.ts$/,
      /^@libsql\/client$/,
      /^drizzle-orm$/,
      /^drizzle-orm\/sqlite-proxy$/,
      /^\.\.\/errors\.ts$/,
      /^\.\/meters\.ts$/,
    ],
  ],
  [
    /^db\/file\.ts$/,
    [
      /^\.\/(connection|file-client)\.ts$/,
      /^@libsql\/client$/,
      /^@libsql\/core\/config$/,
      /^node:fs$/,
    ],
  ],
  [
    /^db\/file-client\.ts$/,
    [/^\.\/connection\.ts$/, /^@libsql\/client$/, /^libsql$/, /^lru-cache$/],
  ],
  [
    /^db\/server\.ts$/,
    [/^\.\/(connection|server-client)\.ts$/, /^@libsql\/(client|hrana-client)$/],
  ],
  [
    /^db\/server-client\.ts$/,
    [/^\.\/connection\.ts$/, /^@libsql\/(client|core\/(config|uri)|hrana-client)$/],
  ],
  [
    /^db\/(backups|inspection|restores|sqlite-files)\.ts$/,
    [
      /^\.\/(backups|inspection|migrations|sqlite-files)\.ts$/,
      /^bun:sqlite$/,
      /^node:(crypto|fs|path)$/,
    ],
  ],
  [/^db\/adoption\.ts$/, [/^\.\/[\w-]+\.ts$/, /^node:(fs|path)$/]],
  [/^db\/earlier\.ts$/, [/^\.\/(earlier-times|inspection|sqlite-files)\.ts$/, /^\.\.\/rules\.ts$/]],
  [/^db\/store\.ts$/, [/^\.\/[\w-]+\.ts$/, /^\.\.\/group-commit\.ts$/]],
  [
    /^db\//,
    [
      /^\.\/(?!(file|file-client|server|server-client)\.ts$)[\w-]+\.ts$/,
      /^\.\.\/errors\.ts$/,
      /^drizzle-orm$/,
      /^drizzle-orm\/(sqlite-core|migrator)$/,
      /^lru-cache$/,
      /^prom-client$/,
      /^node:(crypto|path|zlib)$/,
    ],
  ],
  [
    /^http\//,
    [
      /^\.\/[\w-]+\.ts$/,
      /^\.\.\/(errors|rules)\.ts$/,
      /^\.\.\/db\/(imports|keys)\.ts$/,
      /^\.\.\/\.\.\/package\.json$/,
      /^elysia$/,
      /^@elysiajs\/swagger$/,
      /^csv-(parse|stringify)(\/sync)?$/,
      /^negotiator$/,
      /^prom-client$/,
      /^@sinclair\/typebox(\/(compiler|errors))?$/,
      /^swagger-ui-dist\//,
      /^\.\.\/(console|swagger)\/style\.css$/,
      /^node:(crypto|http|path)$/,
    ],
  ],
  // The console runs in a browser, and knows the service by its API alone.
  [/^console\//, [/^\.\/[\w-]+\.tsx?$/, /^preact(\/hooks)?$/]],
  [/^app\.ts$/, [/^\.\/(db|http)\/[\w-]+\.ts$/, /^elysia$/, /^@sinclair\/typebox$/]],
  [
    /^commands\//,
    [
      /^\.\/command\.ts$/,
      /^\.\.\/(config|terminal)\.ts$/,
      /^\.\.\/db\/(adoption|backups|inspection|restores)\.ts$/,
      /^node:util$/,
    ],
  ],
  // The client knows the API, and nothing of the server; it runs in browsers too.
  [/^client\//, [/^\.\/[\w-]+\.ts$/, /^openapi-fetch$/]],
  [/^index\.ts$/, [/^\.\/[\w/-]+\.ts$/]],
  [/^log\.ts$/, [/^pino(-pretty)?$/]],
  [/^terminal\.ts$/, [/^\.\.\/package\.json$/]],
  [/^zaas\.ts$/, [/^\.\/index\.ts$/, /^\.\/commands\/[\w-]+\.ts$/, /^\.\.\/package\.json$/]],
  [/^/, [/^\.\/errors\.ts$/]],
]

const files = [...new Bun.Glob('**/*.{ts,tsx}').scanSync(src)].filter(
  (path) => !/(test|\.d)\.ts$/.test(path),
)
const sources = await Promise.all(
  files.map(async (path) => ({ path, text: await Bun.file(join(src, path)).text() })),
)
const [forTs, forTsx] = [
  new Bun.Transpiler({ loader: 'ts' }),
  new Bun.Transpiler({ loader: 'tsx' }),
]

/** The imports of a file that its layer does not have; imports of types alone are none. */
function strayImports(path: string, text: string): string[] {
  const [, allowed = []] = layers.find(([place]) => place.test(path)) ?? []
  return (
    (path.endsWith('x') ? forTsx : forTs)
      .scanImports(text)
      // JSX counts as a call of require, which no file may have of its own.
      .filter(({ kind }) => kind !== 'require-call')
      .map((found) => found.path)
      .filter((found) => !allowed.some((form) => form.test(found)))
  )
}

test.each(sources)('$path imports what its layer may', ({ path, text }) => {
  expect(strayImports(path, text)).toEqual([])
})

test.each(sources)('$path opens no database by a global', ({ text }) => {
  expect(text).not.toMatch(/\bBun\.(sql|SQL)\b|\brequire\(/)
})

test('what opens database files for commands is not in the process of the server', () => {
  const loaded = new Set(['index.ts', 'db/worker.ts'])
  for (const path of loaded) {
    const text = sources.find((source) => source.path === path)?.text
    for (const found of forTs.scanImports(text ?? '')) {
      if (found.path.startsWith('.')) loaded.add(join(path, '..', found.path))
    }
  }
  const opening = sources.filter(({ text }) => /'bun:sqlite'/.test(text)).map(({ path }) => path)

  expect(opening).not.toEqual([])
  expect(opening.filter((path) => loaded.has(path))).toEqual([])
})

test.each([
  ['db/x.ts', "import { drizzle } from 'drizzle-orm/libsql'; drizzle('file:local.db')"],
  ['db/x.ts', "import { createClient } from '@libsql/client'; createClient({ url: '' })"],
  ['db/x.ts', "import { Database } from 'bun:sqlite'; new Database()"],
  ['db/x.ts', "import { SQL } from 'bun'; new SQL('')"],
  ['db/x.ts', "await import('node:sqlite')"],
  ['db/x.ts', "import { openFile } from './file.ts'; openFile('')"],
  ['db/x.ts', "import { FileClient } from './file-client.ts'; new FileClient('', [])"],
  ['db/x.ts', "import Libsql from 'libsql'; new Libsql('')"],
  ['db/x.ts', "import { Elysia } from 'elysia'; new Elysia()"],
  ['db/x.ts', "import { items } from '../http/items.ts'; items()"],
  ['http/x.ts', "import { createClient } from '@libsql/client/sqlite3'; createClient({ url: '' })"],
  ['http/x.ts', "import { sql } from 'drizzle-orm'; sql``"],
  ['http/x.ts', "import { Database } from '../db/database.ts'; Database.open('')"],
  ['console/x.tsx', "import { iso } from '../http/fields.ts'; export const x = <p>{iso(0)}</p>"],
  ['client/x.ts', "import { statusOf } from '../errors.ts'; statusOf"],
  ['client/x.ts', "import { setTimeout } from 'node:timers/promises'; setTimeout"],
  ['x.ts', "import { drizzle } from 'drizzle-orm/bun-sqlite'; drizzle()"],
])('a stray import in %s is found: %s', (path, text) => {
  expect(strayImports(path, text)).toHaveLength(1)
})
