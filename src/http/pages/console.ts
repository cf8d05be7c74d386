// The page of the console.

import { Elysia } from 'elysia'
import style from '../../console/style.css' with { type: 'text' }
import { cachedAsset } from './cached-asset.ts'

const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>zaas console</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/console/style.css">
    <script type="module" src="/console/main.js"></script>
  </head>
  <body>
    <noscript>The console needs JavaScript.</noscript>
  </body>
</html>
`

/**
 * Serves the console, a page for operators, which uses the public API. Its script is bundled from `src/console/`
 * on the first request, so that startup does not wait for it; an executable has it built in.
 */
export const operatorConsole = () => {
  let script: Promise<(request: Request) => Response> | undefined
  const page = cachedAsset(html, 'text/html;charset=utf-8')
  const css = cachedAsset(style, 'text/css;charset=utf-8')
  return new Elysia({ detail: { hide: true } })
    .get('/console', ({ request }) => page(request))
    .get('/console/style.css', ({ request }) => css(request))
    .get('/console/main.js', async ({ request }) => {
      script ??= import('./console-script.ts').then((bundle) =>
        cachedAsset(bundle.script, 'text/javascript;charset=utf-8'),
      )
      return (await script)(request)
    })
}
