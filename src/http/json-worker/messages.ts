import type { FieldError } from '../../domain/errors.ts'
import type { BodyName } from '../bodies/bodies.ts'

// What passes between the thread that serves HTTP and the JSON worker. Bun passes arrays of strings without copying
// the strings; the bytes of a body are transferred.

/** A body to read, which one it should be, and the time (Unix ms) that decides what has passed. */
export type Message = { name: BodyName; pieces: ArrayBuffer[]; now: number }

/** The JSON of an outcome, and the texts of its lists: of each its items, then its batches of unclean items. */
export type Reply = [outcome: string, ...texts: string[]]

/** What reading a body came to. `body` lacks the lists, which follow as texts in the order of `lists`. */
export type Outcome =
  | { kind: 'malformed'; fault: string }
  | { kind: 'invalid'; errors: readonly FieldError[] }
  | { kind: 'valid'; body: Record<string, unknown>; lists: ReadList[] }

type ReadList = { name: string; count: number; uncleanBatches: number }
