import { join } from 'node:path'
import { plugin } from 'bun'
import { testApp } from './app.ts'
import { root } from './process.ts'

/** The OpenAPI document as zaas serves it, and the types that the client has of it. */
export async function openApiFiles(): Promise<Record<string, string>> {
  const app = await testApp()
  const { body } = await app.nobody('GET', '/swagger/json')
  await app.close()
  const json = `${JSON.stringify(body, null, 2)}\n`
  return { 'openapi.json': json, 'src/client/api.ts': await typesOf(json) }
}

async function typesOf(json: string): Promise<string> {
  // The generator writes through the compiler's API, which TypeScript 7 does not have yet.
  plugin({
    name: 'typescript of the generator',
    setup: (build) => {
      build.module('typescript', async () => ({
        loader: 'object',
        exports: await import('typescript5'),
      }))
    },
  })
  const { default: openapi, astToString } = await import('openapi-typescript')
  const types = astToString(await openapi(json))
  return `// Generated from openapi.json by \`bun run openapi\`.\n\n${types}`
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(await openApiFiles())) {
    await Bun.write(join(root, path), text)
  }
}
