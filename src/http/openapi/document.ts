import { swagger } from '@elysiajs/swagger'
import { type AnyElysia, Elysia } from 'elysia'
import { version } from '../../../package.json'
import { Problem } from '../middleware/problems.ts'
import { strict } from '../schemas.ts'
import { completeOperation, type Json, type Operation } from './operations.ts'

type Document = Json & { paths: Record<string, Record<string, Operation>> }

/** A copy, because Elysia adds to the schemas that it compiles. */
const problemSchema = structuredClone(Problem)

/** Serves the OpenAPI document of these routes, which is generated on the first request for it. */
export const openApiDocument = (routes: AnyElysia) => {
  let document: Promise<Document> | undefined
  return new Elysia().get('/swagger/json', async () => (document ??= generate(routes)), {
    query: strict({}),
  })
}

async function generate(routes: AnyElysia): Promise<Document> {
  const plugin = new Elysia().use(swagger({ documentation, excludeStaticFile: false })).use(routes)
  const response = await plugin.handle(new Request('http://localhost/swagger/json'))
  const document: Document = JSON.parse(await response.text(), simplifySchema)
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations))
      completeOperation(method, path, operation)
  }
  const components = { ...documentation.components, schemas: { Problem: problemSchema } }
  return { ...document, servers: [{ url: '/' }], components, openapi: '3.1.0' }
}

/**
 * A reviver that writes schemas as readers and generators understand them best: enums and nullable types instead
 * of unions. `error` is for Elysia only (see schemas.ts). `documentedAs` replaces a schema that is a string to
 * Elysia whatever it means: of a query parameter, or of JSON that is written as text. The plugin repeats it in the
 * response around it.
 */
function simplifySchema(name: string, value: unknown): unknown {
  if (name === 'error') return undefined
  if (typeof value !== 'object' || value === null) return value
  if ('documentedAs' in value && !('content' in value)) return value.documentedAs
  if (!('anyOf' in value && Array.isArray(value.anyOf))) return value
  const { anyOf, ...rest } = value
  const choices: Json[] = anyOf
  if (choices.every((choice) => typeof choice['const'] === 'string'))
    return { type: 'string', enum: choices.map((choice) => choice['const']), ...rest }
  const [schema, nullSchema] = choices
  if (nullSchema?.['type'] === 'null') return { ...schema, ...withNull(schema), ...rest }
  return value
}

/** An enum has null among its values, or it would not allow it whatever the type says. */
const withNull = (schema: Json | undefined) => ({
  type: [schema?.['type'], 'null'],
  ...(Array.isArray(schema?.['enum']) && { enum: [...schema['enum'], null] }),
})

const documentation = {
  info: {
    title: 'zaas',
    version,
    description: [
      'Hands out pre-loaded single-use items to requestors: one each, exactly once.',
      'To try it here: press **Authorize** and enter a master key; **Bind an API key to a namespace**, ' +
        'and enter that under **Authorize** too. Now add items, and match.',
      'A 200 with `success: true` is sent only after the match is committed and synced to disk. The ' +
        'same requestor always gets the same item. An item is never given to two requestors. If an ' +
        'answer is lost, ask again: you get the same one.',
      'Every error is a problem document (RFC 9457) with a `code` to decide by.',
    ].join('\n\n'),
    license: { name: 'MIT', identifier: 'MIT' },
  },
  tags: [
    { name: 'Match', description: 'Give a requestor its item.' },
    { name: 'Items', description: 'See and change the stock of a namespace.' },
    { name: 'Batches', description: 'See what came in together, and take it back.' },
    { name: 'Stats', description: 'Count what is left.' },
    { name: 'History', description: 'See who did what, and forget who it was.' },
    { name: 'Settings', description: 'See and change the rules of a namespace.' },
    {
      name: 'Admin',
      description: 'Manage API keys and look over all namespaces, with a master key.',
    },
    { name: 'Webhooks', description: 'Have zaas send word, with a master key.' },
    { name: 'Health', description: 'For whoever watches over zaas.' },
  ],
  components: {
    securitySchemes: {
      apiKey: {
        type: 'apiKey' as const,
        in: 'header',
        name: 'x-api-key',
        description: 'A key that is bound to the namespace, for `/namespaces`.',
      },
      masterKey: {
        type: 'apiKey' as const,
        in: 'header',
        name: 'x-master-api-key',
        description: 'One of `MASTER_API_KEYS`, for `/admin` and `/metrics`.',
      },
      apiKeyAsToken: {
        type: 'http' as const,
        scheme: 'bearer',
        description:
          'An API key as a bearer token. Where `x-api-key` is there too, that alone counts.',
      },
      masterKeyAsToken: {
        type: 'http' as const,
        scheme: 'bearer',
        description:
          'A master key as a bearer token. Where `x-master-api-key` is there too, that alone counts.',
      },
    },
  },
}
