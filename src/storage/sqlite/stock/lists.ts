// Lists of items as SQL takes them: the text of a JSON array, whose elements are strings or objects.

import {
  type ImportRow,
  type ItemList,
  isListText,
  itemsOf,
  type ListText,
  type NewItemList,
  type ReleaseList,
} from '../../../domain/item.ts'
import { limits } from '../../../limits.ts'
import type { Result } from '../drivers/client.ts'

/** Of elements with the same item, the first is in the text. */
export function distinct(
  list: ItemList | NewItemList | ReleaseList | readonly (string | ImportRow)[] = [],
): ListText {
  if (isListText(list)) return list
  const unique = new Map<string, unknown>()
  for (const element of list) {
    const item = typeof element === 'string' ? element : element.item
    if (!unique.has(item)) unique.set(item, element)
  }
  return { json: JSON.stringify([...unique.values()]), count: unique.size }
}

/** SQL for the elements of the list ?2: `place`, `item`, and `object` with more of it, or null. */
export const listed = `(
  SELECT key AS place, iif(type = 'object', value ->> 'item', value) AS item,
    iif(type = 'object', value, NULL) AS object
  FROM json_each(?2)
)`

/** SQL for the items of the list ?2. */
export const listedItems = `SELECT iif(type = 'object', value ->> 'item', value) FROM json_each(?2)`

/** Many items stay the text that SQLite wrote, which no thread of this process has to parse. */
export function itemsIn(result: Result | undefined): ItemList {
  const row = result?.rows[0]
  const text = { json: String(row?.['items'] ?? '[]'), count: Number(row?.['count'] ?? 0) }
  return text.json.length > limits.http.countedBodyMinBytes ? text : itemsOf(text)
}
