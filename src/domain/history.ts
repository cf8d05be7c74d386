// Who did what, and when.

/** What `events` has, besides what the rows of items tell. */
export const recordedEvents = [
  ...(['held', 'confirmed', 'lapsed', 'removed', 'replaced', 'released'] as const),
  ...(['restored', 'updated', 'forgotten'] as const),
] as const
export type RecordedEvent = (typeof recordedEvents)[number]

/** What can happen to an item. */
export const itemEvents = ['added', 'matched', ...recordedEvents] as const
export type ItemEvent = (typeof itemEvents)[number]

/** Changes that are not about single items, by the names of their events. */
export const plainEvents = ['settings', 'forgotten'] as const
export const adminEvents = [
  ...(['key.created', 'key.deleted'] as const),
  ...(['webhook.created', 'webhook.updated', 'webhook.deleted'] as const),
] as const
export type AdminEvent = (typeof adminEvents)[number]
export type EventName = ItemEvent | (typeof plainEvents)[number] | AdminEvent

/** `items` and `batch` change items, one event for each; the others are an event each. */
export type ChangeKind = 'items' | 'batch' | (typeof plainEvents)[number] | AdminEvent

/** Times are Unix milliseconds. `by` is null for what happens by itself, or is not known. */
export type HistoryEvent = {
  namespace: string | null
  at: number
  event: EventName
  item: string | null
  requestor: string | null
  slot: string | null
  by: { actor: string; name: string | null } | null
  requestId: string | null
  batch: string | null
  note: string | null
  /** The id of the API key or webhook that the event is about. */
  about: string | null
}

/** Whose history it is: of one item, or of one requestor. */
export type Subject = { item: string } | { requestor: string }

/**
 * Keyset pagination, the latest recorded first: at most `limit` events that follow position `after`. Without a
 * namespace, of all of them; without a subject, the changes.
 */
export type HistoryQuery = {
  namespace?: string | undefined
  subject?: Subject | undefined
  after?: string | undefined
  limit: number
}

/** `next` is the `after` of the next page, or null on the last one. A page may have fewer events although there is one. */
export type HistoryPage = { events: HistoryEvent[]; next: string | null }

/** What a requestor that was forgotten is called begins so, and nobody can ask by such a name. */
export const forgottenPrefix = 'forgotten:'

/** Replaces a requestor in all that a namespace has of it by the name `as`, which nobody else may have. */
export type Forgetting = { namespace: string; requestor: string; as: string }

/** Finds namespaces that have something of a requestor, or an item, by name after `after`. */
export type TraceQuery = { subject: Subject; after: string }

/** `next` is the `after` of the next call, or null when all namespaces have been looked at. */
export type TracePage = { namespaces: string[]; next: string | null }
