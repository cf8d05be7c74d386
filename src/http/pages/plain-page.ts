import { cachedAsset } from './cached-asset.ts'

/** A page with an inline style and no scripts. `content` is HTML. */
export const plainPage = (title: string, content: string) =>
  cachedAsset(html(title, content), 'text/html;charset=utf-8', style)

const html = (title: string, content: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    <link rel="icon" href="data:,">
    <style>${style}</style>
  </head>
  <body>
${content}
  </body>
</html>
`

const style = `:root {
  color-scheme: light dark;
  background: light-dark(#fff, #1c2022);
  color: light-dark(#1b1f22, #e4e6e6);
}

body {
  max-width: 48rem;
  margin: 3rem auto;
  padding-inline: 1rem;
  font: 1rem/1.6 system-ui, sans-serif;
  overflow-wrap: break-word;
}

a {
  color: light-dark(#1a5fb4, #8ab4f8);
}

pre,
table {
  display: block;
  overflow-x: auto;
}

pre,
blockquote {
  margin-inline: 0;
  padding: 0.5rem 1rem;
  border-left: 4px solid #8888;
}

th,
td {
  padding: 0.25rem 1rem 0.25rem 0;
  text-align: left;
  vertical-align: top;
}`
