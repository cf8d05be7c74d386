// What is written to `events` when rows of `items` stop telling it. In all SQL here, `rows` is a query of such rows.

import { changedBy, changedFor, lastChange } from './changes.ts'
import { recordOrdinal } from './ordinals.ts'

export const eventColumns =
  'namespace, at, event, ordinal, item_id, item, requestor, requestor_shown, slot, actor, request_id, change'

/** SQL for how an item came to who holds it, once the hold ends. */
export const holdOf = (rows: string) => `
  SELECT namespace, matched_at, 'held', ifnull(ordinal, 0), id, item, requestor, requestor_shown, slot,
    matched_by, request_id, NULL
  FROM (${rows})`

/** SQL for how a hold ended by itself. */
export const lapseOf = (rows: string) => `
  SELECT namespace, held_until, 'lapsed', ${recordOrdinal}, id, item, requestor, requestor_shown, slot, NULL, NULL, NULL
  FROM (${rows})`

/** SQL for how a life of an item ended, once the item comes back to it. */
export const endOf = (rows: string) => `
  SELECT ended.namespace, deleted_at, ifnull(end_kind, 'removed'), ifnull(change.ordinal, 0), ended.id, item,
    requestor, requestor_shown, slot, change.actor, change.request_id, ended.removed_change
  FROM (${rows}) AS ended LEFT JOIN changes AS change ON change.id = ended.removed_change
  WHERE ended.removed_change IS NOT 0`

/** SQL for an event of the change that was noted in this transaction, at the time ?3. */
export const eventOfChange = (event: string, rows: string) => `
  SELECT namespace, ?3, '${event}', ${recordOrdinal}, id, item, requestor, requestor_shown, slot,
    ${changedBy}, ${changedFor}, ${lastChange}
  FROM (${rows})`
