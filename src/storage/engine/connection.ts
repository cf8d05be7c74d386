/**
 * What a failed call means. `retryable`: nothing has changed, and another try may pass. `unavailable`: the
 * database cannot be used. `unknown`: no answer came, so a write may have been made, or may yet be.
 * `invalid`: the statement is to blame, and nothing has changed.
 */
export type Failure = 'retryable' | 'unavailable' | 'unknown' | 'invalid'

/** A driver's way to a database. `Client` is what its statements run on. */
export type Connection<Client> = {
  /** Makes one call, and gives it up after `maxMs` where nothing else bounds it. */
  run: <Answer>(call: (client: Client) => Promise<Answer>, maxMs: number) => Promise<Answer>
  failureOf: (error: unknown) => Failure
  /** To be called after each failure. */
  reconnect: (error: unknown) => Promise<void>
  close: () => void
  /** How long the next batch of matches may linger for more requests (`Batcher`). */
  lingerMaxMs: number
}
