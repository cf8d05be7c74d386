import { afterAll, beforeAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { tempFolder } from '../support/app.ts'
import { type Browser, noFaults, openBrowser } from '../support/browser.ts'
import { root } from '../support/process.ts'
import { type Server, startServer } from '../support/server.ts'

const folder = tempFolder()
let browser: Browser
let server: Server

beforeAll(async () => {
  server = await startServer(`file:${folder.path}/zaas.db`)
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  folder.remove()
})

test('the client matches, lists and imports in a browser', async () => {
  const { outputs } = await Bun.build({
    entrypoints: [join(root, 'src/client/index.ts')],
    format: 'esm',
    target: 'browser',
  })
  const source = Buffer.from((await outputs[0]?.text()) ?? '').toString('base64')
  const { apiKey, patch } = await server.keyFor('shop')
  await patch({ add: ['A'] })
  const look = { width: 1280, colorScheme: 'light' } as const
  // Not the page at /, whose policy lets in no module of ours.
  const { page, faults, close } = await browser.visit(`${server.origin}/health/live`, look)

  const told = await page.evaluate(`(async () => {
    const { createClient } = await import('data:text/javascript;base64,${source}')
    const zaas = createClient({ origin: location.origin, apiKey: '${apiKey}', namespace: 'shop' })
    const { item } = await zaas.match('u')
    const { added } = await zaas.import(new Blob(['B']))
    const listed = []
    for await (const { item } of zaas.items()) listed.push(item)
    return { item, added, listed }
  })()`)
  expect(told).toEqual({ item: 'A', added: 1, listed: ['A', 'B'] })
  // Chromium asks for an icon, which this page of plain text does not have.
  expect(faults).toEqual({ ...noFaults, errors: [expect.stringContaining('404')] })
  await close()
})
