import { Type } from '@sinclair/typebox'
import { fingerprintOf } from '../domain/actor.ts'
import { adminEvents, type HistoryEvent, itemEvents, plainEvents } from '../domain/history.ts'
import { iso, orNull, Time } from './schemas.ts'

// Events of a history, as the API writes them.

const names = [...new Set([...itemEvents, ...plainEvents])]
const Key = Type.Object({ keyId: Type.String(), name: orNull(Type.String()) })
const eventOf = (event: readonly string[]) => ({
  at: Time,
  event: Type.String({ enum: [...event] }),
  item: orNull(Type.String()),
  requestor: orNull(Type.String()),
  slot: orNull(Type.String()),
})
const rest = {
  requestId: orNull(Type.String()),
  batch: orNull(Type.String()),
  note: orNull(Type.String()),
}

export const Event = Type.Object({
  ...eventOf(names),
  by: Type.Union([Key, Type.Object({ masterKey: Type.Literal(true) }), Type.Null()]),
  ...rest,
})

/** As master keys see it: over all namespaces, and with what is done to keys and webhooks. */
export const AdminEvent = Type.Object({
  namespace: orNull(Type.String()),
  ...eventOf([...names, ...adminEvents]),
  by: Type.Union([Key, Type.Object({ masterKey: Type.String() }), Type.Null()]),
  ...rest,
  keyId: Type.Optional(Type.String()),
  webhookId: Type.Optional(Type.String()),
})

export const eventJson = (event: HistoryEvent) => ({
  ...whatHappened(event),
  by: byJson(event, () => true as const),
  ...fromWhere(event),
})

export const adminEventJson = (event: HistoryEvent) => ({
  namespace: event.namespace,
  ...whatHappened(event),
  by: byJson(event, (fingerprint) => fingerprint),
  ...fromWhere(event),
  ...aboutJson(event),
})

const whatHappened = ({ at, event, item, requestor, slot }: HistoryEvent) => ({
  at: iso(at),
  event,
  item,
  requestor,
  slot,
})

const fromWhere = ({ requestId, batch, note }: HistoryEvent) => ({ requestId, batch, note })

/** Null for what zaas does by itself. */
function byJson<MasterKey>({ by }: HistoryEvent, masterKey: (fingerprint: string) => MasterKey) {
  if (by?.actor.startsWith('key_')) return { keyId: by.actor, name: by.name }
  const fingerprint = fingerprintOf(by?.actor ?? '')
  return fingerprint === undefined ? null : { masterKey: masterKey(fingerprint) }
}

function aboutJson({ event, about }: HistoryEvent) {
  if (about === null) return {}
  return event.startsWith('webhook.') ? { webhookId: about } : { keyId: about }
}
