import type { Statement } from '../database.ts'
import { countRows } from '../records/counts.ts'
import { eventColumns, eventOfChange } from '../records/events.ts'
import { listed } from './lists.ts'

/** Changes the data and expiry of what of a list is live. The result `updatedAt` counts the changed rows. */
export const setListed = (namespace: string, list: string, now: number): Statement[] => [
  {
    sql: `INSERT INTO events (${eventColumns})
          ${eventOfChange('updated', `SELECT items.* FROM ${live} WHERE ${differs}`)}`,
    params: [namespace, list, now],
  },
  countRows(namespace, '-', `SELECT items.* FROM ${live}`, [list]),
  {
    sql: `WITH wanted AS MATERIALIZED (SELECT items.id AS target, object FROM ${live})
          UPDATE items SET data = ${newData}, expires_at = ${newExpiry}
          FROM wanted WHERE items.id = target AND ${differs}`,
    params: [namespace, list],
  },
  countRows(namespace, '+', `SELECT items.* FROM ${live}`, [list]),
]
export const updatedAt = 2

const live = `${listed} AS listed CROSS JOIN items INDEXED BY items_live_item_unique
  ON items.namespace = ?1 AND items.item = listed.item AND items.deleted_at IS NULL`

// What the object leaves out stays, and null takes it off.
const newData = `iif(json_type(object, '$.data') IS NULL, items.data, object ->> 'data')`
const newExpiry = `iif(json_type(object, '$.expiresAt') IS NULL, items.expires_at, object ->> 'expiresAt')`
const differs = `(items.data IS NOT ${newData} OR items.expires_at IS NOT ${newExpiry})`
