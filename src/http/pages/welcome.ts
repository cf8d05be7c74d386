import { plainPage } from './plain-page.ts'

/** The page at `/`, for browsers. */
export const welcomePage = plainPage(
  'zaas',
  `<h1>zaas</h1>
<p>Hands out pre-loaded, single-use items to requestors: one each, exactly once.</p>
<ul>
  <li><a href="console">Console</a> for operators</li>
  <li><a href="swagger">API page</a>, to read and to try the calls</li>
  <li><a href="docs">Documentation</a> of this version</li>
  <li><a href="swagger/json">OpenAPI document</a> for generators</li>
</ul>`,
)
