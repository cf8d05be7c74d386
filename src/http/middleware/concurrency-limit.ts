import { ZaasError } from '../../domain/errors.ts'

/** Bounds how much of something is in use at once. */
export class ConcurrencyLimit {
  readonly #max: number
  readonly #refusal: string
  #used = 0

  /** `refusal` is what a caller is told past `max`. */
  constructor(max: number, refusal: string) {
    this.#max = max
    this.#refusal = refusal
  }

  get used(): number {
    return this.#used
  }

  /** Takes so much and returns what gives it back, once. Throws `unavailable` when there is not so much. */
  take(amount = 1): () => void {
    if (this.#used + amount > this.#max) throw new ZaasError('unavailable', this.#refusal)
    this.#used += amount
    let taken = amount
    return () => {
      this.#used -= taken
      taken = 0
    }
  }
}
