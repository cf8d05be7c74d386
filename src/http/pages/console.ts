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
 * The page for operators; it calls the API like anyone else. Its script is made from `src/console/` when
 * it is first asked for, so that a start does not wait for it; an executable has it built in.
 */
export const operatorConsole = () => {
  let main: Promise<(request: Request) => Response> | undefined
  const page = cachedAsset(html, 'text/html;charset=utf-8')
  const css = cachedAsset(style, 'text/css;charset=utf-8')
  return new Elysia({ detail: { hide: true } })
    .get('/console', ({ request }) => page(request))
    .get('/console/style.css', ({ request }) => css(request))
    .get('/console/main.js', async ({ request }) => {
      main ??= import('./console-script.ts').then(({ script }) =>
        cachedAsset(script, 'text/javascript;charset=utf-8'),
      )
      return (await main)(request)
    })
}
