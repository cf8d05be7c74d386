// The history of an item, of a requestor, or of the changes, from what rows of items, `events` and `changes` tell.

import type { HistoryEvent, HistoryPage, HistoryQuery, Subject } from '../../../domain/history.ts'
import { foldRequestor } from '../../../domain/namespace.ts'
import type { Database } from '../database.ts'
import { foldsRequestors } from '../stock/namespaces.ts'
import { listChanges } from './change-facts.ts'
import { eventOf } from './event-of.ts'
import { type Key, keyOf, keyText, startKey, subjectFacts } from './subject-facts.ts'
import { findTraces } from './traces.ts'

export async function listHistory(db: Database, query: HistoryQuery): Promise<HistoryPage> {
  const { namespace, subject, after, limit } = query
  if (subject === undefined) return listChanges(db, query)
  const key = after === undefined ? startKey : keyOf(after)
  const namespaces = namespace === undefined ? await namespacesWith(db, subject) : [namespace]
  const found: { event: HistoryEvent; key: Key }[] = []
  for (const each of namespaces) {
    const compared = await comparedSubject(db, each, subject)
    const { rows } = await db.read(subjectFacts(each, compared, key, limit + 1))
    found.push(...rows.map((row) => ({ event: eventOf(row), key: keyOf(String(row['key'])) })))
  }
  if (namespaces.length > 1) found.sort((one, other) => compareKeys(other.key, one.key))
  const page = found.slice(0, limit)
  const last = found.length > limit ? page.at(-1) : undefined
  return { events: page.map(({ event }) => event), next: last ? keyText(last.key) : null }
}

async function namespacesWith(db: Database, subject: Subject): Promise<string[]> {
  const found: string[] = []
  for (let after: string | null = ''; after !== null; ) {
    const { namespaces, next } = await findTraces(db, { subject, after })
    found.push(...namespaces)
    after = next
  }
  return found
}

async function comparedSubject(db: Database, namespace: string, subject: Subject) {
  const folds = 'requestor' in subject && (await foldsRequestors(db, namespace))
  return folds ? { requestor: foldRequestor(subject.requestor) } : subject
}

function compareKeys(one: Key, other: Key): number {
  const at = one.findIndex((part, n) => part !== other[n])
  return at === -1 ? 0 : (one[at] ?? 0) - (other[at] ?? 0)
}
