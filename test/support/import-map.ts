import { dirname, join } from 'node:path'
import { root } from './process.ts'

const src = join(root, 'src')
const transpilers = {
  ts: new Bun.Transpiler({ loader: 'ts' }),
  tsx: new Bun.Transpiler({ loader: 'tsx' }),
}

export type Source = { path: string; text: string }

/** The sources of zaas, by their paths under src/; tests and declarations left out. */
export async function readSources(): Promise<Source[]> {
  const paths = [...new Bun.Glob('**/*.{ts,tsx}').scanSync(src)]
    .filter((path) => !/(\.test|\.d)\.ts$/.test(path))
    .sort()
  return Promise.all(
    paths.map(async (path) => ({ path, text: await Bun.file(join(src, path)).text() })),
  )
}

/** What a file imports: paths under src/, or names of packages. Imports of types alone are none. */
export function importsOf({ path, text }: Source): string[] {
  return (
    transpilers[path.endsWith('x') ? 'tsx' : 'ts']
      .scanImports(text)
      // JSX counts as a call of require, which no file may have of its own.
      .filter(({ kind }) => kind !== 'require-call')
      .map((found) => (found.path.startsWith('.') ? join(dirname(path), found.path) : found.path))
  )
}

/** The room of a file: its folder, of `http/` and `storage/` with what is inside of them, or itself at the top. */
export function roomOf(path: string): string {
  const folders = path.split('/').slice(0, -1)
  return folders.length === 0 ? path : folders.join('/')
}

/** For each room the others that it imports, and how often. */
export function mapOf(sources: readonly Source[]): Map<string, Map<string, number>> {
  const known = new Set(sources.map(({ path }) => path))
  const map = new Map<string, Map<string, number>>()
  for (const source of sources) {
    const from = roomOf(source.path)
    const arrows = map.get(from) ?? new Map<string, number>()
    map.set(from, arrows)
    for (const found of importsOf(source).filter((each) => known.has(each))) {
      const to = roomOf(found)
      if (to !== from) arrows.set(to, (arrows.get(to) ?? 0) + 1)
    }
  }
  return map
}

// `bun run map` prints who imports whom.
if (import.meta.main) {
  const sources = await readSources()
  for (const [room, arrows] of mapOf(sources)) {
    const files = sources.filter(({ path }) => roomOf(path) === room).length
    const others = Array.from(arrows, ([to, count]) => `${to} ${count}`)
    process.stdout.write(`${room} (${files}) → ${others.join(', ') || 'nothing'}\n`)
  }
}
