// What happened to an item, or to a requestor: `events`, and what rows of items tell of themselves. In all SQL here,
// ?1 is the namespace and ?2 the item or requestor.

import type { Subject } from '../../../domain/history.ts'
import type { Statement } from '../database.ts'

/**
 * Where an event stands: by the ordinal under which it was recorded, and then by time, for matches between which nothing
 * was recorded share one, and rows from before ordinals have 0; then by source (rows of items before `events`), id, and
 * stage in a life.
 */
export type Key = readonly number[]

const keyColumns = ['ordinal', 'at', 'source', 'id', 'stage'] as const
const unreached = Number.MAX_SAFE_INTEGER
export const startKey: Key = keyColumns.map(() => unreached)
export const keyOf = (text: string): Key => text.split('.').map(Number)
export const keyText = (key: Key) => key.join('.')

/** The events before a key, the latest recorded first. */
export function subjectFacts(
  namespace: string,
  subject: Subject,
  key: Key,
  limit: number,
): Statement {
  const [value, lives, index] =
    'item' in subject
      ? [subject.item, livesOfItem, 'events_item']
      : [subject.requestor, livesOfRequestor, 'events_requestor']
  return {
    sql: `WITH lives AS MATERIALIZED (${lives}), facts AS (
            SELECT * FROM (${'item' in subject ? `${added} UNION ALL` : ''} ${matched} UNION ALL ${ended})
            WHERE (ordinal, at, source, id, stage) < (?3, ?4, ?5, ?6, ?7)
            ORDER BY ordinal DESC, at DESC, source DESC, id DESC, stage DESC LIMIT ?8
          ), noted AS (
            ${recorded(index, 'item' in subject ? 'item' : 'requestor')}
          )
          SELECT ?1 AS namespace, at, event, item, requestor, slot, actors.actor AS actor, api_keys.name AS actor_name,
            request_id, batch, note, NULL AS about, ordinal || '.' || at || '.' || source || '.' || found.id || '.' || stage AS key
          FROM (SELECT * FROM facts UNION ALL SELECT * FROM noted) AS found
          LEFT JOIN actors ON actors.id = found.actor
          LEFT JOIN api_keys ON api_keys.id = actors.actor
          ORDER BY ordinal DESC, at DESC, source DESC, found.id DESC, stage DESC LIMIT ?8`,
    params: [namespace, value, ...key, limit],
  }
}

const livesOfItem = `
  SELECT id FROM items INDEXED BY items_live_item_unique
  WHERE namespace = ?1 AND item = ?2 AND deleted_at IS NULL
  UNION ALL
  SELECT id FROM items INDEXED BY items_removed_item
  WHERE namespace = ?1 AND item = ?2 AND deleted_at IS NOT NULL`

const livesOfRequestor = `
  SELECT id FROM items INDEXED BY items_live_holder_unique
  WHERE namespace = ?1 AND requestor = ?2 AND deleted_at IS NULL
  UNION ALL
  SELECT id FROM items INDEXED BY items_removed_requestor
  WHERE namespace = ?1 AND requestor = ?2 AND deleted_at IS NOT NULL`

/** SQL for whether an item was never there before. A later life begins with a release, which is told as such. */
export const firstLife = `NOT EXISTS (
  SELECT 1 FROM items AS earlier INDEXED BY items_removed_item
  WHERE earlier.namespace = items.namespace AND earlier.item = items.item AND earlier.deleted_at IS NOT NULL
    AND earlier.id < items.id
)`

const shown = 'ifnull(requestor_shown, requestor) AS requestor'

const added = `
  SELECT ifnull(change.ordinal, 0) AS ordinal, 0 AS source, items.id AS id,
    0 AS stage, ifnull(change.at, created_at) AS at, 'added' AS event, items.item AS item, NULL AS requestor,
    NULL AS slot, change.actor AS actor, change.request_id AS request_id,
    (SELECT batches.batch FROM batches WHERE batches.id = items.batch) AS batch, change.note AS note
  FROM lives CROSS JOIN items ON items.id = lives.id
  LEFT JOIN changes AS change ON change.id = items.added_change
  WHERE ${firstLife}`

const matched = `
  SELECT ifnull(items.ordinal, 0) AS ordinal, 0 AS source, items.id AS id, 1 AS stage,
    matched_at AS at, iif(held_until IS NULL, 'matched', 'held') AS event, item, ${shown}, slot, matched_by AS actor,
    request_id, NULL AS batch, NULL AS note
  FROM lives CROSS JOIN items ON items.id = lives.id
  WHERE requestor IS NOT NULL AND items.ordinal IS NOT 0`

// Before there were changes, only a release was followed by another life.
const ended = `
  SELECT ifnull(change.ordinal, ifnull(items.ordinal, 0)) AS ordinal, 0, items.id, 2, deleted_at,
    ifnull(end_kind, iif(removed_change IS NULL AND ${livedOnWithoutChange()}, 'released', 'removed')),
    item, ${shown}, slot, change.actor, change.request_id, change.batch, change.note
  FROM lives CROSS JOIN items ON items.id = lives.id
  LEFT JOIN changes AS change ON change.id = items.removed_change
  WHERE deleted_at IS NOT NULL AND removed_change IS NOT 0`

function livedOnWithoutChange(): string {
  const later = (index: string, condition: string) => `EXISTS (
    SELECT 1 FROM items AS later INDEXED BY ${index}
    WHERE later.namespace = items.namespace AND later.item = items.item AND later.deleted_at ${condition}
      AND later.id > items.id AND later.added_change IS NULL
  )`
  return `(${later('items_live_item_unique', 'IS NULL')} OR ${later('items_removed_item', 'IS NOT NULL')})`
}

/** Reads no further than the limit: a requestor whose holds lapse all the time may have millions of them. */
const recorded = (index: string, column: string) => `
  SELECT latest.ordinal AS ordinal, 1 AS source, latest.id AS id, 0 AS stage, latest.at AS at, event, item,
    ${shown}, slot, latest.actor AS actor, latest.request_id AS request_id, change.batch AS batch, change.note AS note
  FROM (
    SELECT * FROM events INDEXED BY ${index}
    WHERE namespace = ?1 AND ${column} = ?2 AND ordinal <= ?3 AND (ordinal, at, 1, id, 0) < (?3, ?4, ?5, ?6, ?7)
    ORDER BY ordinal DESC, at DESC, id DESC LIMIT ?8
  ) AS latest
  LEFT JOIN changes AS change ON change.id = latest.change`
