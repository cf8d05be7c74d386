import { LibsqlError } from '@libsql/client'
import { HttpServerError } from '@libsql/hrana-client'
import { busyCodes, type Connection, type Failure, outageCodes } from './connection.ts'
import { ServerClient } from './server-client.ts'

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
const expiredCode = 'STREAM_EXPIRED'
/**
 * A batch costs a server a millisecond or more of its CPU, however small it is. And as long as one takes,
 * so that another instance can have its own made meanwhile: their writes else wait for one another.
 */
const gatherMs = 3

/** Well before the server ends a connection that is idle; its durability_mode holds for new ones. */
const keptMaxMs = 2_000
const idleMax = 4
const closeMaxMs = 1_000

type Session = { client: ServerClient; untilMs: number }

/**
 * A libSQL server. Each call has a connection to itself, and a time limit: without one, a frozen server
 * would hang the caller for ever. For two seconds a connection serves one call after another, since to
 * open one takes the server longer than to look up what is asked for.
 */
export function openServer(address: string, authToken?: string): Connection {
  const idle: Session[] = []
  const take = () => {
    for (let kept = idle.shift(); kept; kept = idle.shift()) {
      if (isFresh(kept)) return kept
      close(kept)
    }
    return undefined
  }
  const open = () => ({
    client: new ServerClient(address, authToken),
    untilMs: performance.now() + keptMaxMs,
  })
  const closeIdle = () => {
    for (const session of idle.splice(0)) close(session)
  }
  return {
    async run(call, maxMs) {
      if (maxMs <= 0) throw new Refusal('The queue of changes is too slow.')
      const kept = take()
      const session = kept ?? open()
      session.client.limit(maxMs)
      try {
        const result = await call(session.client)
        if (isFresh(session) && idle.length < idleMax) idle.push(session)
        else close(session)
        return result
      } catch (error) {
        close(session)
        throw refusal(error, kept !== undefined) ?? error
      }
    },
    failureOf,
    renew: async () => closeIdle(),
    close: closeIdle,
    gatherMs,
  }
}

const isFresh = ({ untilMs }: Session) => performance.now() < untilMs

function close({ client }: Session): void {
  client.limit(closeMaxMs)
  client.close()
}

/** The statements were not looked at. */
class Refusal extends Error {}

/** The server has forgotten the connection, as it does when it starts anew. */
class Ended extends Refusal {}

function refusal(error: unknown, kept: boolean): Refusal | undefined {
  const expired = error instanceof LibsqlError && error.code === expiredCode
  const status = error instanceof HttpServerError ? error.status : 0
  const refused = status >= 400 && status < 500
  if (expired || (refused && kept)) return new Ended('The connection has ended.', { cause: error })
  if (!refused) return undefined
  const reason =
    status === 401 || status === 403
      ? 'The server does not accept DATABASE_AUTH_TOKEN.'
      : status === 404
        ? 'The server has no such database.'
        : `The server answers ${status}.`
  return new Refusal(reason, { cause: error })
}

function failureOf(error: unknown): Failure {
  if (error instanceof Ended) return 'again'
  if (error instanceof Refusal) return 'outage'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (againCodes.includes(code)) return 'again'
  if (outageCodes.includes(code) || code === blockedCode) return 'outage'
  return error instanceof LibsqlError && code.startsWith('SQL') ? 'fault' : 'unknown'
}
