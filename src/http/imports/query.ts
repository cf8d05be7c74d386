// What a caller may say of an import in its query.

import { type Static, Type } from '@sinclair/typebox'
import { invalid } from '../../domain/errors.ts'
import { aString, described, inQuery, QueryFlag, strict } from '../schemas.ts'
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

const Matches = Type.Literal('drop', described('drop'))

/** What a caller may say of an import in its query. */
export const ImportQuery = strict({
  column: Type.Optional(Column),
  delimiter: Type.Optional(Delimiter),
  header: Type.Optional(QueryFlag),
  matches: Type.Optional(Matches),
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
  const { column, delimiter, header, matches } = query
  if (type !== 'text/csv') {
    if (column !== undefined) throw misplaced('column', 'text/csv')
    if (delimiter !== undefined) throw misplaced('delimiter', 'text/csv')
    if (type !== 'text/plain' && header !== undefined) {
      throw misplaced('header', 'text/csv and text/plain')
    }
  }
  return {
    charset: charsetOf(contentType),
    delimiter: delimiter === undefined ? undefined : (delimiterNamed[delimiter] ?? delimiter),
    header: header === undefined ? undefined : header === 'true',
    column: column !== undefined && /^[1-9]\d{0,4}$/.test(column) ? Number(column) : column,
    matches,
  }
}

const misplaced = (parameter: string, types: string) =>
  invalid(parameter, `is for ${types}${inQuery(parameter)}`)
