import { LibsqlError } from '@libsql/client'
import { HttpServerError } from '@libsql/hrana-client'
import { limits } from '../../../limits.ts'
import type { Connection, Failure } from '../../engine/connection.ts'
import { busyCodes, type SqliteClient, unavailableCodes } from './client.ts'
import { addressOf, Redirected, type ServerAddress, ServerClient } from './server-client.ts'

/** The server was not reached, or it took back what it had begun. */
const retryableCodes = [
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

type PooledConnection = { client: ServerClient; used: boolean; over: boolean }

/** Throws for an address that makes no sense; whether there is a server shows with the first call. */
export const openServer = (address: string, authToken?: string): Connection<SqliteClient> =>
  new Server(addressOf(address, authToken))

/**
 * A libSQL server. Each call has a connection to itself, and a time limit: without one, a frozen server
 * would hang the caller for ever. A few connections serve one call after another for two seconds, since to
 * open one takes the server longer than to look up what is asked for. The server keeps one whose answer
 * was lost for much longer, and it has few, so none are kept for a while after that.
 */
class Server implements Connection<SqliteClient> {
  /**
   * A batch costs a server a millisecond or more of its CPU, however small it is. And one that waits for another
   * instance's costs more: by then what it has seen of the database is old, so that sqld begins it again after
   * a sleep of 1 ms, while nobody else may write. A server nearby takes 2 to 6 ms for a batch; one that takes
   * longer, as over a long way, is not made slower still.
   */
  readonly lingerMaxMs = limits.server.lingerMs
  readonly failureOf = failureOf
  readonly #address: ServerAddress
  readonly #idle: PooledConnection[] = []
  #kept = 0
  #reuseFromMs = 0

  constructor(address: ServerAddress) {
    this.#address = address
  }

  async run<Answer>(
    call: (client: SqliteClient) => Promise<Answer>,
    maxMs: number,
  ): Promise<Answer> {
    if (maxMs <= 0) throw new Refused('The queue of changes is too slow.')
    const pooled = this.#idle.pop() ?? this.#open()
    pooled.client.limit(maxMs)
    try {
      const result = await call(pooled.client)
      pooled.used = true
      if (pooled.over) this.#close(pooled)
      else this.#idle.push(pooled)
      return result
    } catch (error) {
      this.#close(pooled)
      const reason = refusal(error, pooled.used) ?? error
      if (error instanceof Redirected) this.#reuseFromMs = Number.POSITIVE_INFINITY
      else if (failureOf(reason) === 'unknown') this.#reuseNoneForAWhile()
      throw reason
    }
  }

  async reconnect(): Promise<void> {
    this.close()
  }

  /** Those that are in use are closed soon after their call. */
  close(): void {
    for (const pooled of this.#idle.splice(0)) this.#close(pooled)
  }

  #open(): PooledConnection {
    const reusable =
      this.#kept < limits.server.connectionsKept && performance.now() >= this.#reuseFromMs
    const pooled = {
      client: new ServerClient(this.#address, reusable),
      used: false,
      over: !reusable,
    }
    if (reusable) {
      this.#kept++
      setTimeout(() => this.#retire(pooled), limits.server.connectionAgeMs).unref()
    }
    return pooled
  }

  #retire(pooled: PooledConnection): void {
    pooled.over = true
    const at = this.#idle.indexOf(pooled)
    if (at < 0) return
    this.#idle.splice(at, 1)
    this.#close(pooled)
  }

  #close({ client }: PooledConnection): void {
    if (!client.reusable) return
    this.#kept--
    client.limit(limits.server.closeMs)
    client.close()
  }

  #reuseNoneForAWhile(): void {
    this.#reuseFromMs = Math.max(
      this.#reuseFromMs,
      performance.now() + limits.server.connectionAgeMs,
    )
  }
}

/** The statements were not looked at. */
class Refused extends Error {}

/** The server has forgotten the connection, as it does when it starts anew, or wants it elsewhere. */
class Ended extends Refused {}

function refusal(error: unknown, used: boolean): Refused | undefined {
  const expired = error instanceof LibsqlError && error.code === expiredCode
  const status = error instanceof HttpServerError ? error.status : 0
  const refused = status >= 400 && status < 500
  // Somebody on the way has sent the call twice, and this is the answer to the second.
  if (refused && String(error).includes(sentTwice)) return undefined
  if (expired || error instanceof Redirected || (refused && used)) {
    return new Ended('The connection has ended.', { cause: error })
  }
  if (!refused) return undefined
  const reason =
    status === 401 || status === 403
      ? 'The server does not accept DATABASE_AUTH_TOKEN.'
      : status === 404
        ? 'The server has no such database.'
        : `The server answers ${status}.`
  return new Refused(reason, { cause: error })
}

function failureOf(error: unknown): Failure {
  if (error instanceof Ended) return 'retryable'
  if (error instanceof Refused) return 'unavailable'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (retryableCodes.includes(code)) return 'retryable'
  if (unavailableCodes.includes(code) || code === blockedCode) return 'unavailable'
  return error instanceof LibsqlError && code.startsWith('SQL') ? 'invalid' : 'unknown'
}
