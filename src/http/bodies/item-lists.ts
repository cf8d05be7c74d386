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

/** Throws `invalid` for an item in two of the lists, and for an expiry that does not exist or has passed. */
export function readChanges(
  { add = [], remove = [], release = [], set = [] }: SentChanges,
  now: number,
): ChangeLists {
  assertDisjoint({ add, remove, release, set })
  return {
    add: isListText(add) ? add : readNewItems('add', add, now),
    remove,
    release,
    set: isListText(set) ? set : readNewItems('set', set, now),
  }
}

/** Throws `invalid` for an expiry that does not exist or has passed. */
export const readItems = (
  { items }: { items: Sent<string | NewItemJson> },
  now: number,
): { items: NewItemList } => ({
  items: isListText(items) ? items : readNewItems('items', items, now),
})

/** The item of an element of any list. */
export const itemIn = (element: string | { item: string }) =>
  typeof element === 'string' ? element : element.item

/** The elements with different items; of several with the same one, the first. */
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
