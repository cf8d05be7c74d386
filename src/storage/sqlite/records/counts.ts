// The counts in `namespaces`, which follow each change of `items` in the same transaction. Where all changed rows
// were of one kind, `changes()` of the statement before says how many there were. What the current hour has brought is
// counted along: `hours.ts`.

import type { Statement } from '../database.ts'
import { wasCounted } from './time.ts'

/** Makes sure that the namespace has a row, for the statements below. */
export const ensureNamespace = (namespace: string): Statement => ({
  sql: 'INSERT INTO namespaces (namespace) VALUES (?1) ON CONFLICT DO NOTHING',
  params: [namespace],
})

type Counter = 'total' | 'matched' | 'held'
/** What an hour brings, besides matches. */
type HourCounter = 'added' | 'released' | 'removed'

/**
 * Adds the rows that the statement before has changed to some counters, and subtracts them from others. What becomes
 * matched is a new match of this hour.
 */
export const countChanged = (
  namespace: string,
  deltas: Partial<Record<Counter, '+' | '-'>>,
): Statement => ({
  sql: `UPDATE namespaces SET ${Object.entries(deltas)
    .map(([counter, sign]) => `${counter} = ${counter} ${sign} changes()`)
    .join(', ')}${deltas.matched === '+' ? ', hour_matched = hour_matched + changes()' : ''}
    WHERE namespace = ?1 AND changes() > 0`,
  params: [namespace],
})

/** Counts the rows that the INSERT before has added, all of them available. Their ids follow one another. */
export const countInserted = (namespace: string, counter: HourCounter): Statement => ({
  sql: `UPDATE namespaces SET total = total + changes(), hour_${counter} = hour_${counter} + changes(), expired = expired + (
          SELECT count(*) FROM items INDEXED BY items_expiring_queue
          WHERE namespace = ?1 AND deleted_at IS NULL AND requestor IS NULL AND expires_at IS NOT NULL
            AND id > last_insert_rowid() - changes() AND ${wasCounted}
        )
        WHERE namespace = ?1 AND changes() > 0`,
  params: [namespace],
})

/**
 * Counts rows that the next statement makes live (`+`) or removes (`-`), or changes between the one and the other.
 * `rows` is SQL for a query that returns their `requestor`, `held_until`, `expires_at` and `id`. With `counter`, they
 * are what this hour brings.
 */
export const countRows = (
  namespace: string,
  sign: '+' | '-',
  rows: string,
  params: readonly unknown[],
  counter?: HourCounter,
): Statement => ({
  sql: `UPDATE namespaces SET (total, matched, held, expired, ${counter ? `hour_${counter}, ` : ''}expiring_head) = (
          SELECT total ${sign} count(*),
            matched ${sign} count(iif(held_until IS NULL, requestor, NULL)),
            held ${sign} count(held_until),
            expired ${sign} count(iif(requestor IS NULL AND ${wasCounted}, 1, NULL)),
            ${counter ? `hour_${counter} + count(*),` : ''}
            ${sign === '-' ? 'expiring_head' : 'min(expiring_head, ifnull(min(iif(expires_at IS NULL, NULL, id)), expiring_head))'}
          FROM (${rows})
        )
        WHERE namespace = ?1`,
  params: [namespace, ...params],
})
