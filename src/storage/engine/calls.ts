import { ZaasError } from '../../domain/errors.ts'
import { deadlineClasses, type OperationName } from '../../domain/store.ts'
import { limits } from '../../limits.ts'

type PendingCall = {
  deadlineAtMs: number
  resolve: (value: never) => void
  reject: (error: unknown) => void
}

/** How long an operation may take. */
export const deadlineMs = (name: OperationName): number =>
  limits.operations.deadlineMs[deadlineClasses[name]]

/**
 * The calls of store operations that have not been answered: at most `limits.operations.waitingMax`, each with
 * a deadline. A call past its deadline is rejected, but counts until it is answered, since it takes memory
 * until then.
 */
export class Calls {
  readonly #pending = new Map<number, PendingCall>()
  readonly #overdueCheck: NodeJS.Timeout
  #lastId = 0

  constructor() {
    this.#overdueCheck = setInterval(() => this.#rejectOverdue(), limits.operations.overdueCheckMs)
  }

  /** Adds a call, which `resolve` or `reject` ends by its id. Throws `unavailable` when too many are pending. */
  begin<Outcome>(timeoutMs: number) {
    if (this.#pending.size >= limits.operations.waitingMax) {
      throw new ZaasError('unavailable', 'Too many requests are waiting.')
    }
    const { promise: outcome, resolve, reject } = Promise.withResolvers<Outcome>()
    const id = ++this.#lastId
    this.#pending.set(id, { deadlineAtMs: performance.now() + timeoutMs, resolve, reject })
    return { id, outcome, resolve, reject }
  }

  /** Runs an operation in this thread, as a call. */
  async within<Outcome>(timeoutMs: number, operate: () => Promise<Outcome>): Promise<Outcome> {
    const { id, outcome, resolve, reject } = this.begin<Outcome>(timeoutMs)
    void operate()
      .then(resolve, reject)
      .finally(() => this.#pending.delete(id))
    return outcome
  }

  /** `value` must be of the outcome type that the call began with, which is not known here. */
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
    for (const { deadlineAtMs, reject } of this.#pending.values()) {
      if (deadlineAtMs > nowMs) continue
      const detail = 'The database takes too long; a change may still be made.'
      reject(new ZaasError('unavailable', detail))
    }
  }
}
