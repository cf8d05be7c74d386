import { invalid } from '../domain/errors.ts'
import { Cursor, inQuery } from './schemas.ts'

// Cursors for keyset pagination: opaque to callers, they encode the position after which a page begins.

export const cursorOf = (position: string | number) =>
  Buffer.from(`after ${position}`).toString('base64url')

/** Decodes a cursor. Throws `invalid` for anything that is not one, or whose position does not match. */
export function positionOf(cursor: string, pattern: RegExp): string {
  const [, position] = /^after (.*)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (position === undefined || !pattern.test(position) || cursorOf(position) !== cursor) {
    throw invalid('cursor', `must be ${Cursor['error']}${inQuery('cursor')}`)
  }
  return position
}
