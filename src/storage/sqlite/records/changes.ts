import type { ChangeKind } from '../../../domain/history.ts'
import type { Statement } from '../database.ts'
import type { By } from './actors.ts'
import { recordOrdinal } from './ordinals.ts'

type Change = {
  /** Empty for what is of no namespace. */
  namespace: string
  kind: ChangeKind
  batch?: string | undefined
  note?: string | undefined
  /** The id of what else was changed. */
  about?: string | undefined
}

/** Notes who makes the change that the statements after it make. */
export const noteChange = (
  { namespace, kind, batch, note, about }: Change,
  { now, actor, requestId }: By,
): Statement => ({
  sql: `INSERT INTO changes (namespace, at, actor, request_id, batch, note, kind, about, ordinal, items_before)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ${recordOrdinal}, ${lastItem})`,
  params: [namespace, now, actor, requestId, batch ?? null, note ?? null, kind, about ?? null],
})

/** Notes a change that the statement before has made, if it has changed a row. */
export const noteIfChanged = (kind: ChangeKind, about: string, by: By): Statement => ({
  sql: `INSERT INTO changes (namespace, at, actor, request_id, kind, about, ordinal, items_before)
        SELECT '', ?1, ?2, ?3, ?4, ?5, ${recordOrdinal}, ${lastItem} WHERE changes() > 0`,
  params: [by.now, by.actor, by.requestId, kind, about],
})

/** SQL for the highest id of items. */
export const lastItem = '(SELECT ifnull(max(id), 0) FROM items)'

/** SQL for the number of the change that was noted in this transaction. */
export const lastChange = '(SELECT max(id) FROM changes)'

/** SQL for who makes that change, and for the id of the request. */
export const changedBy = `(SELECT actor FROM changes WHERE id = ${lastChange})`
export const changedFor = `(SELECT request_id FROM changes WHERE id = ${lastChange})`
