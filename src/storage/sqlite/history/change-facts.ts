// What the changes of a namespace, or of all of them, have done: an event for each item, the latest change first.

import type { HistoryPage, HistoryQuery } from '../../../domain/history.ts'
import { limits } from '../../../limits.ts'
import type { Database, Statement } from '../database.ts'
import { eventOf } from './event-of.ts'
import { firstLife } from './subject-facts.ts'

/** A change, a section of it and the id of a row in that. The sections of a change come in descending order. */
type Position = { change: number; section: number; id: number }

const unreached = Number.MAX_SAFE_INTEGER
const start: Position = { change: unreached, section: unreached, id: unreached }
const { changesPerRead } = limits.history
/** Of a change: what it is by itself, what it ended, what `events` has of it, what it added. */
const sections = 4

/**
 * Reads a bounded number of changes at a time, for many may have changed nothing: a page then may have fewer events
 * than `limit` although there is a next one.
 */
export async function listChanges(
  db: Database,
  { namespace, after, limit }: HistoryQuery,
): Promise<HistoryPage> {
  const untilMs = performance.now() + limits.lists.pageMs
  let position = after === undefined ? start : positionOf(after)
  for (;;) {
    const oldest = await oldestOf(db, namespace, position)
    const { rows } = await db.read(
      facts(namespace, position, { oldest: oldest ?? 0, limit: limit + 1 }),
    )
    const page = rows.slice(0, limit)
    if (rows.length > limit)
      return { events: page.map(eventOf), next: String(page.at(-1)?.['key']) }
    const next = oldest === undefined ? null : `${oldest}.${sections}.0`
    if (page.length > 0 || next === null || performance.now() > untilMs)
      return { events: page.map(eventOf), next }
    position = positionOf(next)
  }
}

function positionOf(text: string): Position {
  const [change = 0, section = 0, id = 0] = text.split('.').map(Number)
  return { change, section, id }
}

/** The last change of the next ones that are read at once; undefined where those are all. */
async function oldestOf(
  db: Database,
  namespace: string | undefined,
  { change }: Position,
): Promise<number | undefined> {
  const { rows } = await db.read({
    sql: `SELECT made.id AS id FROM ${madeIn(namespace)} WHERE made.id <= ?1 ${ofNamespace(namespace, '?3')}
          ORDER BY made.id DESC LIMIT 1 OFFSET ?2`,
    params: [change, changesPerRead, ...(namespace === undefined ? [] : [namespace])],
  })
  return rows[0] === undefined ? undefined : Number(rows[0]['id'])
}

const madeIn = (namespace: string | undefined) =>
  `changes AS made ${namespace === undefined ? 'NOT INDEXED' : 'INDEXED BY changes_namespace'}`

/** What administrators alone may see, the kinds with a dot, is left out of the history of one namespace. */
const ofNamespace = (namespace: string | undefined, parameter: string) =>
  namespace === undefined ? '' : `AND made.namespace = ${parameter} AND made.kind NOT LIKE '%.%'`

/** Each section walks the changes by an index, and what they did by another, up to the limit. */
function facts(
  namespace: string | undefined,
  { change, section, id }: Position,
  { oldest, limit }: { oldest: number; limit: number },
): Statement {
  const boundOf = (own: number) => (own === section ? id : own < section ? unreached : 0)
  const bounds = [0, 1, 2, 3].map(boundOf)
  const made = madeIn(namespace)
  const range = `made.id <= ?1 AND made.id > ?2 ${ofNamespace(namespace, '?8')}`
  const parts = [own, ended, recorded, added].map((part) => `SELECT * FROM (${part(made, range)})`)
  return {
    sql: `SELECT found.namespace AS namespace, found.at AS at, event, item, requestor, slot, actors.actor AS actor,
            api_keys.name AS actor_name, request_id, batch, note, about,
            found.change || '.' || section || '.' || found.id AS key
          FROM (${parts.join(' UNION ALL ')}) AS found
          LEFT JOIN actors ON actors.id = found.actor
          LEFT JOIN api_keys ON api_keys.id = actors.actor
          ORDER BY found.change DESC, section DESC, found.id DESC LIMIT ?3`,
    params: [change, oldest, limit, ...bounds, ...(namespace === undefined ? [] : [namespace])],
  }
}

/** SQL for the id at which the rows of a section end; `bound` is that of the position. */
const end = (bound: string) => `iif(made.id = ?1, ${bound}, ${unreached})`

const changed = 'made.actor AS actor, made.request_id AS request_id'

/** A change that is an event by itself. */
const own = (made: string, range: string) => `
  SELECT made.id AS change, 0 AS section, 1 AS id, made.namespace AS namespace, made.at AS at, made.kind AS event,
    NULL AS item, iif(made.kind = 'forgotten', made.about, NULL) AS requestor, NULL AS slot, ${changed},
    made.batch AS batch, made.note AS note, iif(made.kind LIKE '%.%', made.about, NULL) AS about
  FROM ${made}
  WHERE ${range} AND made.kind NOT IN ('items', 'batch') AND 1 < ${end('?4')}
  ORDER BY made.id DESC LIMIT ?3`

const ended = (made: string, range: string) => `
  SELECT made.id AS change, 1 AS section, items.id AS id, made.namespace, made.at, ifnull(end_kind, 'removed'),
    items.item, ifnull(requestor_shown, requestor), slot, made.actor, made.request_id, made.batch, made.note, NULL
  FROM ${made} CROSS JOIN items INDEXED BY items_removed_change
    ON removed_change = made.id AND removed_change > 0 AND items.id < ${end('?5')}
  WHERE ${range}
  ORDER BY made.id DESC, items.id DESC LIMIT ?3`

/** A change that forgets a requestor is an event by itself. */
const recorded = (made: string, range: string) => `
  SELECT made.id AS change, 2 AS section, events.id AS id, made.namespace, events.at, event,
    events.item, ifnull(requestor_shown, requestor), slot, events.actor, events.request_id, made.batch, made.note, NULL
  FROM ${made} CROSS JOIN events INDEXED BY events_change
    ON events.change = made.id AND events.change IS NOT NULL AND events.id < ${end('?6')}
  WHERE ${range} AND made.kind <> 'forgotten'
  ORDER BY made.id DESC, events.id DESC LIMIT ?3`

/** The rows that a change has added follow one another. Of two upper bounds, SQLite would use the wrong one. */
const added = (made: string, range: string) => `
  SELECT made.id AS change, 3 AS section, items.id AS id, made.namespace, made.at, 'added',
    items.item, NULL, NULL, made.actor, made.request_id,
    (SELECT batches.batch FROM batches WHERE batches.id = items.batch), made.note, NULL
  FROM ${made} CROSS JOIN items NOT INDEXED
    ON items.id > made.items_before AND items.id < min(${end('?7')}, ifnull(
      (SELECT later.items_before + 1 FROM changes AS later WHERE later.id > made.id ORDER BY later.id LIMIT 1),
      ${unreached}
    ))
  WHERE ${range} AND made.kind = 'items' AND items.added_change = made.id AND ${firstLife}
  ORDER BY made.id DESC, items.id DESC LIMIT ?3`
