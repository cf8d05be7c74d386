import { afterAll, beforeAll, expect, test } from 'bun:test'
import { tempFolder } from '../support/app.ts'
import {
  type Browser,
  looks,
  noFaults,
  openBrowser,
  overflows,
  picture,
} from '../support/browser.ts'
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

test.each(looks)('the API page shows at $width px, $colorScheme, on its own', async (look) => {
  const { page, faults, close } = await browser.visit(`${server.origin}/swagger`, look)
  await page.getByRole('button', { name: 'Authorize' }).first().waitFor()
  await picture(page, 'swagger', look)

  expect(await overflows(page)).toBe(false)
  expect(faults).toEqual(noFaults)
  await close()
})
