import { ZaasError } from '../../domain/errors.ts'

/** `shareMax` is the part of `max` that one namespace may use, so that it cannot starve the others. */
type Bounds = { max: number; shareMax: number }

/** Limits how much of something (requests, bytes) is in use at once, in total and by each namespace. */
export class ConcurrencyLimit {
  readonly #bounds: Bounds
  readonly #refusal: string
  readonly #shares = new Map<string, number>()
  #used = 0

  /** `refusal` tells a caller that a bound is reached. */
  constructor(bounds: Bounds, refusal: string) {
    this.#bounds = bounds
    this.#refusal = refusal
  }

  get used(): number {
    return this.#used
  }

  /**
   * Takes an amount for a namespace, and returns a function that releases it, once. Throws `unavailable` if it
   * does not fit.
   */
  take(namespace: string, amount = 1): () => void {
    const { max, shareMax } = this.#bounds
    const share = (this.#shares.get(namespace) ?? 0) + amount
    if (this.#used + amount > max || share > shareMax)
      throw new ZaasError('unavailable', this.#refusal)
    this.#used += amount
    this.#shares.set(namespace, share)
    let taken = amount
    return () => {
      this.#giveBack(namespace, taken)
      taken = 0
    }
  }

  #giveBack(namespace: string, amount: number): void {
    this.#used -= amount
    const share = (this.#shares.get(namespace) ?? 0) - amount
    if (share > 0) this.#shares.set(namespace, share)
    else this.#shares.delete(namespace)
  }
}
