/**
 * What the failure of a read or write means. `retryable`: nothing has changed, and a retry may succeed.
 * `unavailable`: the database cannot be used. `unknown`: no answer came, so a write may have been made, or may
 * yet be. `invalid`: the statement is at fault, and nothing has changed.
 */
export type Failure = 'retryable' | 'unavailable' | 'unknown' | 'invalid'

/** What a driver offers: one way to a database. `Client` is what runs its statements. */
export type Connection<Client> = {
  /** Runs a read or write, and gives it up after `maxMs` unless something else bounds its time. */
  run: <Answer>(work: (client: Client) => Promise<Answer>, maxMs: number) => Promise<Answer>
  failureOf: (error: unknown) => Failure
  /** To be called after each failure, before the next `run`. */
  reconnect: (error: unknown) => Promise<void>
  close: () => void | Promise<void>
  /** Why the database cannot be used, as far as the driver can tell without asking it; else undefined. */
  trouble: () => string | undefined
  /** How long a batch of matches may linger for more requests: see `Batcher`. */
  lingerMaxMs: number
}
