import { LibsqlError } from '@libsql/client'
import { HttpServerError } from '@libsql/hrana-client'
import { limits } from '../../../limits.ts'
import type { Connection, Failure } from '../../engine/connection.ts'
import { busyCodes, type SqliteClient, serverBusyCodes, unavailableCodes } from './client.ts'
import { addressOf, Redirected, type ServerAddress, ServerClient } from './server-client.ts'

/** The server was not reached, or it rolled back. */
const retryableCodes = [
  ...busyCodes,
  ...serverBusyCodes,
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]
const blockedCode = 'BLOCKED'
const streamExpiredCode = 'STREAM_EXPIRED'
/**
 * OpenSSL's names for a certificate that cannot be trusted, as `UNABLE_TO_VERIFY_LEAF_SIGNATURE`. A retry would find
 * the same one.
 */
const untrustedCode = /CERT|CRL|VERIFY_LEAF|INVALID_CA|HOSTNAME_MISMATCH/
/** In the message of sqld for a request that repeats an earlier one of its stream. */
const requestRepeated = 'already been used'

type PooledConnection = { client: ServerClient; used: boolean; closeAfterCall: boolean }

/** Throws for an invalid address. Whether a server is there shows with the first call. */
export const openServer = (address: string, authToken?: string): Connection<SqliteClient> =>
  new Server(addressOf(address, authToken))

/**
 * A libSQL server, by a small connection pool.
 *
 * - Each call has a connection to itself, and a time limit: without one, a frozen server would hang the caller
 *   forever. The server may carry out a write long after its caller has given up.
 * - A few connections are reused for two seconds, since the server takes longer to open one than to look
 *   something up. It holds on to a connection whose answer was lost for much longer, and can hold few: so
 *   none are reused for a while after that.
 * - sqld syncs on commit only if `durability_mode` is `strong`, which it forgets at a restart for the database
 *   named `default`.
 */
class Server implements Connection<SqliteClient> {
  /**
   * Every batch costs the server a millisecond or more of CPU, however small it is. One that has to wait for
   * the batch of another instance costs more: its view of the database is stale by then, so sqld starts it
   * again after a sleep of 1 ms, in which nobody can write. A server nearby takes 2 to 6 ms for a batch; the
   * limit keeps a distant one, which takes longer, from being slowed down further.
   */
  readonly lingerMaxMs = limits.server.lingerMs
  readonly failureOf = failureOf
  readonly trouble = () => undefined
  readonly #address: ServerAddress
  readonly #idle: PooledConnection[] = []
  #reusableCount = 0
  #reuseFromMs = 0

  constructor(address: ServerAddress) {
    this.#address = address
  }

  async run<Answer>(
    work: (client: SqliteClient) => Promise<Answer>,
    maxMs: number,
  ): Promise<Answer> {
    if (maxMs <= 0) throw new NotExecuted('The queue of changes is too slow.')
    const pooled = this.#idle.pop() ?? this.#open()
    pooled.client.limit(maxMs)
    try {
      const answer = await work(pooled.client)
      pooled.used = true
      if (pooled.closeAfterCall) this.#close(pooled)
      else this.#idle.push(pooled)
      return answer
    } catch (error) {
      this.#close(pooled)
      const reason = asNotExecuted(error, pooled.used) ?? error
      if (error instanceof Redirected) this.#reuseFromMs = Number.POSITIVE_INFINITY
      else if (failureOf(reason) === 'unknown') this.#pauseReuse()
      throw reason
    }
  }

  async reconnect(): Promise<void> {
    this.close()
  }

  /** Closes idle connections. One that is in use is closed when its age is reached, or on failure. */
  close(): void {
    for (const pooled of this.#idle.splice(0)) this.#close(pooled)
  }

  #open(): PooledConnection {
    const reusable =
      this.#reusableCount < limits.server.pooledConnectionsMax &&
      performance.now() >= this.#reuseFromMs
    const pooled = {
      client: new ServerClient(this.#address, reusable),
      used: false,
      closeAfterCall: !reusable,
    }
    if (reusable) {
      this.#reusableCount++
      setTimeout(() => this.#retire(pooled), limits.server.connectionAgeMs).unref()
    }
    return pooled
  }

  #retire(pooled: PooledConnection): void {
    pooled.closeAfterCall = true
    const index = this.#idle.indexOf(pooled)
    if (index < 0) return
    this.#idle.splice(index, 1)
    this.#close(pooled)
  }

  #close({ client }: PooledConnection): void {
    if (!client.reusable) return
    this.#reusableCount--
    client.limit(limits.server.closeMs)
    client.close()
  }

  #pauseReuse(): void {
    this.#reuseFromMs = Math.max(
      this.#reuseFromMs,
      performance.now() + limits.server.connectionAgeMs,
    )
  }
}

/** The statements were not executed. */
class NotExecuted extends Error {}

/** The server has forgotten the connection, as after a restart, or wants its requests at another address. */
class ConnectionEnded extends NotExecuted {}

/** The error to throw if the server rejected the request without executing it, else undefined. */
function asNotExecuted(error: unknown, used: boolean): NotExecuted | undefined {
  const expired = error instanceof LibsqlError && error.code === streamExpiredCode
  const status = error instanceof HttpServerError ? error.status : 0
  const rejected = status >= 400 && status < 500
  // A proxy has sent the request twice, and this answers the second: the first may have been executed.
  if (rejected && String(error).includes(requestRepeated)) return undefined
  if (expired || error instanceof Redirected || (rejected && used)) {
    return new ConnectionEnded('The connection has ended.', { cause: error })
  }
  if (untrustedCode.test(codeOf(error))) {
    return new NotExecuted('The certificate of the server cannot be trusted.', { cause: error })
  }
  if (!rejected) return undefined
  const reason =
    status === 401 || status === 403
      ? 'The server does not accept DATABASE_AUTH_TOKEN.'
      : status === 404
        ? 'The server has no such database.'
        : `The server answers ${status}.`
  return new NotExecuted(reason, { cause: error })
}

function failureOf(error: unknown): Failure {
  if (error instanceof ConnectionEnded) return 'retryable'
  if (error instanceof NotExecuted) return 'unavailable'
  const code = codeOf(error)
  if (retryableCodes.includes(code)) return 'retryable'
  if (unavailableCodes.includes(code) || code === blockedCode) return 'unavailable'
  return error instanceof LibsqlError && code.startsWith('SQL') ? 'invalid' : 'unknown'
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error ? String(error.code) : ''
