// How requestors are compared can change while nobody has an item. What is left then are names of those whose holds
// have lapsed: they take the new form, so that their history is found, and can be forgotten.

import { ZaasError } from '../../domain/errors.ts'
import { foldRequestor } from '../../domain/namespace.ts'
import { limits } from '../../limits.ts'
import type { Database, Statement } from './database.ts'

const { namesMax } = limits.history

/** The statements that follow the change of the setting, and do nothing where that was refused. */
export async function refold(
  db: Database,
  namespace: string,
  folded: boolean,
): Promise<Statement[]> {
  const renaming = folded ? toFolded(await namesIn(db, namespace)) : toShown
  return [eventsWithName, removedWithName].map((rows) => {
    const { set, from = '', condition, params = [] } = renaming
    return {
      sql: `UPDATE ${rows.table} SET ${set} ${from} WHERE ${rows.condition} AND ${condition}
              AND (SELECT ifnull(requestors, 'exact') FROM namespaces WHERE namespace = ?1) = '${folded ? 'folded' : 'exact'}'`,
      params: [namespace, ...params],
    }
  })
}

const eventsWithName = {
  table: 'events INDEXED BY events_requestor',
  condition: 'namespace = ?1 AND requestor IS NOT NULL',
}
const removedWithName = {
  table: 'items INDEXED BY items_removed_requestor',
  condition: 'namespace = ?1 AND deleted_at IS NOT NULL AND requestor IS NOT NULL',
}

type Renaming = { set: string; from?: string; condition: string; params?: readonly string[] }

const toShown: Renaming = {
  set: 'requestor = requestor_shown, requestor_shown = NULL',
  condition: 'requestor_shown IS NOT NULL',
}

const toFolded = (names: readonly string[]): Renaming => ({
  set: `requestor = name.value ->> 1, requestor_shown = name.value ->> 0`,
  from: 'FROM json_each(?2) AS name',
  condition: 'requestor = name.value ->> 0',
  params: [JSON.stringify(names.map((name) => [name, foldRequestor(name)]))],
})

/** The names that another form stands for. */
async function namesIn(db: Database, namespace: string): Promise<string[]> {
  const distinct = ({ table, condition }: typeof eventsWithName) =>
    `SELECT DISTINCT requestor FROM ${table} WHERE ${condition}`
  const { rows } = await db.read({
    sql: `SELECT requestor FROM (${distinct(eventsWithName)} UNION ${distinct(removedWithName)}) LIMIT ?2`,
    params: [namespace, namesMax + 1],
  })
  if (rows.length > namesMax)
    throw new ZaasError('conflict', 'The history has too many requestors to compare them anew.')
  return rows
    .map(({ requestor }) => String(requestor))
    .filter((name) => foldRequestor(name) !== name)
}
