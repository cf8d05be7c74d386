import { type TObject, Type } from '@sinclair/typebox'
import { invalid } from '../domain/errors.ts'
import { type ItemList, isListText } from '../domain/item.ts'
import {
  ApiKeyText,
  bodyOf,
  ExpiresAt,
  Flag,
  Items,
  Name,
  Namespace,
  Requestor,
  Scopes,
} from './schemas.ts'

export const matchBody = bodyOf({ requestor: Requestor })

export const itemChangesBody = bodyOf({
  add: Type.Optional(Items),
  remove: Type.Optional(Items),
  release: Type.Optional(Items),
})

export const itemReplacementBody = bodyOf({
  items: Items,
  removeMatched: Type.Optional(Flag),
})

export const newKeyBody = bodyOf({
  namespace: Namespace,
  apiKey: Type.Optional(ApiKeyText),
  name: Type.Optional(Name),
  scopes: Type.Optional(Scopes),
  expiresAt: Type.Optional(ExpiresAt),
})

type Lists = Record<string, ItemList>

/**
 * How the JSON worker reads a large body. `lists` are the properties that are passed on as text, and `newItems` is the
 * one of them to which the rule for new items applies; `check` throws for what the schema cannot express about them.
 */
type LargeBody = {
  body: TObject
  transform?: (context: { body: unknown }) => void
  lists: readonly string[]
  newItems?: string
  check?: (lists: Lists) => void
}

/** The bodies by name: a schema cannot be sent to a thread. */
export const largeBodies = {
  match: { ...matchBody, lists: [] },
  itemChanges: {
    ...itemChangesBody,
    lists: ['add', 'remove', 'release'],
    newItems: 'add',
    check: assertDisjoint,
  },
  itemReplacement: { ...itemReplacementBody, lists: ['items'], newItems: 'items' },
  newKey: { ...newKeyBody, lists: [] },
} as const satisfies Record<string, LargeBody>

export type BodyName = keyof typeof largeBodies

export const largeBody = (name: BodyName): LargeBody => largeBodies[name]

/** Throws `invalid` for an item in two lists. Lists that are text were checked by the JSON worker. */
export function assertDisjoint(lists: Lists): void {
  const seen = new Map<string, string>()
  for (const [name, list] of Object.entries(lists)) {
    if (isListText(list)) continue
    for (const [n, item] of list.entries()) {
      if ((seen.get(item) ?? name) !== name) throw invalid(`${name}/${n}`, 'is in two of the lists')
      seen.set(item, name)
    }
  }
}
