import type { MatchAnswer } from '../support/caller.ts'
import { Ledger } from './ledger.ts'

type Note = { at: number; play: (ledger: Ledger) => void }

/** A ledger that remembers when it was told what, to be told again as far as a moment. */
export class Tape extends Ledger {
  /** In order; `at` is Unix time in milliseconds, and never too early. */
  readonly notes: Note[] = []

  override asks(requestor: string): void {
    super.asks(requestor)
    this.#note((ledger) => ledger.asks(requestor))
  }

  override told(requestor: string, answer: MatchAnswer): void {
    super.told(requestor, answer)
    this.#note((ledger) => ledger.told(requestor, answer))
  }

  override letsGo(requestor: string): void {
    super.letsGo(requestor)
    this.#note((ledger) => ledger.letsGo(requestor))
  }

  override hasLetGo(requestor: string): void {
    super.hasLetGo(requestor)
    this.#note((ledger) => ledger.hasLetGo(requestor))
  }

  override changes(items: readonly string[]): number {
    this.#note((ledger) => ledger.changes(items))
    return super.changes(items)
  }

  override changed(items: readonly string[], live: boolean, change: number): void {
    super.changed(items, live, change)
    this.#note((ledger) => ledger.changed(items, live, change))
  }

  #note(play: Note['play']): void {
    this.notes.push({ at: Date.now() + 1, play })
  }
}
