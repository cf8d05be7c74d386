import { yieldToEventLoop } from '../../event-loop.ts'
import { limits } from '../../limits.ts'
import { ZaasError } from '../errors.ts'

type Bounds = {
  /** Requests in a batch. */
  requestsMax: number
  /** Requests waiting for the next batch. */
  queueMax: number
  /** How long a request waits for its batch to start. */
  waitMs: number
  /** How long a batch lingers for more requests; 0 where a batch costs little beyond its requests. */
  lingerMaxMs: number
}

const { recentDurationsMax } = limits.batch

/**
 * Group commit: joins concurrent requests into batches. One batch runs at a time, and requests that arrive
 * meanwhile wait for the next one, which takes all of them. A lone request does not wait for others.
 *
 * Lingering (`lingerMaxMs` above 0) is for databases on which every batch is expensive, however small. A
 * batch lingers if the one before it had several requests, so that the callers who were just answered can
 * join. It lingers for the shortest of the recent batch durations (that of a batch that waited for no lock), at
 * most `lingerMaxMs`. In that time another process can commit, so that two that take turns wait less for each
 * other.
 *
 * `run` gets 1 to `requestsMax` requests and returns one result for each, in their order. When it throws,
 * the requests of that batch are rejected, and no others. `submit` throws `unavailable` while `queueMax`
 * requests are waiting, and rejects with it a request whose batch has not started within `waitMs`.
 */
export class Batcher<Request, Result> {
  readonly #run: (batch: Request[]) => Promise<Result[]>
  readonly #requestsMax: number
  readonly #queueMax: number
  readonly #waitMs: number
  readonly #lingerMaxMs: number
  #queue: QueuedRequest<Request, Result>[] = []
  #running = false
  #lingerUntilMs = 0
  /** Of batches of several requests. */
  #recentDurationsMs: number[] = []

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

  /** How many requests are waiting for the next batch. */
  get queueLength(): number {
    return this.#queue.length
  }

  submit(request: Request): Promise<Result> {
    if (this.#queue.length >= this.#queueMax) {
      throw new ZaasError('unavailable', 'Too many requests are waiting.')
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, queuedAtMs: performance.now(), resolve, reject })
      if (!this.#running) void this.#runBatches()
    })
  }

  async #runBatches(): Promise<void> {
    this.#running = true
    while (this.#queue.length > 0) {
      await this.#linger()
      this.#rejectOverdue()
      const batch = this.#queue.splice(0, this.#requestsMax)
      const startMs = performance.now()
      await this.#runBatch(batch)
      if (batch.length > 1) this.#planLinger(startMs)
    }
    this.#running = false
  }

  async #linger(): Promise<void> {
    const lingerMs = this.#lingerUntilMs - performance.now()
    if (lingerMs > 0 && this.#queue.length < this.#requestsMax) await Bun.sleep(lingerMs)
    // One turn of the event loop lets every request that has already arrived join the batch.
    else await yieldToEventLoop()
  }

  #rejectOverdue(): void {
    const queuedAtMinMs = performance.now() - this.#waitMs
    const firstInTime = this.#queue.findIndex(({ queuedAtMs }) => queuedAtMs >= queuedAtMinMs)
    const overdue = this.#queue.splice(0, firstInTime < 0 ? this.#queue.length : firstInTime)
    for (const { reject } of overdue) {
      reject(new ZaasError('unavailable', 'The request has waited for too long.'))
    }
  }

  async #runBatch(batch: QueuedRequest<Request, Result>[]): Promise<void> {
    if (batch.length === 0) return
    try {
      const results = await this.#run(batch.map(({ request }) => request))
      for (const [index, { resolve, reject }] of batch.entries()) {
        const result = results[index]
        if (result === undefined) reject(new Error('A batch left a request without a result.'))
        else resolve(result)
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  #planLinger(startMs: number): void {
    const nowMs = performance.now()
    const durationsMs = [...this.#recentDurationsMs, nowMs - startMs]
    this.#recentDurationsMs = durationsMs.slice(-recentDurationsMax)
    this.#lingerUntilMs = nowMs + Math.min(this.#lingerMaxMs, ...this.#recentDurationsMs)
  }
}

type QueuedRequest<Request, Result> = {
  request: Request
  queuedAtMs: number
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}
