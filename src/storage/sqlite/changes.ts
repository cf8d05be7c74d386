import type { By } from './actors.ts'
import type { Statement } from './database.ts'

type Change = {
  namespace: string
  kind: 'items' | 'settings' | 'batch'
  batch?: string | undefined
  note?: string | undefined
}

/** Notes who makes the change that the statements after it make. */
export const noteChange = (
  { namespace, kind, batch, note }: Change,
  { now, actor, requestId }: By,
): Statement => ({
  sql: `INSERT INTO changes (namespace, at, actor, request_id, batch, note, kind)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
  params: [namespace, now, actor, requestId, batch ?? null, note ?? null, kind],
})

/** SQL for the number of the change that was noted in this transaction. */
export const lastChange = '(SELECT max(id) FROM changes)'

/**
 * SQL that notes an event of that change for each of these rows of `items`, at the time ?3 in the namespace ?1. `rows` is
 * what may follow FROM.
 */
export const noteEvents = (event: 'restored' | 'updated', rows: string) => `
  INSERT INTO events (
    namespace, at, event, item_id, item, requestor, requestor_shown, slot, actor, request_id, change
  )
  SELECT ?1, ?3, '${event}', items.id, items.item, requestor, requestor_shown, slot,
    (SELECT actor FROM changes WHERE id = ${lastChange}),
    (SELECT request_id FROM changes WHERE id = ${lastChange}), ${lastChange}
  FROM ${rows}`
