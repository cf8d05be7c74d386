// The schemas of the objects that stand for items in the bodies of PATCH and PUT.

import { type Static, type TObject, type TSchema, Type } from '@sinclair/typebox'
import type { ListText } from '../../domain/item.ts'
import { limits } from '../../limits.ts'
import {
  aString,
  described,
  Item,
  nullable,
  Requestor,
  strict,
  UtcTime,
  utcTime,
} from '../schemas.ts'

const { listedItemsMax } = limits.http

/** In a body its text (see `formats/json-texts.ts`): that of an object, unless it is unusable. */
const Data = Type.String({
  pattern: '^\\{',
  ...described(
    `a JSON object of at most ${limits.values.dataBytesMax} bytes as compact JSON in UTF-8, of well-formed ` +
      'Unicode without U+0000',
  ),
  documentedAs: { type: 'object', additionalProperties: true },
})

const ExpiresAtOrNever = Type.String({
  pattern: `${utcTime}|^never$`,
  ...described(`a time in UTC, written like 2030-01-31T23:59:59.000Z, or never`, aString),
})

const NewItem = strict({
  item: Item,
  data: Type.Optional(nullable(Data)),
  expiresAt: Type.Optional(nullable(UtcTime)),
})
const ChangedItem = strict({
  item: Item,
  data: Type.Optional(nullable(Data)),
  expiresAt: Type.Optional(nullable(ExpiresAtOrNever)),
})
const Release = strict({ item: Item, requestor: Requestor })

/** A list of a large body is text, which the JSON worker has checked. */
const listOf = <Element extends TSchema>(element: Element) =>
  Type.Unsafe<readonly Static<Element>[] | ListText>(
    Type.Array(element, {
      maxItems: listedItemsMax,
      ...described(`a list of at most ${listedItemsMax} items`),
    }),
  )
const itemOr = <Properties extends TObject>(object: Properties) =>
  Type.Union([Item, object], described(`${Item.description}, or ${object.description}`, aString))

export const NewItems = listOf(itemOr(NewItem))
export const Releases = listOf(itemOr(Release))
export const ChangedItems = listOf(ChangedItem)
export type NewItemJson = Static<typeof NewItem>
export type ChangedItemJson = Static<typeof ChangedItem>
export type ReleaseJson = Static<typeof Release>
