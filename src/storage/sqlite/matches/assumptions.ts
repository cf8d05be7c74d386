import { foldRequestor } from '../../../domain/namespace.ts'

/** What a batch takes for granted of a namespace, and compares with the settings as it reads or writes. */
export type Assumed = { folded: boolean; slotsUsed: boolean }

const namespacesMax = 10_000

/** What was last seen of each namespace. */
export class Assumptions {
  readonly #seen = new Map<string, Assumed>()
  #watched = false

  /** Whether webhooks are told of stock, of any namespace. */
  get watched(): boolean {
    return this.#watched
  }

  of(namespace: string): Assumed {
    return this.#seen.get(namespace) ?? { folded: false, slotsUsed: false }
  }

  has(namespace: string): boolean {
    return this.#seen.has(namespace)
  }

  /** Returns whether any of them was otherwise. */
  correct(namespaces: ReadonlyMap<string, Assumed & { watched: boolean }>): boolean {
    if (this.#seen.size > namespacesMax) this.#seen.clear()
    let wrong = false
    for (const [namespace, { folded, slotsUsed, watched }] of namespaces) {
      const assumed = this.of(namespace)
      wrong ||= assumed.folded !== folded || assumed.slotsUsed !== slotsUsed
      wrong ||= this.#watched !== watched
      this.#seen.set(namespace, { folded, slotsUsed })
      this.#watched = watched
    }
    return wrong
  }

  /** The form in which a namespace compares a requestor. */
  compared(namespace: string, requestor: string): string {
    return this.of(namespace).folded ? foldRequestor(requestor) : requestor
  }
}
