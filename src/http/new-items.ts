import { type FieldError, ZaasError } from '../domain/errors.ts'
import { newItem } from '../domain/rules.ts'
import type { Store } from '../domain/store.ts'
import { limits } from '../limits.ts'

const { itemsMax } = limits.lookups
const { fieldErrorsMax } = limits.http

/**
 * Throws `invalid` if the list `field` has items that break the rule for new items and are not stored. Those that are
 * stored, live or removed, come from an earlier version, and callers must be able to list them. Rows are never
 * deleted, so an item that is stored now still is when the change is made.
 */
export async function refuseUncleanItems(
  store: Pick<Store, 'storedItems'>,
  namespace: string,
  field: string,
  items: readonly string[],
): Promise<void> {
  const places = items.flatMap((item, place) => (clean.test(item) ? [] : place))
  const errors: FieldError[] = []
  for (let n = 0; n < places.length && errors.length < fieldErrorsMax; n += itemsMax) {
    const unclean = places
      .slice(n, n + itemsMax)
      .map((place) => ({ place, item: String(items[place]) }))
    const asked = { namespace, items: [...new Set(unclean.map(({ item }) => item))] }
    const stored = new Set(await store.storedItems(asked))
    const fresh = unclean.filter(({ item }) => !stored.has(item))
    errors.push(...fresh.map(({ place }) => ({ pointer: `#/${field}/${place}`, detail })))
  }
  if (errors.length === 0) return
  throw new ZaasError('invalid', 'The request breaks a rule.', {
    errors: errors.slice(0, fieldErrorsMax),
  })
}

const clean = new RegExp(newItem.pattern)
const detail = `must be a string ${newItem.description}`
