// Webhooks: whom zaas sends word to, of what, and what became of it. After https://www.standardwebhooks.com.

import { randomBytes } from 'node:crypto'

export const webhookEvents = [
  'stock.low',
  'stock.exhausted',
  'stock.refilled',
  'items.removed',
  'items.released',
  'namespace.updated',
] as const
export type WebhookEvent = (typeof webhookEvents)[number]

/** What `POST …/test` sends, whatever a webhook listens to. */
export const testEvent = 'webhook.test'

export type WebhookId = `whk_${string}`

/** Times are Unix milliseconds. */
export type Webhook = {
  id: WebhookId
  url: string
  events: WebhookEvent[]
  /** Null for all. */
  namespaces: string[] | null
  createdAt: number
  /** A disabled webhook gets no events, and nothing is sent to it. */
  disabledAt: number | null
}

/** The caller generates `id` and `secret`. */
export type NewWebhook = Pick<Webhook, 'id' | 'url' | 'events' | 'namespaces'> & { secret: string }

/** What is left out stays. */
export type WebhookChange = {
  id: string
  url?: string | undefined
  events?: WebhookEvent[] | undefined
  namespaces?: string[] | null | undefined
  disabled?: boolean | undefined
}

/** Keyset pagination by age: `after` is when the last webhook before the page was made, and its id. */
export type WebhookQuery = { after?: string | undefined; limit: number }

/** `next` is the `after` of the next page, or null on the last one. */
export type WebhookPage = { webhooks: Webhook[]; next: string | null }

export type DeliveryStatus = 'pending' | 'delivered' | 'failed'

/** An event on its way to a webhook. */
export type Delivery = {
  /** What receivers know it by, the same over all tries. */
  id: string
  event: string
  namespace: string | null
  at: number
  attempts: number
  status: DeliveryStatus
  /** The HTTP status that the last try got; null if it got none. */
  lastStatus: number | null
  nextAttemptAt: number | null
}

export type DeliveryQuery = { webhook: string; after?: string | undefined; limit: number }
export type DeliveryPage = { deliveries: Delivery[]; next: string | null }

/** How many deliveries an instance may send besides those that it is sending, of each webhook so many. */
export type LeaseRequest = { limit: number; sending: Record<string, number> }

/** A delivery to send, which nobody else sends until the lease ends. */
export type LeasedDelivery = {
  /** Its number in the database. */
  number: number
  lease: string
  id: string
  webhook: WebhookId
  url: string
  /** The secret, and those before it which still sign along. */
  secrets: string[]
  body: string
  /** How often it was tried before. */
  attempts: number
}

/** What became of a try. */
export type Attempt = {
  number: number
  webhook: WebhookId
  lease: string
  status: DeliveryStatus
  /** The HTTP status of the answer, if there was one. */
  httpStatus: number | null
  nextAttemptAt: number | null
  /** The receiver answered that it is gone for good (410). */
  gone: boolean
}

/** The webhooks that were disabled, and whether more is left to be forgotten. */
export type WebhooksTidied = { disabled: string[]; more: boolean }

/** What waits to be sent to webhooks that are not disabled, and since when. */
export type Backlog = { undelivered: number; oldestAt: number | null; disabled: number }

/** Says what is wrong with the address of a receiver, in words that go after its name; nothing of one that is right. */
export type CheckReceiver = (url: string) => Promise<string | undefined>

/** Generates a secret of 32 random bytes, as the specification writes it. */
export const makeWebhookSecret = () => `whsec_${randomBytes(32).toString('base64')}`
