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

// Swagger UI leaves it to the page whether it is dark, has links inside of buttons, and gives no name to
// what one chooses and types in, another one than is read to some buttons, and the keyboard no way to
// scroll what it answered. It shows the keys that are typed in, and begins at the last of them.
const start = `const dark = matchMedia('(prefers-color-scheme: dark)')
const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches)
dark.addEventListener('change', paint)
paint()

const name = (selector, nameOf) => {
  for (const element of document.querySelectorAll(selector + ':not([aria-label])'))
    element.setAttribute('aria-label', nameOf(element))
}
new MutationObserver(() => {
  name('.parameters select', (it) => it.closest('tr').dataset.paramName)
  name('.examples-select-element', () => 'Example')
  name('.body-param textarea', () => 'Request body')
  name('.close-modal', () => 'Close')
  for (const button of document.querySelectorAll('.modal-btn[aria-label]')) button.ariaLabel = null
  const keys = [...document.querySelectorAll('.auth-container input[type=text]')]
  for (const key of keys) Object.assign(key, { type: 'password', autocomplete: 'off' })
  keys[0]?.focus()
  for (const text of document.querySelectorAll('pre.microlight:not([tabindex])')) text.tabIndex = 0
}).observe(document.getElementById('page'), { childList: true, subtree: true })

// An example of NDJSON is wrapped in a JSON string, of several lines, which no item has.
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

/** The API page. All that it loads comes from here: a browser without internet shows it too. */
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
      lazyAsset('text/javascript', () => start),
    )
    .get(
      '/swagger/swagger-ui-bundle.js',
      lazyAsset('text/javascript', () => Bun.file(script).text()),
    )
    .get(
      '/swagger/swagger-ui.css',
      lazyAsset('text/css', () => Bun.file(style).text()),
    )

/** A handler that reads and compresses a file when it is first asked for. */
function lazyAsset(type: string, read: () => string | Promise<string>) {
  let answer: Promise<(request: Request) => Response> | undefined
  return async ({ request }: { request: Request }) => {
    answer ??= (async () => cachedAsset(await read(), `${type};charset=utf-8`))()
    return (await answer)(request)
  }
}
