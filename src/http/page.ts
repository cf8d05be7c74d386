import { Elysia } from 'elysia'
import style from 'swagger-ui-dist/swagger-ui.css' with { type: 'file' }
import script from 'swagger-ui-dist/swagger-ui-bundle.js' with { type: 'file' }
import { policyOf, serve } from './page-files.ts'

// Swagger UI sets styles on its elements and has images inside its style sheet; nothing else is let in.
const policy = policyOf({ style: " 'unsafe-inline'", images: ' data:' })

const html = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>zaas API</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/swagger/swagger-ui.css">
  </head>
  <body>
    <div id="page"></div>
    <script src="/swagger/swagger-ui-bundle.js"></script>
    <script src="/swagger/page.js"></script>
  </body>
</html>
`

const start = `SwaggerUIBundle({ url: '/swagger/json', dom_id: '#page', deepLinking: true })
`

/** The API page. All that it loads comes from here: a browser without internet shows it too. */
export const page = () =>
  new Elysia({ detail: { hide: true } })
    .get('/swagger', () => serve(html, 'text/html;charset=utf-8', policy))
    .get('/swagger/page.js', () => serve(start, 'text/javascript;charset=utf-8', policy))
    .get('/swagger/swagger-ui-bundle.js', () =>
      serve(Bun.file(script), 'text/javascript;charset=utf-8', policy),
    )
    .get('/swagger/swagger-ui.css', () => serve(Bun.file(style), 'text/css;charset=utf-8', policy))
