import { STATUS_CODES } from 'node:http'
import { statusOf } from '../middleware/problems.ts'
import {
  type Example,
  exampleBatch,
  exampleDelivery,
  exampleNamespace,
  examples,
  exampleWebhook,
} from './examples.ts'
import { problemExamples } from './problem-examples.ts'

export type Json = { [name: string]: unknown }
export type Operation = Json & {
  description?: string
  parameters: Json[]
  requestBody?: Json
  responses: Record<string, Json>
}

/**
 * Completes an operation of the OpenAPI document in place. The plugin generates invalid OpenAPI: responses without
 * descriptions, three media types for each body, and schemas spread over the response itself.
 */
export function completeOperation(method: string, path: string, operation: Operation): void {
  const example = examples[`${method.toUpperCase()} ${path}`]
  const access = accessTo(path)
  if (access) operation['security'] = [{ [access]: [] }, { [`${access}AsToken`]: [] }]
  if (example?.scope) operation.description += ` Needs the scope \`${example.scope}\`.`
  for (const parameter of operation.parameters) {
    const example = parameterExamples[String(parameter['name'])]
    if (example && parameter['in'] === 'path') parameter['example'] = example
  }
  if (operation.requestBody) operation.requestBody = requestBodyOf(operation.requestBody, example)
  const { '200': success = {}, ...problems } = operation.responses
  const statuses = [...Object.keys(problems), String(statusOf.internal)].map(Number)
  operation.responses = {
    200: { description: STATUS_CODES[200], content: successContent(success, example) },
    ...Object.fromEntries(
      statuses.map((status) => [status, problemResponse(status, path, example)]),
    ),
  }
}

const parameterExamples: Record<string, string> = {
  namespace: exampleNamespace,
  batch: exampleBatch,
  id: exampleWebhook,
  delivery: exampleDelivery,
}

function accessTo(path: string): 'apiKey' | 'masterKey' | undefined {
  if (path.startsWith('/namespaces/')) return 'apiKey'
  return /^\/(admin\/|metrics$)/.test(path) ? 'masterKey' : undefined
}

/** The plugin lists three media types for a JSON body; an import declares its own types. */
function requestBodyOf({ content }: Json, example?: Example): Json {
  const types = Object.entries(Object(content))
  const json = types.filter(([type]) => type === 'application/json')
  for (const [, media] of json) allowNulls(Object(media).schema)
  const accepted = Object.fromEntries(json.length > 0 ? json : types)
  return { required: true, content: withExamples(accepted, example?.request) }
}

/** An optional property of a body may be null: see `bodyOf` of the schemas. */
function allowNulls({
  properties,
  required = [],
}: {
  properties: Json
  required?: string[]
}): void {
  for (const [name, schema] of Object.entries(properties)) {
    if (required.includes(name)) continue
    const { type, ...rest } = Object(schema)
    properties[name] = { type: [...new Set([type, 'null'].flat())], ...rest }
  }
}

function successContent(response: Json, example?: Example): Json {
  const [media] = Object.values(Object(response['content']))
  const isText = Object(Object(media).schema).type === 'string'
  const content = { [isText ? 'text/plain' : 'application/json']: media }
  return withExamples({ ...content, ...Object(response['otherTypes']) }, example?.answer)
}

function withExamples(content: Json, examplesByType: Record<string, unknown> = {}): Json {
  return Object.fromEntries(
    Object.entries(content).map(([type, media]) => [
      type,
      { ...Object(media), ...(type in examplesByType && { example: examplesByType[type] }) },
    ]),
  )
}

const retryAfter = { description: 'Seconds to wait.', schema: { type: 'integer' } }

function problemResponse(status: number, path: string, example?: Example): Json {
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
