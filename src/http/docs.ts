import { STATUS_CODES } from 'node:http'
import { swagger } from '@elysiajs/swagger'
import { type AnyElysia, Elysia } from 'elysia'
import { version } from '../../package.json'
import { strict } from './fields.ts'

type Json = { [name: string]: unknown }
type Operation = Json & { parameters?: Json[]; responses: Record<string, Json>; requestBody?: Json }
type Document = Json & { paths: Record<string, Record<string, Operation>> }

/** The OpenAPI document of these routes. It is made once, on the first request for it. */
export const docs = (routes: AnyElysia) => {
  let document: Promise<Document> | undefined
  return new Elysia().get('/swagger/json', async () => (document ??= describe(routes)), {
    query: strict({}),
    detail: {
      tags: ['Everyone'],
      summary: 'This document',
      description: 'The API as OpenAPI 3.1.',
    },
  })
}

async function describe(routes: AnyElysia): Promise<Document> {
  const generator = new Elysia()
    .use(swagger({ documentation, excludeStaticFile: false }))
    .use(routes)
  const response = await generator.handle(new Request('http://localhost/swagger/json'))
  // `error` is for Elysia, see fields.ts.
  const document: Document = JSON.parse(await response.text(), (name, value) =>
    name === 'error' ? undefined : value,
  )
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const operation of Object.values(operations)) mend(path, operation)
  }
  return { ...document, openapi: '3.1.0' }
}

const documentation = {
  info: {
    title: 'zaas',
    version,
    description: 'Hands out pre-loaded single-use items to requestors: one each, exactly once.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  tags: [{ name: 'API keys' }, { name: 'Master keys' }, { name: 'Everyone' }],
  components: {
    securitySchemes: {
      apiKey: { type: 'apiKey' as const, in: 'header', name: 'x-api-key' },
      masterKey: { type: 'apiKey' as const, in: 'header', name: 'x-master-api-key' },
    },
  },
}

/**
 * The plugin's operations are not valid OpenAPI: no descriptions of responses, three media types for
 * each body, and schemas spread over the response itself.
 */
function mend(path: string, operation: Operation): void {
  if (path.startsWith('/namespaces/')) operation['security'] = [{ apiKey: [] }]
  if (path.startsWith('/admin/')) operation['security'] = [{ masterKey: [] }]
  const body = operation.requestBody
  // Those of the plugin have all its types; an import says itself what it takes.
  if (body && 'application/json' in Object(body['content'])) {
    operation.requestBody = { required: true, content: only('application/json', body) }
  }
  for (const [status, response] of Object.entries(operation.responses)) {
    const type = status === '200' ? 'application/json' : 'application/problem+json'
    operation.responses[status] = {
      description: STATUS_CODES[status],
      ...('content' in response && {
        content: { ...only(type, response), ...Object(response['otherTypes']) },
      }),
    }
  }
}

/** The content of a body under the one media type that it has. */
function only(type: string, { content }: Json): Json {
  const first = Object.values(content ?? {})[0]
  return { [type]: first }
}
