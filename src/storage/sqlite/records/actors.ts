import type { Actor, WriteContext } from '../../../domain/actor.ts'
import type { Database } from '../database.ts'

/** The numbers that were looked up already: an actor keeps its number for ever. */
const known = new WeakMap<Database, Map<Actor, number>>()

/** The numbers of actors in the table `actors`, which gets those that it lacks. */
export async function actorIds(
  db: Database,
  actors: Iterable<Actor>,
): Promise<ReadonlyMap<Actor, number>> {
  const ids = known.get(db) ?? new Map<Actor, number>()
  known.set(db, ids)
  const unknown = [...new Set(actors)].filter((actor) => !ids.has(actor))
  if (unknown.length === 0) return ids
  const params = [JSON.stringify(unknown)]
  await db.write([
    {
      sql: 'INSERT INTO actors (actor) SELECT value FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING',
      params,
    },
  ])
  const { rows } = await db.read({
    sql: 'SELECT actors.id AS id, actor FROM json_each(?1) JOIN actors ON actor = value',
    params,
  })
  for (const { id, actor } of rows) ids.set(String(actor) as Actor, Number(id))
  return ids
}

/** Who writes, by number, when, and by which request. */
export type By = { now: number; actor: number | null; requestId: string | null }

/** The context of a write, as SQL takes it. */
export async function byOf(db: Database, { now, actor, requestId }: WriteContext): Promise<By> {
  const ids = await actorIds(db, [actor])
  return { now, actor: ids.get(actor) ?? null, requestId: requestId ?? null }
}
