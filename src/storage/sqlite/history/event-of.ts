import {
  adminEvents,
  type EventName,
  type HistoryEvent,
  itemEvents,
  plainEvents,
} from '../../../domain/history.ts'
import type { Row } from '../drivers/client.ts'
import { textOrNull } from '../drivers/client.ts'

const eventNames: readonly EventName[] = [...itemEvents, ...plainEvents, ...adminEvents]

/** The event that a row of a history says. */
export function eventOf(row: Row): HistoryEvent {
  const event = eventNames.find((name) => name === row['event'])
  if (event === undefined) throw new Error('The history has an event of an unknown kind.')
  const actor = textOrNull(row['actor'])
  return {
    namespace: textOrNull(row['namespace']) || null,
    at: Number(row['at']),
    event,
    item: textOrNull(row['item']),
    requestor: textOrNull(row['requestor']),
    slot: textOrNull(row['slot']) || null,
    by: actor === null ? null : { actor, name: textOrNull(row['actor_name']) },
    requestId: textOrNull(row['request_id']),
    batch: textOrNull(row['batch']),
    note: textOrNull(row['note']),
    about: textOrNull(row['about']),
  }
}
