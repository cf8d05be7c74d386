import { invalid } from '../domain/errors.ts'

/** A cursor says behind which row, or name, the next page begins. */
export const cursorOf = (position: string | number) =>
  Buffer.from(`after ${position}`).toString('base64url')

/** The position in a cursor. Throws `invalid` for a text that is none, or whose position lacks this form. */
export function positionOf(cursor: string, form: RegExp): string {
  const [, position] = /^after (.*)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (position === undefined || !form.test(position) || cursorOf(position) !== cursor) {
    throw invalid('cursor', 'must be a nextCursor of an earlier answer')
  }
  return position
}
