import { type FieldError, invalidIn } from '../../domain/errors.ts'
import { isListText, type ListText, type NewItemList } from '../../domain/item.ts'
import { newItem } from '../../domain/rules.ts'
import type { Store } from '../../domain/store.ts'
import { limits } from '../../limits.ts'
import { itemIn } from './item-lists.ts'
import { CheckedList } from './stand-ins.ts'

const { itemsMax } = limits.lookups
const { fieldErrorsMax } = limits.http

type UncleanItem = { place: number; item: string }

/**
 * Throws `invalid` if the list `field` has items that break the rule for new items and are not stored. Those that are
 * stored, live or removed, come from an earlier version, and callers must be able to list them. Rows are never
 * deleted, so an item that is stored now still is when the change is made.
 */
export async function refuseUncleanItems(
  store: Pick<Store, 'storedItems'>,
  namespace: string,
  field: string,
  items: NewItemList,
): Promise<void> {
  const batches = isListText(items) ? uncleanIn(items) : uncleanBatches(items)
  const errors: FieldError[] = []
  for (const batch of batches) {
    const unclean: UncleanItem[] = typeof batch === 'string' ? JSON.parse(batch) : batch
    const asked = { namespace, items: [...new Set(unclean.map(({ item }) => item))] }
    const stored = new Set(await store.storedItems(asked))
    const fresh = unclean.filter(({ item }) => !stored.has(item))
    errors.push(...fresh.map(({ place }) => ({ pointer: `#/${field}/${place}`, detail })))
    if (errors.length >= fieldErrorsMax) break
  }
  if (errors.length === 0) return
  throw invalidIn(errors.slice(0, fieldErrorsMax))
}

/** The items that break the rule for new items, in batches that one read looks up. */
export function uncleanBatches(elements: readonly (string | { item: string })[]): UncleanItem[][] {
  const unclean = elements.flatMap((element, place) => {
    const item = itemIn(element)
    return clean.test(item) ? [] : { place, item }
  })
  return Array.from({ length: Math.ceil(unclean.length / itemsMax) }, (_, n) =>
    unclean.slice(n * itemsMax, (n + 1) * itemsMax),
  )
}

/** Those that the JSON worker found. */
const uncleanIn = (list: ListText) => (list instanceof CheckedList ? list.unclean : [])

const clean = new RegExp(newItem.pattern)
const detail = `must be a string ${newItem.description}`
