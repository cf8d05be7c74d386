import { existsSync } from 'node:fs'
import { join } from 'node:path'
import axe, { type AxeResults } from 'axe-core'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

const executablePath = '/usr/bin/chromium'
const waitMaxMs = 60_000
const height = 900

/** As whom a page is visited: by phone or desktop, by day or night. */
export type Look = { width: 390 | 1280; colorScheme: 'light' | 'dark' }

export const looks: Look[] = ([390, 1280] as const).flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
)

/** Debian's Chromium, for which no host exists but 127.0.0.1. Close it in the end. */
export async function openBrowser() {
  if (!existsSync(executablePath)) {
    throw new Error('There is no Chromium: apt-get install -y --no-install-recommends chromium')
  }
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    ],
  })
  return {
    /** Opens an address in a fresh profile, and notes from the first request on what goes wrong. */
    visit: async (url: string, { width, colorScheme }: Look) => {
      const context = await browser.newContext({ colorScheme, viewport: { width, height } })
      context.setDefaultTimeout(waitMaxMs)
      const faults = await faultsOf(context, new URL(url).origin)
      const page = await context.newPage()
      await page.goto(url)
      return { page, faults, close: () => context.close() }
    },
    close: () => browser.close(),
  }
}

export type Browser = Awaited<ReturnType<typeof openBrowser>>

/** What a page must not do. It grows while the page lives; `expect(faults).toEqual(noFaults)`. */
type Faults = { otherHosts: string[]; errors: string[]; policy: string[] }
export const noFaults: Faults = { otherHosts: [], errors: [], policy: [] }

// What runs in the page is text, because the types of a browser are not those of the rest.
const policyScript = `addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
  notePolicy(effectiveDirective + ' ' + blockedURI))`

async function faultsOf(context: BrowserContext, origin: string): Promise<Faults> {
  const faults: Faults = { otherHosts: [], errors: [], policy: [] }
  context.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${origin}/`) && !/^(data|blob):/.test(url)) faults.otherHosts.push(url)
  })
  context.on('console', (message) => {
    if (message.type() === 'error') faults.errors.push(message.text())
  })
  context.on('weberror', (fault) => faults.errors.push(String(fault.error())))
  await context.exposeFunction('notePolicy', (violation: string) => faults.policy.push(violation))
  await context.addInitScript(policyScript)
  return faults
}

/** What axe finds of serious and critical faults, each as its rule and the elements that break it. */
export async function seriousFaults(page: Page): Promise<Record<string, string[]>> {
  await page.evaluate(axe.source)
  const options = "{ resultTypes: ['violations'] }"
  const { violations } = await page.evaluate<AxeResults>(`axe.run(${options})`)
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
  return Object.fromEntries(
    serious.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(' '))]),
  )
}

/** Whether one has to scroll sideways to see all of a page. */
export const overflows = (page: Page) =>
  page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth')

/** With SCREENSHOTS=folder, keeps a picture of the whole page for a pair of eyes. */
export async function picture(page: Page, name: string, { width, colorScheme }: Look) {
  const folder = process.env['SCREENSHOTS']
  if (!folder) return
  const path = join(folder, `${name}-${width}-${colorScheme}.png`)
  await page.screenshot({ path, fullPage: true })
}
