import { LibsqlError } from '@libsql/client'
import { expandConfig } from '@libsql/core/config'
import { encodeBaseUrl } from '@libsql/core/uri'
import {
  BatchCond,
  openHttp,
  ResponseError,
  type RowsResult,
  Stmt,
  type Stream,
} from '@libsql/hrana-client'
import type { BoundStatement, Result, SqliteClient } from './client.ts'

/** The server wants later calls of a connection at an address of its own; the call was not sent. */
export class Redirected extends Error {}

export type ServerAddress = { url: string; token: string | undefined }

/** Throws for an address that @libsql/client does not take. */
export function addressOf(address: string, authToken?: string): ServerAddress {
  const config = expandConfig({ url: address, ...(authToken && { authToken }) }, true)
  const { scheme, authority, path, tls } = config
  if ((scheme === 'https') !== tls) {
    throw new LibsqlError(`${scheme}: does not go with ?tls=${Number(tls)}`, 'URL_INVALID')
  }
  return { url: encodeBaseUrl(scheme, authority, path).href, token: config.authToken }
}

/**
 * A libSQL server, by the library that the client of @libsql/client uses, and as that does, except that a
 * connection there, a stream of the Hrana protocol, can serve more calls than one, one at a time. Calls
 * throw LibsqlError for what the server says of a statement, HttpServerError when it refuses the request, and
 * else Redirected or what `fetch` throws. `fetch` sends a POST once and no more, also when the connection that it was
 * sent on turns out to be cut.
 */
export class ServerClient implements SqliteClient {
  /** Whether a connection serves more calls than one. */
  readonly reusable: boolean
  readonly #open: () => Stream
  #stream: Stream | undefined
  #limit: AbortSignal | null = null

  /** One that is not `reusable` opens a connection for each call, and ends it in the same request. */
  constructor({ url, token }: ServerAddress, reusable: boolean) {
    this.reusable = reusable
    const { origin } = new URL(url)
    const limited = (request: Request) => {
      if (new URL(request.url).origin !== origin)
        throw new Redirected('It is to be asked elsewhere.')
      // Compressing its answers costs sqld more than to send them to a machine nearby.
      request.headers.set('accept-encoding', 'identity')
      return fetch(request, { signal: this.#limit })
    }
    this.#open = () => openHttp(url, token, limited).openStream()
  }

  /** Gives up what is called from now on once these milliseconds are over. */
  limit(maxMs: number): void {
    this.#limit = AbortSignal.timeout(maxMs)
  }

  execute(statement: BoundStatement): Promise<Result> {
    return this.#on((stream) => stream.query(hranaOf(statement)).then(resultOf))
  }

  /**
   * One statement is a transaction as it stands. By itself it costs the server less, and holds the write lock
   * for less time: it is compiled before it takes that.
   */
  async batch(statements: readonly BoundStatement[]): Promise<Result[]> {
    const [only, ...more] = statements
    if (only && more.length === 0) return [await this.execute(only)]
    return this.#on((stream) => transaction(stream, statements.map(hranaOf)))
  }

  /** Tells the server that it can close the connection. */
  close(): void {
    this.#stream?.close()
  }

  async #on<Answer>(call: (stream: Stream) => Promise<Answer>): Promise<Answer> {
    this.#stream ??= this.#open()
    const answer = call(this.#stream)
    if (!this.reusable) {
      this.#stream.closeGracefully()
      this.#stream = undefined
    }
    try {
      return await answer
    } catch (error) {
      if (!(error instanceof ResponseError) || error.code === undefined) throw error
      throw new LibsqlError(error.message, error.code, undefined, undefined, error)
    }
  }
}

async function transaction(stream: Stream, statements: readonly Stmt[]): Promise<Result[]> {
  const batch = stream.batch()
  let last = batch.step()
  const outcomes = [last.query('BEGIN IMMEDIATE')]
  for (const statement of [...statements, 'COMMIT']) {
    const step = batch.step().condition(BatchCond.ok(last))
    outcomes.push(step.query(statement))
    last = step
  }
  const undone = batch
    .step()
    .condition(BatchCond.not(BatchCond.ok(last)))
    .run('ROLLBACK')
  undone.catch(() => {})
  const [, ...answers] = await Promise.all([batch.execute(), ...outcomes])
  return answers.map(resultOf).slice(1, -1)
}

const hranaOf = ({ sql, args }: BoundStatement) => new Stmt(sql).bindIndexes(args)

/** A step that was skipped has no answer. */
function resultOf(answer: RowsResult | undefined): Result {
  if (!answer) throw new Error('The server says nothing of a statement.')
  const { rows, columnNames, affectedRowCount } = answer
  return { rows, rowsAffected: columnNames.length > 0 ? 0 : affectedRowCount }
}
