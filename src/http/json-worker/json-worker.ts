import type { TSchema } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'
import { ZaasError } from '../../domain/errors.ts'
import { isListText } from '../../domain/item.ts'
import { limits } from '../../limits.ts'
import { type BodyName, largeBody, type ReadLists } from '../bodies/bodies.ts'
import { fieldErrors } from '../bodies/field-errors.ts'
import { distinct } from '../bodies/item-lists.ts'
import { uncleanBatches } from '../bodies/new-items.ts'
import { parseBytes } from '../formats/json-bytes.ts'
import { countableJson } from './countable-json.ts'
import type { Message, Outcome, Reply } from './messages.ts'

// The thread that reads large JSON bodies, so that nobody else waits while one is parsed and validated.
// `client.ts` starts it from the thread that serves HTTP, and sends it one body at a time.

declare const self: Worker

self.onmessage = ({ data }: MessageEvent<Message>) => {
  self.postMessage(read(data))
  // Returns the memory of this body before the next one arrives.
  Bun.gc(true)
}

const checks = new Map<BodyName, TypeCheck<TSchema>>()

function read({ name, pieces, now }: Message): Reply {
  const { body: schema, transform, hasData } = largeBody(name)
  const { value, fault, tooMany } = parsePieces(pieces, hasData)
  Bun.gc(true)
  if (tooMany) return withoutLists({ kind: 'invalid', errors: [tooManyValues] })
  if (fault !== undefined) return withoutLists({ kind: 'malformed', fault })
  transform?.({ body: value })
  const check = checks.get(name) ?? TypeCompiler.Compile(schema)
  checks.set(name, check)
  return check.Check(value)
    ? readValid(name, value, now)
    : withoutLists({ kind: 'invalid', errors: fieldErrors(check.Errors(value)) })
}

/** A function of its own, so that bytes and text are garbage once it returns. */
const parsePieces = (pieces: ArrayBuffer[], hasData?: true) =>
  parseBytes(Buffer.concat(pieces.splice(0).map((piece) => new Uint8Array(piece))), {
    hasData,
    onChecked: collector(),
    shorten: countableJson,
  })

/** Collects the garbage of checked data, which can have a million names, each time there is much of it. */
function collector(): (length: number) => void {
  let checked = 0
  return (length) => {
    checked += length
    if (checked < collectAfterLength) return
    Bun.gc(true)
    checked = 0
  }
}
const collectAfterLength = 4 * 2 ** 20

const withoutLists = (outcome: Outcome): Reply => [JSON.stringify(outcome)]

const tooManyValues = {
  pointer: '#',
  detail: `must have at most ${limits.http.jsonValuesMax} values`,
}

/** Reads the lists by the rules that no schema expresses, and writes each as text, without repeated items. */
function readValid(name: BodyName, value: unknown, now: number): Reply {
  const { read, newItems } = largeBody(name)
  // What the schema has just been checked for.
  const body = { ...(value as Record<string, unknown>) }
  if (!read) return withoutLists({ kind: 'valid', body, lists: [] })
  let lists: ReadLists
  try {
    lists = read(value as never, now)
  } catch (error) {
    if (!(error instanceof ZaasError)) throw error
    return withoutLists({ kind: 'invalid', errors: error.errors })
  }
  const texts = Object.entries(lists).flatMap(([list, elements]) => {
    if (isListText(elements) || !Array.isArray(body[list])) return []
    delete body[list]
    const unclean = list === newItems ? uncleanBatches(elements) : []
    return [{ name: list, elements: distinct(elements), unclean }]
  })
  const outcome: Outcome = {
    kind: 'valid',
    body,
    lists: texts.map(({ name: list, elements, unclean }) => {
      return { name: list, count: elements.length, uncleanBatches: unclean.length }
    }),
  }
  const all = texts.flatMap(({ elements, unclean }) => [elements, ...unclean])
  return [JSON.stringify(outcome), ...all.map((each) => JSON.stringify(each))]
}
