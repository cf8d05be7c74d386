import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Locator, Page } from 'playwright-core'
import { masterKey, tempFolder } from '../support/app.ts'
import {
  type Browser,
  looks,
  noFaults,
  openBrowser,
  overflows,
  picture,
  seriousFaults,
} from '../support/browser.ts'
import { callerOf } from '../support/caller.ts'
import { type Server, startServer } from '../support/server.ts'

const testMaxMs = 240_000
const folder = tempFolder()
let browser: Browser
let server: Server
let shop: Awaited<ReturnType<Server['keyFor']>>

beforeAll(async () => {
  const env = { WEBHOOKS_ALLOW_PRIVATE: 'true' }
  server = await startServer(`file:${folder.path}/zaas.db`, { env })
  shop = await server.keyFor('summer-sale', { scopes: ['match', 'read', 'write', 'manage'] })
  await shop.patch({ add: ['SUN-0'] })
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  folder.remove()
})

/** Opens the dialog where keys are entered. */
async function openAuthorize(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Authorize' }).click()
  return page.locator('.modal-ux')
}

/** Enters an API key and a master key there, and closes it. */
async function authorize(dialog: Locator): Promise<void> {
  for (const [n, key] of [shop.apiKey, masterKey].entries()) {
    const form = dialog.locator('form').nth(n)
    await form.locator('input').fill(key)
    await form.getByRole('button', { name: 'Authorize' }).click()
    await form.getByRole('button', { name: 'Logout' }).waitFor()
  }
  await dialog.getByRole('button', { name: 'Close' }).first().click()
}

/** To where nobody listens. */
const newWebhook = { url: 'http://127.0.0.1:9/', events: ['stock.low'] }

/** The ids of a new webhook, and of an event for it. */
async function someWebhook() {
  const master = callerOf(server.send, server.origin, { 'x-master-api-key': masterKey })
  const { id } = (await master<{ id: string }>('POST', '/admin/webhooks', newWebhook)).body
  await master('POST', `/admin/webhooks/${id}/test`)
  const { body } = await master<{ deliveries: { id: string }[] }>(
    ...(['GET', `/admin/webhooks/${id}/deliveries`] as const),
  )
  return { id, delivery: body.deliveries[0]?.id ?? '' }
}

/** Opens an operation, by its id, to be tried out. */
async function tryOut(page: Page, operationId: string): Promise<Locator> {
  const operation = page.locator(`.opblock[id$="-${operationId}"]`)
  await operation.locator('.opblock-summary-control').click()
  await operation.getByRole('button', { name: 'Try it out' }).click()
  return operation
}

/** Sends what stands there, and returns the status and the body of the answer. */
async function execute(page: Page, operation: Locator) {
  const answer = page.waitForResponse((response) => response.request().resourceType() === 'fetch')
  await operation.getByRole('button', { name: 'Execute' }).click()
  const response = await answer
  const shown = operation.locator('.live-responses-table .response-col_status').last()
  await shown.getByText(String(response.status())).waitFor()
  return { status: response.status(), body: await response.text() }
}

test.each(looks)(
  'at $width px, $colorScheme: authorize, and match',
  async (look) => {
    const { page, faults, close } = await browser.visit(`${server.origin}/swagger`, look)
    const dialog = await openAuthorize(page)
    const keys = dialog.locator('input[type=password][autocomplete=off]')
    expect(await keys.count()).toBe(await dialog.locator('input').count())
    expect(await dialog.locator('input').first().and(page.locator(':focus')).count()).toBe(1)
    await picture(page, 'swagger-authorize', look)
    expect(await seriousFaults(page)).toEqual({})
    await authorize(dialog)

    const match = await tryOut(page, 'match')
    const { status, body } = await execute(page, match)
    expect([status, JSON.parse(body)]).toEqual([200, expect.objectContaining({ item: 'SUN-0' })])
    expect(await match.locator('.live-responses-table').textContent()).toContain('SUN-0')
    await picture(page, 'swagger', look)
    expect(await seriousFaults(page)).toEqual({})
    expect(await overflows(page)).toBe(false)
    expect(faults).toEqual(noFaults)
    await close()
  },
  testMaxMs,
)

test(
  'every operation can be tried as it stands, in all types that it takes and answers',
  async () => {
    const look = { width: 1280, colorScheme: 'light' } as const
    const { page, faults, close } = await browser.visit(`${server.origin}/swagger`, look)
    await authorize(await openAuthorize(page))
    const { id } = await server.keyFor('other')
    const tried: string[] = []
    for (const block of await page.locator('.opblock').all()) {
      const operationId = (await block.getAttribute('id'))?.split('-').at(-1) ?? ''
      const operation = await tryOut(page, operationId)
      if (operationId === 'deleteKey')
        await operation.locator('[data-param-name=apiKey] input').fill(id)
      if (operationId === 'createWebhook') {
        const body = operation.locator('textarea.body-param__text')
        // What the example names cannot be resolved here.
        await body.fill(JSON.stringify(newWebhook))
      }
      if ((await operation.locator('[data-param-name=id] input').count()) > 0)
        for (const [name, value] of Object.entries(await someWebhook())) {
          const input = operation.locator(`[data-param-name=${name}] input`)
          if ((await input.count()) > 0) await input.fill(value)
        }
      for (const chooseType of await typesOf(operation)) {
        const type = await chooseType()
        const { status, body } = await execute(page, operation)
        const { invalid = 0 } = operationId === 'importItems' ? JSON.parse(body) : {}
        tried.push(`${operationId} ${type} ${invalid > 0 ? 'skipped lines' : status}`)
      }
      await operation.locator('.opblock-summary-control').click()
    }
    expect(tried.filter((each) => !each.endsWith(' 200'))).toEqual([])
    expect(tried).toEqual(
      expect.arrayContaining([
        'match application/json 200',
        'listItems application/json 200',
        'listItems text/csv 200',
        'listItems application/x-ndjson 200',
        'importItems text/plain 200',
        'importItems text/csv 200',
        'importItems application/x-ndjson 200',
      ]),
    )
    expect(faults).toEqual(noFaults)
    await close()
  },
  testMaxMs,
)

test.each(looks)(
  'at $width px, $colorScheme: the page at / leads to the documentation',
  async (look) => {
    const { page, faults, close } = await browser.visit(`${server.origin}/`, look)
    await picture(page, 'welcome', look)
    expect(await seriousFaults(page)).toEqual({})
    await page.getByRole('link', { name: 'Documentation' }).click()
    await page.getByRole('heading', { name: 'The promise' }).waitFor()
    await picture(page, 'docs', look)
    expect(await seriousFaults(page)).toEqual({})
    expect(await overflows(page)).toBe(false)
    await page.getByRole('link', { name: 'how' }).click()
    await page.getByRole('heading', { name: 'Exact comparison' }).waitFor()
    expect(faults).toEqual(noFaults)
    await close()
  },
  testMaxMs,
)

/** What chooses each type of the body, or else of the answer, one after the other. */
async function typesOf(operation: Locator): Promise<(() => Promise<string>)[]> {
  const choice = operation.locator('.content-type').first()
  const types = (await choice.count()) > 0 ? await choice.locator('option').allTextContents() : []
  if (types.length < 2) return [async () => types[0] ?? '']
  return types.map((type) => async () => {
    await choice.selectOption(type)
    return type
  })
}
