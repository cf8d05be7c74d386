// What a caller may say of an import in its query.

import { type Static, Type } from '@sinclair/typebox'
import { invalid } from '../../domain/errors.ts'
import { aString, Batch, described, inQuery, QueryFlag, strict } from '../schemas.ts'
import { charsetOf } from './lines/charset.ts'
import type { ReadOptions } from './lines/read-options.ts'
import type { UploadType } from './parse-upload.ts'

const Delimiter = Type.String({
  pattern: '^([,;|\\t]|comma|semicolon|pipe|tab)$',
  ...described('one of , ; | and tab, or comma, semicolon, pipe or tab in letters', aString),
})

const Column = Type.String({
  pattern: '^[\\s\\S]{1,1024}$',
  ...described('a heading, or a number counted from 1', aString),
})

const Matches = Type.Union([Type.Literal('keep'), Type.Literal('drop')], described('keep or drop'))

const DataNames = Type.String({
  pattern: '^[\\s\\S]{1,1024}$',
  ...described('headings, or names of properties, with commas between them', aString),
})

/** What a caller may say of an import in its query. */
export const ImportQuery = strict({
  column: Type.Optional(Column),
  delimiter: Type.Optional(Delimiter),
  header: Type.Optional(QueryFlag),
  matches: Type.Optional(Matches),
  data: Type.Optional(DataNames),
  batch: Type.Optional(Batch),
  restore: Type.Optional(QueryFlag),
  dryRun: Type.Optional(QueryFlag),
})

const delimiterNamed: Record<string, string> = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' }

/** What the caller says of the file. Throws `invalid` for what does not belong to its type. */
export function readOptionsOf(
  query: Static<typeof ImportQuery>,
  type: UploadType,
  contentType: string | null,
): ReadOptions {
  const { column, delimiter, header, matches, data, batch } = query
  if (type !== 'text/csv') {
    if (column !== undefined) throw misplaced('column', 'text/csv')
    if (delimiter !== undefined) throw misplaced('delimiter', 'text/csv')
    if (type !== 'text/plain' && header !== undefined) {
      throw misplaced('header', 'text/csv and text/plain')
    }
    if (type === 'text/plain' && data !== undefined) throw misplaced('data', tables)
    if (type === 'text/plain' && matches !== undefined) throw misplaced('matches', tables)
  }
  return {
    charset: charsetOf(contentType),
    delimiter: delimiter === undefined ? undefined : (delimiterNamed[delimiter] ?? delimiter),
    header: header === undefined ? undefined : header === 'true',
    column: column !== undefined && /^[1-9]\d{0,4}$/.test(column) ? Number(column) : column,
    matches,
    batch,
    data: data === undefined ? undefined : namesIn(data),
  }
}

/** Throws `invalid` for names that are empty or repeated. */
function namesIn(data: string): string[] {
  const names = data.split(',').map((name) => name.trim())
  if (!names.includes('') && new Set(names).size === names.length) return names
  throw invalid('data', `must be ${DataNames.description}, each once${inQuery('data')}`)
}

const tables = 'text/csv and application/x-ndjson'
const misplaced = (parameter: string, types: string) =>
  invalid(parameter, `is for ${types}${inQuery(parameter)}`)
