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

/** The server wants later requests of a stream sent to another address. The request was not sent. */
export class Redirected extends Error {}

export type ServerAddress = { url: string; token: string | undefined }

/** Parses an address as @libsql/client does, and throws where that does. */
export function addressOf(address: string, authToken?: string): ServerAddress {
  const config = expandConfig({ url: address, ...(authToken && { authToken }) }, true)
  const { scheme, authority, path, tls } = config
  if ((scheme === 'https') !== tls) {
    throw new LibsqlError(`${scheme}: does not go with ?tls=${Number(tls)}`, 'URL_INVALID')
  }
  return { url: encodeBaseUrl(scheme, authority, path).href, token: config.authToken }
}

/**
 * One connection (a stream of the Hrana protocol) to a libSQL server. Does what @libsql/client does with the
 * same library, except that a stream can serve several calls, one at a time. Calls throw LibsqlError for what
 * the server says of a statement, HttpServerError when it rejects the request, Redirected, or what `fetch`
 * throws. `fetch` never sends a POST twice, not even when the HTTP connection turns out to be cut.
 */
export class ServerClient implements SqliteClient {
  /** Whether the stream serves more than one call. */
  readonly reusable: boolean
  readonly #open: () => Stream
  #stream: Stream | undefined
  #limit: AbortSignal | null = null

  /** Unless `reusable`, each call opens a stream, and closes it in the same request. */
  constructor({ url, token }: ServerAddress, reusable: boolean) {
    this.reusable = reusable
    const { origin } = new URL(url)
    const boundedFetch = (request: Request) => {
      if (new URL(request.url).origin !== origin)
        throw new Redirected('The server redirects the stream to another address.')
      // To compress an answer costs sqld more than to send it to a machine nearby.
      request.headers.set('accept-encoding', 'identity')
      return fetch(request, { signal: this.#limit })
    }
    this.#open = () => openHttp(url, token, boundedFetch).openStream()
  }

  /** Aborts later calls once `maxMs` from now are over. */
  limit(maxMs: number): void {
    this.#limit = AbortSignal.timeout(maxMs)
  }

  execute(statement: BoundStatement): Promise<Result> {
    return this.#withStream((stream) => stream.query(toHrana(statement)).then(toResult))
  }

  /**
   * A single statement is a transaction by itself. Without BEGIN and COMMIT it costs the server less, and holds
   * the write lock for less time, since it is compiled before it takes the lock.
   */
  async batch(statements: readonly BoundStatement[]): Promise<Result[]> {
    const [only, ...more] = statements
    if (only && more.length === 0) return [await this.execute(only)]
    return this.#withStream((stream) => runTransaction(stream, statements.map(toHrana), 'COMMIT'))
  }

  rehearse(statements: readonly BoundStatement[]): Promise<Result[]> {
    return this.#withStream((stream) => runTransaction(stream, statements.map(toHrana), 'ROLLBACK'))
  }

  /** Tells the server that it can close the stream. */
  close(): void {
    this.#stream?.close()
  }

  async #withStream<Answer>(call: (stream: Stream) => Promise<Answer>): Promise<Answer> {
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

async function runTransaction(
  stream: Stream,
  statements: readonly Stmt[],
  end: 'COMMIT' | 'ROLLBACK',
): Promise<Result[]> {
  const batch = stream.batch()
  let previous = batch.step()
  const answers = [previous.query('BEGIN IMMEDIATE')]
  for (const statement of [...statements, end]) {
    const step = batch.step().condition(BatchCond.ok(previous))
    answers.push(step.query(statement))
    previous = step
  }
  const rollback = batch
    .step()
    .condition(BatchCond.not(BatchCond.ok(previous)))
    .run('ROLLBACK')
  rollback.catch(() => {})
  const [, ...results] = await Promise.all([batch.execute(), ...answers])
  return results.map(toResult).slice(1, -1)
}

const toHrana = ({ sql, args }: BoundStatement) => new Stmt(sql).bindIndexes(args)

/** `answer` is undefined for a step that was skipped. */
function toResult(answer: RowsResult | undefined): Result {
  if (!answer) throw new Error('The server returned no result for a statement.')
  const { rows, columnNames, affectedRowCount } = answer
  return { rows, rowsAffected: columnNames.length > 0 ? 0 : affectedRowCount }
}
