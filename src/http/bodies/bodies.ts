import { type TObject, Type } from '@sinclair/typebox'
import type { ItemObject, ListText, Release } from '../../domain/item.ts'
import { webhookEvents } from '../../domain/webhook.ts'
import { limits } from '../../limits.ts'
import {
  ApiKeyText,
  Asking,
  Batch,
  bodyOf,
  described,
  Flag,
  Item,
  Items,
  integer,
  Name,
  Namespace,
  nullable,
  oneOf,
  ReceiverUrl,
  Scopes,
  Slot,
  strict,
  UtcTime,
} from '../schemas.ts'
import { settingsBody } from '../settings-json.ts'
import { readChanges, readItems } from './item-lists.ts'
import { ChangedItems, NewItems, Releases } from './item-schemas.ts'

// Null in the schema instead of a hook that takes it away: this is the busiest route.
export const matchBody = bodyOf({
  requestor: Asking,
  slot: Type.Optional(nullable(Slot)),
  replace: Type.Optional(nullable(Item)),
  holdSeconds: Type.Optional(nullable(integer(1, limits.holds.secondsMax))),
})

const { requestorsMax } = limits.matchBatch
const SlottedRequestor = strict({ requestor: Asking, slot: Type.Optional(nullable(Slot)) })

export const matchBatchBody = bodyOf({
  requestors: Type.Array(
    Type.Union(
      [Asking, SlottedRequestor],
      described('a requestor, or an object with a requestor and optionally a slot'),
    ),
    {
      minItems: 1,
      maxItems: requestorsMax,
      ...described(`a list of 1 to ${requestorsMax} requestors`),
    },
  ),
})

export const confirmationBody = bodyOf({
  requestor: Asking,
  slot: Type.Optional(nullable(Slot)),
  item: Item,
})

export const forgettingBody = bodyOf({ requestor: Asking })

export const itemChangesBody = bodyOf({
  add: Type.Optional(NewItems),
  remove: Type.Optional(Items),
  release: Type.Optional(Releases),
  set: Type.Optional(ChangedItems),
  batch: Type.Optional(Batch),
  note: Type.Optional(Name),
})

export const itemReplacementBody = bodyOf({
  items: NewItems,
  removeMatched: Type.Optional(Flag),
  dryRun: Type.Optional(Flag),
})

export const newKeyBody = bodyOf({
  namespace: Namespace,
  apiKey: Type.Optional(ApiKeyText),
  name: Type.Optional(Name),
  scopes: Type.Optional(Scopes),
  expiresAt: Type.Optional(UtcTime),
})

const { namespacesMax } = limits.webhooks
const webhookProperties = {
  url: ReceiverUrl,
  events: Type.Array(oneOf(webhookEvents), {
    minItems: 1,
    maxItems: webhookEvents.length,
    uniqueItems: true,
    ...described(`a list of ${webhookEvents.join(', ')}, each at most once`),
  }),
  namespaces: Type.Array(Namespace, {
    minItems: 1,
    maxItems: namespacesMax,
    uniqueItems: true,
    ...described(`a list of 1 to ${namespacesMax} namespaces, each at most once`),
  }),
}

export const newWebhookBody = bodyOf({
  ...webhookProperties,
  namespaces: Type.Optional(webhookProperties.namespaces),
})

export const webhookChangeBody = bodyOf({
  url: Type.Optional(webhookProperties.url),
  events: Type.Optional(webhookProperties.events),
  // Null for all.
  namespaces: Type.Optional(nullable(webhookProperties.namespaces)),
  disabled: Type.Optional(Flag),
})

/** Elements of a list with the same item want the same of it. */
export type ReadLists = Record<string, readonly (string | ItemObject | Release)[] | ListText>

/**
 * How the JSON worker reads a large body. `read` returns its lists, which are passed on as text, and throws for what the
 * schema cannot express about them. `newItems` is the one of them to which the rule for new items applies. `keyed`: its
 * request may have an idempotency key.
 */
type LargeBody = {
  body: TObject
  transform?: (context: { body: unknown }) => void
  hasData?: true
  read?: (body: never, now: number) => ReadLists
  newItems?: string
  keyed?: true
}

const ofItems = { hasData: true, keyed: true } as const

/** The bodies by name: a schema cannot be sent to a thread. */
export const largeBodies = {
  match: matchBody,
  matchBatch: matchBatchBody,
  confirmation: confirmationBody,
  forgetting: forgettingBody,
  itemChanges: { ...itemChangesBody, ...ofItems, read: readChanges, newItems: 'add' },
  itemReplacement: { ...itemReplacementBody, ...ofItems, read: readItems, newItems: 'items' },
  newKey: newKeyBody,
  settings: settingsBody,
  newWebhook: newWebhookBody,
  webhookChange: webhookChangeBody,
} as const satisfies Record<string, LargeBody>

export type BodyName = keyof typeof largeBodies

export const largeBody = (name: BodyName): LargeBody => largeBodies[name]
