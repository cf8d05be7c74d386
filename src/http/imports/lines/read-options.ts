// What an upload is read by, and what is told of it.

import { ZaasError } from '../../../domain/errors.ts'
import { inQuery } from '../../schemas.ts'

/** What a caller says of an upload. `column`: a heading, or a number counted from 1. */
export type ReadOptions = {
  charset?: string | undefined
  delimiter?: string | undefined
  header?: boolean | undefined
  column?: string | number | undefined
  /** What becomes of the matches of an export. */
  matches?: 'keep' | 'drop' | undefined
  /** The label of all that comes in. */
  batch?: string | undefined
  /** Names of columns, or properties, that become data. */
  data?: readonly string[] | undefined
}

/** How an upload was understood. `column` counts from 1; `lines` is complete once all rows were read. */
export type Read = {
  encoding: string
  delimiter: string | null
  header: string[] | null
  column: number | null
  /** The headings, or properties, of what is not used. */
  ignored: string[]
  lines: number
}

/** An `invalid` for what an upload does not tell, by the parameter that settles it. */
export function unsettled(parameter: string, detail: string): ZaasError {
  const message = 'The body does not tell how it is to be read. Nothing was added.'
  const place = parameter === 'charset' ? '' : inQuery(parameter)
  const errors = [{ pointer: `#/${parameter}`, detail: detail + place }]
  return new ZaasError('invalid', message, { errors })
}
