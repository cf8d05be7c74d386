import type { TSchema } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import { ZaasError } from '../../domain/errors.ts'
import { limits } from '../../limits.ts'
import { type BodyName, largeBody } from '../bodies.ts'
import { fieldErrors } from '../field-errors.ts'
import { parseBytes } from '../formats/json.ts'
import { uncleanBatches } from '../new-items.ts'
import { countableJson } from './countable-json.ts'
import type { Message, Outcome, Reply } from './messages.ts'

// The thread that reads large JSON bodies, so that nobody else waits while one is parsed and validated.
// `client.ts` starts it from the thread that serves HTTP, and sends it one body at a time.

declare const self: Worker

self.onmessage = ({ data: { name, pieces } }: MessageEvent<Message>) => {
  self.postMessage(read(name, pieces))
  // Returns the memory of this body before the next one arrives.
  Bun.gc(true)
}

const checks = new Map<BodyName, TypeCheck<TSchema>>()

function read(name: BodyName, pieces: ArrayBuffer[]): Reply {
  const { value, fault, tooMany } = parsePieces(pieces)
  Bun.gc(true)
  if (tooMany) return withoutLists({ kind: 'invalid', errors: [tooManyValues] })
  if (fault !== undefined) return withoutLists({ kind: 'malformed', fault })
  const { body: schema, transform } = largeBody(name)
  transform?.({ body: value })
  const check = checks.get(name) ?? TypeCompiler.Compile(schema)
  checks.set(name, check)
  return check.Check(value)
    ? readValid(name, value)
    : withoutLists({ kind: 'invalid', errors: fieldErrors(check.Errors(value)) })
}

/** A function of its own, so that bytes and text are garbage once it returns. */
const parsePieces = (pieces: ArrayBuffer[]) =>
  parseBytes(Buffer.concat(pieces.splice(0).map((piece) => new Uint8Array(piece))), countableJson)

const withoutLists = (outcome: Outcome): Reply => [JSON.stringify(outcome)]

const tooManyValues = {
  pointer: '#',
  detail: `must have at most ${limits.http.jsonValuesMax} values`,
}

/** Checks the rules that no schema expresses, and writes each list as text, without repeated values. */
function readValid(name: BodyName, value: unknown): Reply {
  const { lists: names, newItems, check } = largeBody(name)
  const body = { ...(value as Record<string, unknown>) }
  const lists = names.flatMap((list): [string, string[]][] => {
    const items = body[list]
    delete body[list]
    return Array.isArray(items) ? [[list, items]] : []
  })
  try {
    check?.(Object.fromEntries(lists))
  } catch (error) {
    if (!(error instanceof ZaasError)) throw error
    return withoutLists({ kind: 'invalid', errors: error.errors })
  }
  const read = lists.map(([list, items]) => ({
    name: list,
    items: [...new Set(items)],
    unclean: list === newItems ? uncleanBatches(items) : [],
  }))
  const outcome: Outcome = {
    kind: 'valid',
    body,
    lists: read.map(({ name: list, items, unclean }) => {
      return { name: list, count: items.length, uncleanBatches: unclean.length }
    }),
  }
  const texts = read.flatMap(({ items, unclean }) => [items, ...unclean])
  return [JSON.stringify(outcome), ...texts.map((text) => JSON.stringify(text))]
}
