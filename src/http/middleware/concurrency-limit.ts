import { ZaasError } from '../../domain/errors.ts'

/** Limits how much of something (requests, bytes) is in use at once. */
export class ConcurrencyLimit {
  readonly #max: number
  readonly #refusal: string
  #used = 0

  /** `refusal` tells a caller that `max` is reached. */
  constructor(max: number, refusal: string) {
    this.#max = max
    this.#refusal = refusal
  }

  get used(): number {
    return this.#used
  }

  /** Takes an amount, and returns a function that releases it, once. Throws `unavailable` if it does not fit. */
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
