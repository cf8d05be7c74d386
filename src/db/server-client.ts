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
import type { BoundStatement, Client, Result } from './connection.ts'

/**
 * A connection to a libSQL server: a stream of the Hrana protocol. Does what the client of @libsql/client
 * does, by the same library, except that it serves any number of calls, one at a time, where that client
 * has the server open a connection for each. Calls throw LibsqlError for what the server says of a
 * statement, HttpServerError when it refuses the request, and else what `fetch` throws. That sends a POST once
 * and no more, also when the connection that it was sent on turns out to be cut.
 */
export class ServerClient implements Client {
  readonly #stream: Stream
  #limit: AbortSignal | null = null

  constructor(address: string, token?: string) {
    const config = { url: address, ...(token && { authToken: token }) }
    const { scheme, authority, path, authToken } = expandConfig(config, true)
    const url = encodeBaseUrl(scheme, authority, path)
    const limited = (request: Request) => fetch(request, { signal: this.#limit })
    this.#stream = openHttp(url, authToken, limited).openStream()
  }

  /** Gives up what is called from now on once these milliseconds are over. */
  limit(maxMs: number): void {
    this.#limit = AbortSignal.timeout(maxMs)
  }

  execute(statement: BoundStatement): Promise<Result> {
    return this.#stream.query(hranaOf(statement)).then(resultOf).catch(fail)
  }

  batch(statements: readonly BoundStatement[]): Promise<Result[]> {
    return this.#transaction(statements.map(hranaOf)).catch(fail)
  }

  /** Tells the server that it can close the connection. */
  close(): void {
    this.#stream.close()
  }

  async #transaction(statements: readonly Stmt[]): Promise<Result[]> {
    const batch = this.#stream.batch()
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
}

const hranaOf = ({ sql, args }: BoundStatement) => new Stmt(sql).bindIndexes(args)

function resultOf(answer: RowsResult | undefined): Result {
  if (!answer) throw new Error('The server says nothing of a statement.')
  const { rows, columnNames, affectedRowCount } = answer
  return { rows, rowsAffected: columnNames.length > 0 ? 0 : affectedRowCount }
}

function fail(error: unknown): never {
  if (!(error instanceof ResponseError) || error.code === undefined) throw error
  throw new LibsqlError(error.message, error.code, undefined, undefined, error)
}
