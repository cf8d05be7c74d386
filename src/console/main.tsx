import { render } from 'preact'
import { App } from './app.tsx'

// A file that misses its place would otherwise open in place of the page.
for (const type of ['dragover', 'drop'] as const) {
  document.addEventListener(type, (event) => {
    if (event.dataTransfer?.types.includes('Files')) event.preventDefault()
  })
}
render(<App />, document.body)
