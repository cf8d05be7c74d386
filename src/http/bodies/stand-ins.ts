import type { FieldError } from '../../domain/errors.ts'
import type { ListText } from '../../domain/item.ts'

/**
 * Stands for a body in which the JSON worker found errors. As an array it fails the schema of every body, so that
 * the errors are answered in their turn, after those of path and query.
 */
export class RefusedBody extends Array<never> {
  readonly errors: readonly FieldError[]

  constructor(errors: readonly FieldError[]) {
    super()
    this.errors = errors
  }
}

/** The text of a list that the JSON worker has checked. To schemas it is an empty list. */
export class CheckedList extends Array<never> implements ListText {
  readonly json: string
  readonly count: number
  /** Batches of `uncleanBatches`, each as text. */
  readonly unclean: readonly string[]

  constructor({ json, count }: ListText, unclean: readonly string[] = []) {
    super()
    this.json = json
    this.count = count
    this.unclean = unclean
  }
}
