import { Elysia } from 'elysia'
import { plainPage } from './plain-page.ts'

// Imported on the first request: a copy of zaas without its documentation starts too. A build finds only literals.
const pages: Record<string, () => Promise<{ default: string }>> = {
  'api.md': () => import('../../../docs/api.md', { with: { type: 'text' } }),
  'backup.md': () => import('../../../docs/backup.md', { with: { type: 'text' } }),
  'deploy.md': () => import('../../../docs/deploy.md', { with: { type: 'text' } }),
  'http-server.md': () => import('../../../docs/http-server.md', { with: { type: 'text' } }),
  'imports.md': () => import('../../../docs/imports.md', { with: { type: 'text' } }),
  'legacy-import.md': () => import('../../../docs/legacy-import.md', { with: { type: 'text' } }),
  'operations.md': () => import('../../../docs/operations.md', { with: { type: 'text' } }),
  'recipes.md': () => import('../../../docs/recipes.md', { with: { type: 'text' } }),
  'scaling.md': () => import('../../../docs/scaling.md', { with: { type: 'text' } }),
  'webhooks.md': () => import('../../../docs/webhooks.md', { with: { type: 'text' } }),
}

/** The README and the documents for users and operators, of this version. */
export const docs = () => {
  const readme = () => import('../../../README.md', { with: { type: 'text' } })
  const routes = new Elysia({ detail: { hide: true } }).get('/docs', lazyPage('zaas', readme))
  for (const [name, load] of Object.entries(pages))
    routes.get(`/docs/${name}`, lazyPage(name, load))
  return routes
}

/** A handler that loads and renders a page on the first request for it. */
function lazyPage(name: string, load: () => Promise<{ default: string }>) {
  let page: Promise<(request: Request) => Response> | undefined
  const render = async () => {
    const html = Bun.markdown.html((await load()).default, { headings: { ids: true } })
    return plainPage(name, scrollable(withServedLinks(html)))
  }
  return async ({ request }: { request: Request }) => {
    page ??= render()
    return (await page)(request)
  }
}

/** Turns links to files that are only in the repository into plain text. */
const withServedLinks = (html: string) =>
  html.replaceAll(/<a href="([^"]*)">(.*?)<\/a>/gs, (link, href: string, text: string) => {
    if (/^(#|https:)/.test(href)) return link
    if (href === '../README.md') return `<a href="../docs">${text}</a>`
    const name = href.replace(/^docs\//, '').replace(/#.*/, '')
    return name in pages ? link : text
  })

/** Makes elements that scroll reachable by keyboard. */
const scrollable = (html: string) => html.replaceAll(/<(pre|table)>/g, '<$1 tabindex="0">')
