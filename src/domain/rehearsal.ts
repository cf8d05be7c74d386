import type { MoreOfItem } from './import.ts'
import { foldRequestor } from './namespace.ts'

type Line = { item: string; more?: MoreOfItem }

/**
 * What the lines before in a chunk of a dry run would have done, which the store does not know: which items came in by
 * them, and for whom.
 */
export class Rehearsal {
  readonly #holders = new Map<string, string | undefined>()
  readonly #items = new Map<string, string>()
  readonly #now: number
  #folded = false

  constructor(now: number) {
    this.#now = now
  }

  /** What a line comes to by the lines before; undefined where the store is to tell. */
  outcomeOf(line: Line): 'unchanged' | 'conflict' | undefined {
    const { item } = line
    const holder = this.#holderIn(line)
    if (holder !== undefined && (this.#items.get(holder) ?? item) !== item) return 'conflict'
    if (!this.#holders.has(item)) return undefined
    if (holder === undefined) return 'unchanged'
    const before = this.#holders.get(item)
    if (before === undefined) return undefined
    return before === holder ? 'unchanged' : 'conflict'
  }

  /** Takes down lines that could be used, and whether the namespace compares requestors folded. */
  note(lines: readonly Line[], folded: boolean): void {
    this.#folded = folded
    for (const line of lines) {
      const holder = this.#holderIn(line) ?? this.#holders.get(line.item)
      this.#holders.set(line.item, holder)
      if (holder !== undefined) this.#items.set(holder, line.item)
    }
  }

  /** The slot and the requestor; of a hold that has lapsed, nobody. */
  #holderIn({ more: { requestor, slot = '', heldUntil = Infinity } = {} }: Line) {
    if (requestor === undefined || heldUntil <= this.#now) return undefined
    return `${slot} ${this.#folded ? foldRequestor(requestor) : requestor}`
  }
}
