import { createClient, LibsqlError } from '@libsql/client'
import { busyCodes, type Connection, type Failure, outageCodes } from './connection.ts'

/** The server was not reached, or it took back what it had begun. */
const againCodes = [
  ...busyCodes,
  'SQLITE_LOCKED',
  'TRANSACTION_BUSY',
  'TRANSACTION_TIMEOUT',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]
const blockedCode = 'BLOCKED'
/** A batch costs a server a new connection and some milliseconds of its CPU, however small it is. */
const gatherMs = 2

/**
 * A libSQL server. Each call has a client of its own, and so its own time limit: without one, a frozen
 * server would hang the caller for ever. A client holds no connection; those are kept by `fetch`, which
 * sends a POST once and no more, also when the connection that it was sent on turns out to be cut.
 */
export function openServer(url: string, authToken?: string): Connection {
  return {
    async run(call, maxMs) {
      if (maxMs <= 0) throw new Refusal('The queue of changes is too slow.')
      const limit = new AbortController()
      const timer = setTimeout(() => limit.abort(), maxMs)
      const client = createClient({
        url,
        concurrency: 1,
        ...(authToken && { authToken }),
        fetch: (request: Request) => fetch(request, { signal: limit.signal }),
      })
      try {
        return await call({
          execute: (statement) => client.execute(statement),
          batch: (statements) => client.batch(statements, 'write'),
        })
      } catch (error) {
        throw refusal(error) ?? error
      } finally {
        clearTimeout(timer)
      }
    },
    failureOf,
    renew: async () => {},
    close: () => {},
    gatherMs,
  }
}

/** The statements were not looked at. */
class Refusal extends Error {}

function refusal(error: unknown): Refusal | undefined {
  const cause = error instanceof LibsqlError ? error.cause : undefined
  const status = cause instanceof Error && 'status' in cause ? Number(cause.status) : 0
  if (status < 400 || status >= 500) return undefined
  const reason =
    status === 401 || status === 403
      ? 'The server does not accept DATABASE_AUTH_TOKEN.'
      : status === 404
        ? 'The server has no such database.'
        : `The server answers ${status}.`
  return new Refusal(reason, { cause: error })
}

function failureOf(error: unknown): Failure {
  if (error instanceof Refusal) return 'outage'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (againCodes.includes(code)) return 'again'
  if (outageCodes.includes(code) || code === blockedCode) return 'outage'
  return error instanceof LibsqlError && code.startsWith('SQL') ? 'fault' : 'unknown'
}
