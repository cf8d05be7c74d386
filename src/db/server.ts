import { LibsqlError } from '@libsql/client'
import { HttpServerError } from '@libsql/hrana-client'
import { busyCodes, type Call, type Connection, type Failure, outageCodes } from './connection.ts'
import { addressOf, Moved, type ServerAddress, ServerClient } from './server-client.ts'

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
const sentTwice = 'already been used'
/**
 * A batch costs a server a millisecond or more of its CPU, however small it is. And one that waits for another
 * instance's costs more: by then what it has seen of the database is old, so that sqld begins it again after
 * a sleep of 1 ms, while nobody else may write. A server nearby takes 2 to 6 ms for a batch; one that takes
 * longer, as over a long way, is not made slower still.
 */
const gatherMaxMs = 8

/** Well before the server ends a connection that is idle; its durability_mode holds for new ones. */
const keptMaxMs = 2_000
const keptMax = 4
const closeMaxMs = 1_000

type Session = { client: ServerClient; used: boolean; over: boolean }

/** Throws for an address that makes no sense; whether there is a server shows with the first call. */
export const openServer = (address: string, authToken?: string): Connection =>
  new Server(addressOf(address, authToken))

/**
 * A libSQL server. Each call has a connection to itself, and a time limit: without one, a frozen server
 * would hang the caller for ever. A few connections serve one call after another for two seconds, since to
 * open one takes the server longer than to look up what is asked for. The server keeps one whose answer
 * was lost for much longer, and it has few, so none are kept for a while after that.
 */
class Server implements Connection {
  readonly gatherMaxMs = gatherMaxMs
  readonly failureOf = failureOf
  readonly #address: ServerAddress
  readonly #idle: Session[] = []
  #kept = 0
  #keepsFromMs = 0

  constructor(address: ServerAddress) {
    this.#address = address
  }

  async run<Result>(call: Call<Result>, maxMs: number): Promise<Result> {
    if (maxMs <= 0) throw new Refusal('The queue of changes is too slow.')
    const session = this.#idle.pop() ?? this.#open()
    session.client.limit(maxMs)
    try {
      const result = await call(session.client)
      session.used = true
      if (session.over) this.#close(session)
      else this.#idle.push(session)
      return result
    } catch (error) {
      this.#close(session)
      const reason = refusal(error, session.used) ?? error
      if (error instanceof Moved) this.#keepsFromMs = Number.POSITIVE_INFINITY
      else if (failureOf(reason) === 'unknown') this.#keepNoneForAWhile()
      throw reason
    }
  }

  async renew(): Promise<void> {
    this.close()
  }

  /** Those that are in use are closed soon after their call. */
  close(): void {
    for (const session of this.#idle.splice(0)) this.#close(session)
  }

  #open(): Session {
    const keeps = this.#kept < keptMax && performance.now() >= this.#keepsFromMs
    const session = {
      client: new ServerClient(this.#address, keeps),
      used: false,
      over: !keeps,
    }
    if (keeps) {
      this.#kept++
      setTimeout(() => this.#retire(session), keptMaxMs).unref()
    }
    return session
  }

  #retire(session: Session): void {
    session.over = true
    const at = this.#idle.indexOf(session)
    if (at < 0) return
    this.#idle.splice(at, 1)
    this.#close(session)
  }

  #close({ client }: Session): void {
    if (!client.keeps) return
    this.#kept--
    client.limit(closeMaxMs)
    client.close()
  }

  #keepNoneForAWhile(): void {
    this.#keepsFromMs = Math.max(this.#keepsFromMs, performance.now() + keptMaxMs)
  }
}

/** The statements were not looked at. */
class Refusal extends Error {}

/** The server has forgotten the connection, as it does when it starts anew, or wants it elsewhere. */
class Ended extends Refusal {}

function refusal(error: unknown, used: boolean): Refusal | undefined {
  const expired = error instanceof LibsqlError && error.code === expiredCode
  const status = error instanceof HttpServerError ? error.status : 0
  const refused = status >= 400 && status < 500
  // Somebody on the way has sent the call twice, and this is the answer to the second.
  if (refused && String(error).includes(sentTwice)) return undefined
  if (expired || error instanceof Moved || (refused && used)) {
    return new Ended('The connection has ended.', { cause: error })
  }
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
