import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { $ } from 'bun'
import { license, name, version } from '../package.json'

// Builds the client as a package for other repositories: `dist/` with its types, and a tarball of it. Its
// dependencies are bundled, so that installing it installs nothing else.

const root = join(import.meta.dir, '..')
const out = join(root, 'dist')
$.cwd(root)

await rm(join(out, 'client'), { recursive: true, force: true })
await $`tsc -p tsconfig.client.json`
await Bun.build({
  entrypoints: [join(root, 'src/client/index.ts')],
  outdir: join(out, 'client'),
  format: 'esm',
  target: 'browser',
})
await cp(join(root, 'LICENSE'), join(out, 'LICENSE'))
await cp(
  join(root, 'node_modules/openapi-fetch/LICENSE'),
  join(out, 'client/LICENSE.openapi-fetch'),
)
const clientExport = { types: './client/index.d.ts', default: './client/index.js' }
await Bun.write(
  join(out, 'package.json'),
  `${JSON.stringify(
    {
      name,
      version,
      license,
      type: 'module',
      files: ['client'],
      exports: { './client': clientExport },
    },
    null,
    2,
  )}\n`,
)
await $`bun pm pack --quiet`.cwd(out)
