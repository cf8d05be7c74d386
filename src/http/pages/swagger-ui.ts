// The API page: Swagger UI, with a script and a style that mend what it lacks.

import { Elysia } from 'elysia'
import style from 'swagger-ui-dist/swagger-ui.css' with { type: 'file' }
import script from 'swagger-ui-dist/swagger-ui-bundle.js' with { type: 'file' }
import { cachedAsset } from './cached-asset.ts'
import ownStyle from './swagger-ui.css' with { type: 'text' }

const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>zaas API</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/swagger/swagger-ui.css">
    <link rel="stylesheet" href="/swagger/style.css">
    <script defer src="/swagger/swagger-ui-bundle.js"></script>
    <script defer src="/swagger/page.js"></script>
  </head>
  <body>
    <div id="page"></div>
    <noscript>This page needs JavaScript. The API is described at <a href="/swagger/json">/swagger/json</a>.</noscript>
  </body>
</html>
`

// Mends what Swagger UI lacks: a dark mode that follows the system, accessible names for its inputs and buttons,
// scrolling of responses by keyboard, password fields for keys, focus on the first of them, and buttons without
// links inside.
const pageScript = `const dark = matchMedia('(prefers-color-scheme: dark)')
const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', paint)
paint()

const name = (selector, nameOf) => {
  for (const element of document.querySelectorAll(selector + ':not([aria-label])'))
    element.setAttribute('aria-label', nameOf(element))
}
new MutationObserver(() => {
  name('.parameters select', (select) => select.closest('tr').dataset.paramName)
  name('.examples-select-element', () => 'Example')
  name('.body-param textarea', () => 'Request body')
  name('#servers', () => 'Server')
  name('.close-modal', () => 'Close')
  for (const button of document.querySelectorAll('.modal-btn[aria-label]')) button.ariaLabel = null
  const keys = [...document.querySelectorAll('.auth-container input[type=text]')]
  for (const key of keys) Object.assign(key, { type: 'password', autocomplete: 'off' })
  keys[0]?.focus()
  for (const text of document.querySelectorAll('pre.microlight:not([tabindex])')) text.tabIndex = 0
}).observe(document.getElementById('page'), { childList: true, subtree: true })

// Swagger UI sends an NDJSON example as one JSON string, of several lines; no item has a line break.
const requestInterceptor = (request) => {
  if (request.headers['Content-Type'] === 'application/x-ndjson' && /^".*[^\\\\]\\\\n.*"$/.test(request.body))
    request.body = JSON.parse(request.body)
  return request
}

SwaggerUIBundle({
  url: '/swagger/json',
  dom_id: '#page',
  deepLinking: true,
  defaultModelsExpandDepth: -1,
  displayRequestDuration: true,
  requestInterceptor,
  syntaxHighlight: { theme: 'obsidian' },
  plugins: [() => ({ wrapComponents: { DeepLink: () => ({ text }) => text } })],
})
`

/** Serves the API page, Swagger UI. It loads nothing from other hosts, so it works without internet access. */
export const swaggerUi = () =>
  new Elysia({ detail: { hide: true } })
    .get(
      '/swagger',
      lazyAsset('text/html', () => html),
    )
    .get(
      '/swagger/style.css',
      lazyAsset('text/css', () => ownStyle),
    )
    .get(
      '/swagger/page.js',
      lazyAsset('text/javascript', () => pageScript),
    )
    .get(
      '/swagger/swagger-ui-bundle.js',
      lazyAsset('text/javascript', () => Bun.file(script).text()),
    )
    .get(
      '/swagger/swagger-ui.css',
      lazyAsset('text/css', () => Bun.file(style).text()),
    )

/** A handler that reads and compresses its file on the first request. */
function lazyAsset(type: string, read: () => string | Promise<string>) {
  let asset: Promise<(request: Request) => Response> | undefined
  return async ({ request }: { request: Request }) => {
    asset ??= (async () => cachedAsset(await read(), `${type};charset=utf-8`))()
    return (await asset)(request)
  }
}
