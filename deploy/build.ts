// Builds the executable, `dist/zaas`: `bun run build`.

const outfile = 'dist/zaas'

/** Edits to modules, whose files are all in one folder in the executable. Each text must occur exactly once. */
const edits: [file: RegExp, from: string, to: string][] = [
  [/\/libsql\/index\.js$/, '= requireNative()', `= require('@libsql/${nativeTarget()}')`],
  [/\/src\/storage\/sqlite\/migrations\.ts$/, "'../../../drizzle'", "'drizzle'"],
]

// With this naming all entrypoints are in one folder, so that each client.ts finds its worker beside itself.
await Bun.build({
  entrypoints: [
    'src/index.ts',
    'src/storage/sqlite/worker/worker.ts',
    'src/http/json-worker/json-worker.ts',
  ],
  naming: { entry: '[name].[ext]' },
  compile: { outfile, assets: ['drizzle'], autoloadBunfig: false },
  plugins: edits.map(([filter, from, to]) => ({
    name: from,
    setup: (build) => {
      build.onLoad({ filter }, async ({ path, loader }) => {
        const parts = (await Bun.file(path).text()).split(from)
        if (parts.length !== 2) throw new Error(`${path} does not say ${from} once.`)
        return { contents: parts.join(to), loader }
      })
    },
  })),
})
process.stdout.write(`${outfile}: ${(Bun.file(outfile).size / 1e6).toFixed(1)} MB\n`)

/** The suffix of libSQL's native package for this machine. libsql chooses it at run time, too late to be bundled. */
function nativeTarget(): string {
  const abi = { linux: '-gnu', win32: '-msvc' }[String(process.platform)] ?? ''
  return `${process.platform}-${process.arch}${abi}`
}
