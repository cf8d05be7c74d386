import { limits } from '../limits.ts'
import { ZaasError } from './errors.ts'

type PendingRequest<Request, Result> = {
  request: Request
  sinceMs: number
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}

type Bounds = {
  /** Of one batch. */
  requestsMax: number
  /** Of those that wait. */
  queueMax: number
  /** How long a request waits for its batch to begin. */
  waitMs: number
  /** How long a batch may linger for more requests, where it is the batch that costs. */
  lingerMaxMs: number
}

const { splitFrom, durationsKept } = limits.batch

/**
 * Joins concurrent requests into batches: one batch runs at a time, and what arrived meanwhile waits for
 * the next. A lone request waits for no other.
 *
 * Callers who ask again once they are answered would all be in one batch, and answering them and
 * committing for them would take turns, each idle while the other works. So a batch takes half of those
 * who wait or were just answered, and the others are answered, and ask again, while it is committed.
 * From as many as arrive at a steady rate, whoever they are, it takes all.
 *
 * Where it is the batch that costs, and not its requests, `lingerMaxMs` is above 0. A batch takes all then, and
 * begins later after one of several: by as long as the quickest of the last ones took, which waited for
 * nothing, but by no more than `lingerMaxMs`. So those who were just answered can join it, and another
 * process can have its own made meanwhile: two that take turns wait for each other less.
 *
 * `run` answers a batch of 1 to `requestsMax` requests with one result each, in their order. When it
 * throws, only that batch is rejected. Past `queueMax` waiting requests, `submit` throws
 * `unavailable` at once; so is rejected what has waited for longer than `waitMs`.
 */
export class Batcher<Request, Result> {
  readonly #run: (batch: Request[]) => Promise<Result[]>
  readonly #requestsMax: number
  readonly #queueMax: number
  readonly #waitMs: number
  readonly #lingerMaxMs: number
  #queue: PendingRequest<Request, Result>[] = []
  #running = false
  #lingerUntilMs = 0
  /** Of the last batches of several. */
  #durationsMs: number[] = []
  /** Those who waited or were in the batch as it ended; 0 after a rest. */
  #callers = 0

  constructor(
    run: (batch: Request[]) => Promise<Result[]>,
    { requestsMax, queueMax, waitMs, lingerMaxMs }: Bounds,
  ) {
    this.#run = run
    this.#requestsMax = requestsMax
    this.#queueMax = queueMax
    this.#waitMs = waitMs
    this.#lingerMaxMs = lingerMaxMs
  }

  /** How many requests wait for the next batch. */
  get queueLength(): number {
    return this.#queue.length
  }

  submit(request: Request): Promise<Result> {
    if (this.#queue.length >= this.#queueMax) {
      throw new ZaasError('unavailable', 'Too many requests are waiting.')
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, sinceMs: performance.now(), resolve, reject })
      if (!this.#running) void this.#drain()
    })
  }

  async #drain(): Promise<void> {
    this.#running = true
    while (this.#queue.length > 0) {
      await this.#linger()
      this.#rejectOverdue()
      const batch = this.#queue.splice(0, this.#nextSize())
      const begunMs = performance.now()
      await this.#answer(batch)
      if (batch.length > 1) this.#planPause(begunMs)
    }
    this.#callers = 0
    this.#running = false
  }

  #nextSize(): number {
    const callers = Math.max(this.#callers, this.#queue.length)
    const whole = this.#lingerMaxMs > 0 || callers < splitFrom
    return Math.min(this.#requestsMax, whole ? callers : Math.ceil(callers / 2))
  }

  #planPause(begunMs: number): void {
    const nowMs = performance.now()
    this.#durationsMs = [...this.#durationsMs, nowMs - begunMs].slice(-durationsKept)
    this.#lingerUntilMs = nowMs + Math.min(this.#lingerMaxMs, ...this.#durationsMs)
  }

  async #linger(): Promise<void> {
    const leftMs = this.#lingerUntilMs - performance.now()
    if (leftMs > 0 && this.#queue.length < this.#requestsMax) await Bun.sleep(leftMs)
    // One turn of the event loop lets every request that has already arrived join the batch.
    else await new Promise(setImmediate)
  }

  #rejectOverdue(): void {
    const oldestMs = performance.now() - this.#waitMs
    const kept = this.#queue.findIndex(({ sinceMs }) => sinceMs >= oldestMs)
    const overdue = this.#queue.splice(0, kept < 0 ? this.#queue.length : kept)
    for (const { reject } of overdue) {
      reject(new ZaasError('unavailable', 'The request has waited for too long.'))
    }
  }

  async #answer(batch: PendingRequest<Request, Result>[]): Promise<void> {
    if (batch.length === 0) return
    try {
      const results = await this.#run(batch.map(({ request }) => request))
      this.#callers = this.#queue.length + batch.length
      for (const [n, { resolve, reject }] of batch.entries()) {
        const result = results[n]
        if (result === undefined) reject(new Error('A batch left a request without a result.'))
        else resolve(result)
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}
