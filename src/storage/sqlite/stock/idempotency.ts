// Changes that are made once, however often they are sent with the same key. The change claims the key in its own
// transaction, and notes there what it does. In all SQL here, ?1 is the namespace, ?2 the list and ?3 the key.

import { ZaasError } from '../../../domain/errors.ts'
import type { ChangeLookup } from '../../../domain/idempotency.ts'
import { countOf, type ItemsChanged, type ItemsChangedBefore } from '../../../domain/item.ts'
import { limits } from '../../../limits.ts'
import type { Database, Statement } from '../database.ts'
import { isUniqueViolation, type Result } from '../drivers/client.ts'
import { lastChange } from '../records/changes.ts'
import { conflictingIds } from './add.ts'
import { itemsIn } from './lists.ts'
import { keptCount } from './remove.ts'

const { keptMs } = limits.idempotency

/** What a change did with the items that were `listed` for it. With `kept`, `removed` are others. */
export type Counted = Omit<ItemsChanged, 'unchanged'> & {
  listed: number
  kept?: number | undefined
}

export function withUnchanged({ listed, ...change }: Counted): ItemsChangedBefore {
  const { added, restored, removed, released, updated, conflicts, kept } = change
  const changed = added + restored + (kept === undefined ? removed : 0) + released + updated
  return {
    added,
    restored,
    removed,
    released,
    updated,
    unchanged: listed - changed - countOf(conflicts),
    ...(kept !== undefined && { kept }),
    conflicts,
  }
}

export async function findChange(
  db: Database,
  lookup: ChangeLookup,
): Promise<ItemsChangedBefore | undefined> {
  const { digest } = lookup
  const result = await db.read(recordOf(lookup))
  const [row] = result.rows
  if (row === undefined) return undefined
  if (row['digest'] === digest) return recordedIn(result)
  throw new ZaasError('conflict', 'This idempotency-key was used for another request.')
}

/** Makes a change that claims a key, unless it was claimed before: then tells what that did. */
export async function once(
  db: Database,
  lookup: ChangeLookup | undefined,
  change: () => Promise<ItemsChangedBefore>,
): Promise<ItemsChangedBefore> {
  try {
    return await change()
  } catch (error) {
    const before = lookup && isUniqueViolation(error) ? await findChange(db, lookup) : undefined
    if (before === undefined) throw error
    return before
  }
}

/**
 * The statements that record a change: `claim` goes before all others of it, `removed` behind those that remove,
 * `released` after those that release, and `kept` behind the removal of what is not listed. The last result of `done`
 * is for `recordedIn`.
 */
export function recording(
  { namespace, key, digest, now }: ChangeLookup,
  { list, listed }: { list: string; listed: number },
) {
  // The list only where it is used: a server takes no statements of any length.
  const note = (values: Record<string, string>, used = ''): Statement => ({
    sql: `UPDATE idempotency_keys SET outcome = json_set(outcome${Object.entries(values)
      .map(([name, value]) => `, '$.${name}', ${value}`)
      .join('')}) WHERE namespace = ?1 AND key = ?3`,
    params: [namespace, used, key],
  })
  return {
    claim: [
      {
        sql: 'DELETE FROM idempotency_keys WHERE namespace = ?1 AND key = ?2 AND at <= ?3',
        params: [namespace, key, now - keptMs],
      },
      {
        sql: `INSERT INTO idempotency_keys (namespace, key, digest, at, outcome)
              VALUES (?1, ?2, ?3, ?4, json_object('listed', ?5, 'removed', 0, 'released', 0,
                'lastItem', ${lastItem}, 'lastEvent', (SELECT ifnull(max(id), 0) FROM events)))`,
        params: [namespace, key, digest, now, listed],
      },
    ],
    removed: [note({ removed: removedRows })],
    released: [note({ released: insertedRows })],
    kept: [note({ kept: `(${keptCount})` }, list)],
    done: [
      note(
        {
          added: `${insertedRows} - (outcome ->> '$.released')`,
          restored: eventsOf('restored'),
          updated: eventsOf('updated'),
          // Ids, because the values of 100,000 items would be kept for a day.
          conflicts: `json((SELECT json_group_array(id) FROM (${conflictingIds()})))`,
        },
        list,
      ),
      recordOf({ namespace, key, now }),
    ],
  }
}

const removedRows = `(
  SELECT count(*) FROM items INDEXED BY items_removed_change
  WHERE removed_change = ${lastChange} AND removed_change > 0
)`

// The ids of inserted rows follow one another.
const lastItem = '(SELECT ifnull(max(id), 0) FROM items)'
const insertedRows = `${lastItem} - (outcome ->> '$.lastItem')`

const eventsOf = (event: 'restored' | 'updated') =>
  `(SELECT count(*) FROM events WHERE id > (outcome ->> '$.lastEvent') AND event = '${event}')`

/** Returns what is known of a key. */
const recordOf = ({ namespace, key, now }: Omit<ChangeLookup, 'digest'>): Statement => ({
  sql: `SELECT digest, json_remove(outcome, '$.conflicts') AS counts,
          json_array_length(outcome, '$.conflicts') AS count, (
            SELECT json_group_array(item) FROM (
              SELECT item FROM json_each(outcome, '$.conflicts') AS conflict
              CROSS JOIN items ON items.id = conflict.value ORDER BY conflict.key
            )
          ) AS items
        FROM idempotency_keys INDEXED BY idempotency_keys_key_unique
        WHERE namespace = ?1 AND key = ?2 AND at > ?3`,
  params: [namespace, key, now - keptMs],
})

/** What a record says that a change did. */
export function recordedIn(result: Result | undefined): ItemsChangedBefore {
  const counts: Record<string, unknown> = JSON.parse(String(result?.rows[0]?.['counts']))
  const countOf = (name: keyof Counted) => Number(counts[name])
  return withUnchanged({
    listed: countOf('listed'),
    added: countOf('added'),
    restored: countOf('restored'),
    removed: countOf('removed'),
    released: countOf('released'),
    updated: countOf('updated'),
    kept: 'kept' in counts ? countOf('kept') : undefined,
    conflicts: itemsIn(result),
  })
}
