// The lists of items in the bodies of PATCH and PUT, as the store takes them.

import { type FieldError, invalid, invalidIn } from '../../domain/errors.ts'
import {
  type ItemList,
  type ItemObject,
  isListText,
  type ListText,
  type NewItemList,
  type ReleaseList,
} from '../../domain/item.ts'
import { limits } from '../../limits.ts'
import { timeFault, timeOf } from '../times.ts'
import type { ChangedItemJson, NewItemJson, ReleaseJson } from './item-schemas.ts'

/** A list that is text was read by the JSON worker, and stays as it is. */
type Sent<Element> = readonly Element[] | ListText
type SentChanges = {
  add?: Sent<string | NewItemJson>
  remove?: Sent<string>
  release?: Sent<string | ReleaseJson>
  set?: Sent<ChangedItemJson>
}
type ChangeLists = { add: NewItemList; remove: ItemList; release: ReleaseList; set: NewItemList }

/**
 * Throws `invalid` for an item in two of the lists, for elements of one list that want different things of an item,
 * and for an expiry that does not exist or has passed.
 */
export function readChanges(
  { add = [], remove = [], release = [], set = [] }: SentChanges,
  now: number,
): ChangeLists {
  assertDisjoint({ add, remove, release, set })
  refuseDiffering('release', release, sameRequestor)
  return {
    add: isListText(add) ? add : readNewItems('add', add, now),
    remove,
    release,
    set: isListText(set) ? set : readNewItems('set', set, now),
  }
}

/** Throws `invalid` for elements that want different things of an item, and for such an expiry. */
export const readItems = (
  { items }: { items: Sent<string | NewItemJson> },
  now: number,
): { items: NewItemList } => ({
  items: isListText(items) ? items : readNewItems('items', items, now),
})

/** The item of an element of any list. */
export const itemIn = (element: string | { item: string }) =>
  typeof element === 'string' ? element : element.item

/** The elements with different items. Of those with the same one, which `readChanges` and `readItems` compare, the first. */
export function distinct<Element extends string | { item: string }>(
  elements: readonly Element[],
): Element[] {
  const found = new Map<string, Element>()
  for (const element of elements) {
    const item = itemIn(element)
    if (!found.has(item)) found.set(item, element)
  }
  return [...found.values()]
}

function assertDisjoint(lists: Record<string, Sent<string | { item: string }>>): void {
  const seen = new Map<string, string>()
  for (const [name, list] of Object.entries(lists)) {
    if (isListText(list)) continue
    for (const [n, element] of list.entries()) {
      const item = itemIn(element)
      if ((seen.get(item) ?? name) !== name) throw invalid(`${name}/${n}`, 'is in two of the lists')
      seen.set(item, name)
    }
  }
}

type Alike<Element> = (one: Element, other: Element) => boolean

/** Repeated values count once; of two different ones for an item, none must be dropped in silence. */
function refuseDiffering<Element extends string | { item: string }>(
  list: string,
  elements: Sent<Element>,
  areAlike: Alike<Element>,
): void {
  if (isListText(elements)) return
  const found = new Map<string, Element>()
  const errors: FieldError[] = []
  for (const [n, element] of elements.entries()) {
    const item = itemIn(element)
    const earlier = found.get(item)
    if (earlier === undefined) found.set(item, element)
    else if (!areAlike(earlier, element)) {
      errors.push({
        pointer: `#/${list}/${n}`,
        detail: 'differs from an earlier element with the same item',
      })
    }
    if (errors.length >= fieldErrorsMax) break
  }
  if (errors.length > 0) throw invalidIn(errors)
}

const sameRequestor: Alike<string | ReleaseJson> = (one, other) =>
  requestorIn(one) === requestorIn(other)
const requestorIn = (element: string | ReleaseJson) =>
  typeof element === 'string' ? undefined : element.requestor

/** Whether the same would be stored. */
const sameValues: Alike<string | ItemObject> = (one, other) => {
  const [a, b] = [valuesIn(one), valuesIn(other)]
  return a.data === b.data && a.expiresAt === b.expiresAt
}
const valuesIn = (element: string | ItemObject): Partial<ItemObject> =>
  typeof element === 'string' ? {} : element

const { fieldErrorsMax } = limits.http

function readNewItems(
  list: string,
  elements: readonly (string | NewItemJson | ChangedItemJson)[],
  now: number,
): (string | ItemObject)[] {
  const errors: FieldError[] = []
  const items = elements.map((element, n) => {
    if (typeof element === 'string') return element
    const { expiresAt } = element
    const detail = expiresAt && expiresAt !== never ? timeFault(expiresAt, now) : undefined
    if (detail !== undefined) errors.push({ pointer: `#/${list}/${n}/expiresAt`, detail })
    return toItemObject(element, list === 'set')
  })
  if (errors.length > 0) throw invalidIn(errors.slice(0, fieldErrorsMax))
  refuseDiffering(list, items, sameValues)
  return items
}

const never = 'never'

/** `removes`: an empty object takes the data off, and `never` the expiry. */
function toItemObject(
  { item, data, expiresAt }: NewItemJson | ChangedItemJson,
  removes: boolean,
): ItemObject {
  return {
    item,
    ...(typeof data === 'string' && { data: removes && data === '{}' ? null : data }),
    ...(typeof expiresAt === 'string' && {
      expiresAt: expiresAt === never ? null : timeOf(expiresAt),
    }),
  }
}
