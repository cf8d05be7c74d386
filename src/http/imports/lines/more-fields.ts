// What a line says of its item besides.

import { TypeCompiler } from '@sinclair/typebox/compiler'
import type { MoreOfItem } from '../../../domain/import.ts'
import { limits } from '../../../limits.ts'
import { objectText } from '../../formats/json-texts.ts'
import { Batch, Requestor, Slot } from '../../schemas.ts'
import { timeOf } from '../../times.ts'
import { normalizeHeading } from './headings.ts'
import type { ReadOptions } from './read-options.ts'

const times = ['expiresAt', 'matchedAt', 'heldUntil', 'createdAt'] as const
const ofMatches = ['requestor', 'slot', 'matchedAt', 'heldUntil', 'createdAt', 'batch'] as const
export type FieldName = (typeof times)[number] | (typeof ofMatches)[number]

/** The fields that are read of an upload. The others that an export has are ignored: also labels, where the caller says one. */
export const fieldsRead = ({ matches, batch }: ReadOptions): readonly FieldName[] =>
  matches === 'keep'
    ? ['expiresAt', ...ofMatches.filter((name) => name !== 'batch' || batch === undefined)]
    : ['expiresAt']

/** Whether a heading is that of a field. */
export const isFieldHeading = (field: string) => {
  const normalized = normalizeHeading(field)
  return (cell: string) => normalizeHeading(cell) === normalized
}

/**
 * Fields as the upload has them; what is empty or null is left out, but for `batch`, which is then empty: the item was
 * in none. `data` is the text of a JSON object.
 */
export type Fields = Partial<Record<FieldName | 'data', string>>

/** What the store takes of these fields, or what is wrong with them; undefined for none. */
export function moreOf(fields: Fields): MoreOfItem | { detail: string } | undefined {
  const more: MoreOfItem = {}
  for (const name of times) {
    const text = fields[name]
    if (text === undefined) continue
    const time = timeOf(text.trim())
    if (time === undefined) return { detail: `has a bad ${name}: it must be ${aTime}` }
    more[name] = time
  }
  for (const [name, rule] of rules) {
    const text = fields[name]
    if (text === undefined) continue
    if (name === 'batch' && text.trim() === '') {
      more.batch = null
      continue
    }
    if (!rule.check.Check(text)) return { detail: `has a bad ${name}: it must be ${rule.words}` }
    more[name] = text
  }
  if (fields.data !== undefined) {
    const data = objectText(fields.data)
    if (data === undefined) return { detail: badData }
    more.data = data
  }
  const { requestor, slot, matchedAt, heldUntil } = more
  if (requestor === undefined && (slot ?? matchedAt ?? heldUntil) !== undefined) {
    return { detail: 'has what only a match has, but no requestor' }
  }
  return Object.keys(more).length === 0 ? undefined : more
}

const aTime =
  'a date and time that exist, after 1970 and with an offset from UTC, like 2030-01-31T23:59:59Z'

const ruleOf = (schema: typeof Requestor) => ({
  check: TypeCompiler.Compile(schema),
  words: schema.description,
})
const rules = [
  ['requestor', ruleOf(Requestor)],
  ['slot', ruleOf(Slot)],
  ['batch', ruleOf(Batch)],
] as const

export const badData = `has bad data: it must be a JSON object of at most ${limits.values.dataBytesMax} bytes, without NUL`
