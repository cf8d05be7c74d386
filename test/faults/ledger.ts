import type { MatchAnswer } from '../support/caller.ts'

export type Held = { item: string; matchedAt: string }

/**
 * What the callers of a namespace have been told, kept outside of the service, to hold later answers
 * and files against. A call that is not answered, or answered with `unavailable`, leaves open what it
 * did: so what it may change is forgotten before it is sent, and noted again by its answer.
 */
export class Ledger {
  /** Who was told to have which item. */
  readonly held = new Map<string, Held>()
  /** Who has asked for what, or lets something go, and does not know what came of it. */
  readonly unsettled = new Set<string>()
  /** Whether an item is live, for those that were added or removed one by one. */
  readonly live = new Map<string, boolean>()
  /** Where answers contradict each other. */
  readonly violations: string[] = []
  acknowledged = 0
  unavailable = 0
  slowestMs = 0
  readonly #holders = new Map<string, string>()
  /** The last change of each item that went out. */
  readonly #lastChanges = new Map<string, number>()
  #changes = 0

  /** The requestors whose names begin so. */
  named(start: string): string[] {
    const all = [...this.held.keys(), ...this.unsettled]
    return all.filter((requestor) => requestor.startsWith(start))
  }

  /** A match goes out. A requestor that has an item keeps it, whatever becomes of this call. */
  asks(requestor: string): void {
    if (!this.held.has(requestor)) this.unsettled.add(requestor)
  }

  /** A match was answered with 200. */
  told(
    requestor: string,
    { success, item = '', matchedAt = '', alreadyMatched }: MatchAnswer,
  ): void {
    this.acknowledged++
    this.unsettled.delete(requestor)
    const known = this.held.get(requestor)
    if (known && !(item === known.item && matchedAt === known.matchedAt && alreadyMatched)) {
      this.violations.push(`${requestor} has ${known.item} and was answered ${item || 'none'}`)
    }
    if (!success) return
    const holder = this.#holders.get(item)
    if (holder && holder !== requestor && this.held.get(holder)?.item === item) {
      this.violations.push(`${item} of ${holder} was given to ${requestor}`)
    }
    this.#holders.set(item, requestor)
    this.held.set(requestor, { item, matchedAt })
  }

  /** A change goes out that takes its item from a requestor. */
  letsGo(requestor: string): void {
    this.held.delete(requestor)
    this.unsettled.add(requestor)
  }

  /** That change was answered with 200. */
  hasLetGo(requestor: string): void {
    this.acknowledged++
    this.unsettled.delete(requestor)
  }

  /** A change goes out that adds or removes these items. Returns its number. */
  changes(items: readonly string[]): number {
    this.#changes++
    for (const item of items) {
      this.live.delete(item)
      this.#lastChanges.set(item, this.#changes)
    }
    return this.#changes
  }

  /** That change was answered with 200: late, where others may have got the item and changed it since. */
  changed(items: readonly string[], live: boolean, change: number): void {
    this.acknowledged++
    for (const item of items) {
      if (this.#lastChanges.get(item) === change) this.live.set(item, live)
    }
  }

  /** An answer that a caller should never get. */
  refuse(what: string): void {
    this.violations.push(what)
  }
}
