import { ZaasError } from '../../domain/errors.ts'
import { deadlineClasses, type OperationName } from '../../domain/store.ts'
import { limits } from '../../limits.ts'

type PendingCall = {
  untilMs: number
  resolve: (value: never) => void
  reject: (error: unknown) => void
}

/** How long an operation may take. */
export const deadlineMs = (name: OperationName): number =>
  limits.operations.deadlineMs[deadlineClasses[name]]

/**
 * The calls of operations that are not answered yet: at most `limits.operations.waitingMax`, each within its
 * deadline. One that is overdue is rejected, but counts until it is answered: until then it is in memory.
 */
export class Calls {
  readonly #pending = new Map<number, PendingCall>()
  readonly #overdueCheck: NodeJS.Timeout
  #lastId = 0

  constructor() {
    this.#overdueCheck = setInterval(() => this.#rejectOverdue(), limits.operations.overdueCheckMs)
  }

  /** Begins a call of at most `maxMs`, to be ended with its id. Throws `unavailable` when too many wait. */
  begin<Outcome>(maxMs: number) {
    if (this.#pending.size >= limits.operations.waitingMax) {
      throw new ZaasError('unavailable', 'Too many requests are waiting.')
    }
    const { promise: outcome, resolve, reject } = Promise.withResolvers<Outcome>()
    const id = ++this.#lastId
    this.#pending.set(id, { untilMs: performance.now() + maxMs, resolve, reject })
    return { id, outcome, resolve, reject }
  }

  /** Runs an operation of this thread as a call. */
  async within<Outcome>(maxMs: number, operate: () => Promise<Outcome>): Promise<Outcome> {
    const { id, outcome, resolve, reject } = this.begin<Outcome>(maxMs)
    void operate()
      .then(resolve, reject)
      .finally(() => this.#pending.delete(id))
    return outcome
  }

  /** The type of `value` is not known here: it is what the operation of this call returned. */
  resolve(id: number, value: never): void {
    this.#end(id)?.resolve(value)
  }

  reject(id: number, error: unknown): void {
    this.#end(id)?.reject(error)
  }

  close(): void {
    clearInterval(this.#overdueCheck)
  }

  #end(id: number): PendingCall | undefined {
    const call = this.#pending.get(id)
    this.#pending.delete(id)
    return call
  }

  #rejectOverdue(): void {
    const nowMs = performance.now()
    for (const { untilMs, reject } of this.#pending.values()) {
      if (untilMs > nowMs) continue
      const detail = 'The database takes too long; a change may still be made.'
      reject(new ZaasError('unavailable', detail))
    }
  }
}
