const outfile = 'dist/zaas'

/** What a module says, and what it must say in the executable, which has all files in one folder. */
const changes: [RegExp, string, string][] = [
  [/\/libsql\/index\.js$/, '= requireNative()', `= require('@libsql/${nativeTarget()}')`],
  [/\/src\/storage\/sqlite\/migrations\.ts$/, "'../../../drizzle'", "'drizzle'"],
]

// `root` is where the worker is, so that worker/client.ts finds it beside itself.
await Bun.build({
  entrypoints: ['src/index.ts', 'src/storage/sqlite/worker/worker.ts'],
  root: 'src/storage/sqlite/worker',
  compile: { outfile, assets: ['drizzle'], autoloadBunfig: false },
  plugins: changes.map(([filter, from, to]) => ({
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

/** Which of libSQL's packages is for this machine: libsql finds it out at run time, too late to bundle. */
function nativeTarget(): string {
  const kind = { linux: '-gnu', win32: '-msvc' }[String(process.platform)] ?? ''
  return `${process.platform}-${process.arch}${kind}`
}
