import { STATUS_CODES } from 'node:http'
import { statusOf } from '../middleware/problems.ts'
import { type Example, exampleNamespace, examples } from './examples.ts'
import { problemExamples } from './problem-examples.ts'

export type Json = { [name: string]: unknown }
export type Operation = Json & {
  description?: string
  parameters: Json[]
  requestBody?: Json
  responses: Record<string, Json>
}

/**
 * Completes an operation. Those of the plugin are not valid OpenAPI: no descriptions of responses, three
 * media types for each body, and schemas spread over the response itself.
 */
export function mend(method: string, path: string, operation: Operation): void {
  const example = examples[`${method.toUpperCase()} ${path}`]
  const access = accessTo(path)
  const asToken = path === '/metrics' ? [{ masterKeyAsToken: [] }] : []
  if (access) operation['security'] = [{ [access]: [] }, ...asToken]
  if (example?.scope) operation.description += ` Needs the scope \`${example.scope}\`.`
  for (const parameter of operation.parameters) {
    if (parameter['name'] === 'namespace' && parameter['in'] === 'path')
      parameter['example'] = exampleNamespace
  }
  if (operation.requestBody) operation.requestBody = bodyOf(operation.requestBody, example)
  const { '200': answer = {}, ...problems } = operation.responses
  const statuses = [...Object.keys(problems), String(statusOf.internal)].map(Number)
  operation.responses = {
    200: { description: STATUS_CODES[200], content: answerOf(answer, example) },
    ...Object.fromEntries(statuses.map((status) => [status, failureOf(status, path, example)])),
  }
}

function accessTo(path: string): 'apiKey' | 'masterKey' | undefined {
  if (path.startsWith('/namespaces/')) return 'apiKey'
  return /^\/(admin\/|metrics$)/.test(path) ? 'masterKey' : undefined
}

/** A body of the plugin has all its types; an import says itself what it takes. */
function bodyOf({ content }: Json, example?: Example): Json {
  const types = Object.entries(Object(content))
  const own = types.filter(([type]) => type === 'application/json')
  const shown = own.length > 0 ? own : types
  return { required: true, content: withExamples(Object.fromEntries(shown), example?.request) }
}

function answerOf(answer: Json, example?: Example): Json {
  const [first] = Object.values(Object(answer['content']))
  const text = Object(Object(first).schema).type === 'string'
  const content = { [text ? 'text/plain' : 'application/json']: first }
  return withExamples({ ...content, ...Object(answer['otherTypes']) }, example?.answer)
}

function withExamples(content: Json, shown: Record<string, unknown> = {}): Json {
  return Object.fromEntries(
    Object.entries(content).map(([type, media]) => [
      type,
      { ...Object(media), ...(type in shown && { example: shown[type] }) },
    ]),
  )
}

const retryAfter = { description: 'Seconds to wait.', schema: { type: 'integer' } }

function failureOf(status: number, path: string, example?: Example): Json {
  return {
    description: STATUS_CODES[status],
    ...(status === statusOf.unavailable && { headers: { 'retry-after': retryAfter } }),
    content: {
      'application/problem+json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: problemExamples(status, path, example),
      },
    },
  }
}
