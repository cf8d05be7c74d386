import { ZaasError } from './errors.ts'

type Waiting<Request, Result> = {
  request: Request
  sinceMs: number
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}

type Limits = { batchSizeMax: number; queueLengthMax: number; waitMaxMs: number }

/**
 * Joins concurrent requests into batches: one batch runs at a time, and whatever arrived meanwhile is
 * the next one. There is no timer; a lone request waits for no other.
 *
 * `run` answers a batch of 1 to `batchSizeMax` requests with one result each, in their order. When it
 * throws, only that batch is rejected. Past `queueLengthMax` waiting requests, `submit` throws
 * `unavailable` at once; so is rejected what has waited for longer than `waitMaxMs`.
 */
export class GroupCommit<Request, Result> {
  readonly #run: (batch: Request[]) => Promise<Result[]>
  readonly #batchSizeMax: number
  readonly #queueLengthMax: number
  readonly #waitMaxMs: number
  #queue: Waiting<Request, Result>[] = []
  #running = false

  constructor(
    run: (batch: Request[]) => Promise<Result[]>,
    { batchSizeMax, queueLengthMax, waitMaxMs }: Limits,
  ) {
    this.#run = run
    this.#batchSizeMax = batchSizeMax
    this.#queueLengthMax = queueLengthMax
    this.#waitMaxMs = waitMaxMs
  }

  /** How many requests wait for the next batch. */
  get queueLength(): number {
    return this.#queue.length
  }

  submit(request: Request): Promise<Result> {
    if (this.#queue.length >= this.#queueLengthMax) {
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
      // One turn of the event loop lets every request that has already arrived join the batch.
      await new Promise(setImmediate)
      this.#rejectOverdue()
      await this.#settle(this.#queue.splice(0, this.#batchSizeMax))
    }
    this.#running = false
  }

  #rejectOverdue(): void {
    const oldestMs = performance.now() - this.#waitMaxMs
    const kept = this.#queue.findIndex(({ sinceMs }) => sinceMs >= oldestMs)
    const overdue = this.#queue.splice(0, kept < 0 ? this.#queue.length : kept)
    for (const { reject } of overdue) {
      reject(new ZaasError('unavailable', 'The request has waited for too long.'))
    }
  }

  async #settle(batch: Waiting<Request, Result>[]): Promise<void> {
    if (batch.length === 0) return
    try {
      const results = await this.#run(batch.map(({ request }) => request))
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
