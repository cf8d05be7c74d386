import { type ErrorCode, type FieldError, ZaasError } from '../../domain/errors.ts'
import { limits } from '../../limits.ts'
import { internalDetail, problemOf, statusOf } from '../middleware/problems.ts'
import type { Example } from './examples.ts'

const { bodyBytes, importBytes } = limits.defaults
const requestId = '0b8f6c1e-3a52-4d0c-9a37-5c1d2e8b7f60'

/** Examples of what an operation answers with a status, one for each error code. */
export function problemExamples(status: number, path: string, example?: Example) {
  const codes = Object.keys(statusOf) as ErrorCode[]
  return Object.fromEntries(
    codes
      .filter((code) => statusOf[code] === status)
      .map((code) => {
        const errors: FieldError[] = code === 'invalid' && example ? [example.invalid] : []
        const error = new ZaasError(code, detailOf(code, path, example), { errors })
        return [code, { value: problemOf(error, requestId) }]
      }),
  )
}

function detailOf(code: ErrorCode, path: string, example?: Example): string {
  const types = Object.keys(example?.request ?? {})
  const json = types.includes('application/json')
  switch (code) {
    case 'unauthenticated':
      return `A ${path.startsWith('/namespaces/') ? 'valid' : 'master'} API key is needed.`
    case 'forbidden':
      return 'This API key does not open this namespace.'
    case 'insufficient_scope':
      return `This API key lacks the scope ${example?.scope}.`
    case 'not_found':
      return `There is no such ${nounOf(path)}.`
    case 'method_not_allowed':
      return 'This route allows GET, HEAD.'
    case 'conflict':
      return conflictOf(path)
    case 'malformed_body':
      return json
        ? 'The body is not JSON in UTF-8.'
        : 'The upload broke off; some of it has been added.'
    case 'body_too_large':
      return `The body may have at most ${json ? bodyBytes : importBytes} bytes.`
    case 'unsupported_media_type':
      return `The body must be ${types.join(' or ')}, uncompressed.`
    case 'invalid':
      return 'The request breaks a rule.'
    case 'unavailable':
      return path === '/health/ready'
        ? 'Shutting down.'
        : 'The database is busy or cannot be reached.'
    case 'internal':
      return internalDetail
  }
}

function nounOf(path: string): string {
  if (path.endsWith('/retry')) return 'delivery'
  if (path.startsWith('/admin/webhooks')) return 'webhook'
  return path.includes('/batches/') ? 'batch' : 'API key'
}

function conflictOf(path: string): string {
  const { max, earlierSecretsMax } = limits.webhooks
  if (path.endsWith('/items')) return 'This idempotency-key was used for another request.'
  if (path === '/admin/api-keys') return 'This key is already bound to this namespace.'
  if (path === '/admin/webhooks') return `There are ${max} webhooks, which is as many as can be.`
  if (path.endsWith('/rotate'))
    return `Its secret was rotated ${earlierSecretsMax} times within a day: all of these still sign along.`
  return path.startsWith('/admin/webhooks')
    ? 'This webhook is disabled. PATCH { "disabled": false } enables it.'
    : 'How requestors are compared can only be changed while no item has or had a requestor.'
}
