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
