import { Elysia } from 'elysia'
import { ZaasError } from '../errors.ts'
import type { Quota } from './quota.ts'
import { onceAnswered } from './requests.ts'

const levelsMax = 32
/** No body here needs ten, and an object of a million names takes seconds to parse and look through. */
const namesMax = 1_000
/** Smaller bodies, as those of matches, are not counted: with those of many, nobody's match must wait. */
const countedMinBytes = 64 * 1024

/** Stands for a body that nobody has read yet: Elysia parses before it authorises, so it parses nothing. */
export const unread = Symbol('unread body')

type InputContext = { request: Request; body: unknown; query: unknown }
/** `bodies` counts the bytes of the large bodies, from when they come to the answer. */
export type JsonInputDeps = { bodyLimitBytes: number; bodies: Quota }

/** For the routes that follow: reads the query, and a JSON body where the method has one. */
export const jsonInput = (deps: JsonInputDeps) =>
  new Elysia().onTransform({ as: 'scoped' }, async (context: InputContext) => {
    context.query = readQuery(context.request.url)
    if (/^P(OST|UT|ATCH)$/.test(context.request.method)) {
      context.body = await readJson(context.request, deps)
    }
  })

/**
 * Reads a JSON body. Throws `body_too_large` past `limitBytes`, `unsupported_media_type` for anything
 * but application/json, and `malformed_body` for what is not UTF-8, not JSON, JSON past the bounds above,
 * or JSON with a repeated name, which parsers disagree about (RFC 8259, 4; RFC 7493, 2.3).
 * Throws `unavailable` when there is no room for it beside the others.
 */
async function readJson(request: Request, deps: JsonInputDeps): Promise<unknown> {
  bodyType(request, ['application/json'], deps.bodyLimitBytes)
  const length = request.headers.get('content-length')
  const small = length !== null && Number(length) <= countedMinBytes
  const bytes = small ? request.bytes() : readBounded(request, deps)
  return parseBytes(await bytes.catch(brokenOff))
}

/** A body whose caller has gone is no bug of ours. */
function brokenOff(cause: unknown): never {
  if (cause instanceof ZaasError) throw cause
  throw new ZaasError('malformed_body', 'The body broke off.', { cause })
}

/**
 * Which of these types the body says it has. Throws `body_too_large` when it says that it has more than
 * `limitBytes`, and `unsupported_media_type` for another type and for a compressed body.
 */
export function bodyType<MediaType extends string>(
  { headers }: Request,
  types: readonly MediaType[],
  limitBytes: number,
): MediaType {
  if (Number(headers.get('content-length')) > limitBytes) throw tooLarge(limitBytes)
  const [named = ''] =
    headers
      .get('content-type')
      ?.toLowerCase()
      .split(/[ \t]*;/) ?? []
  const type = types.find((each) => each === named)
  if (type === undefined || !/^(identity)?$/i.test(headers.get('content-encoding') ?? '')) {
    const allowed = types.join(' or ')
    throw new ZaasError('unsupported_media_type', `The body must be ${allowed}, uncompressed.`)
  }
  return type
}

/** The query as an object; a parameter that is given twice is a list, which no schema here takes. */
export function readQuery(url: string): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = Object.create(null)
  const start = url.indexOf('?')
  if (start < 0) return query
  const parameters = new URLSearchParams(url.slice(start))
  for (const name of parameters.keys()) {
    const values = parameters.getAll(name)
    query[name] = values.length === 1 && values[0] !== undefined ? values[0] : values
  }
  return query
}

/** A body up to a limit, counted as it comes: what a caller announces, it need not send. */
async function readBounded(
  request: Request,
  { bodyLimitBytes, bodies }: JsonInputDeps,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > bodyLimitBytes) throw tooLarge(bodyLimitBytes)
    onceAnswered(request, bodies.take(chunk.byteLength))
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const tooLarge = (limitBytes: number) =>
  new ZaasError('body_too_large', `The body may have at most ${limitBytes} bytes.`)

function parseBytes(bytes: Uint8Array): unknown {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw malformed('is not JSON in UTF-8')
  }
  const { value, fault } = parseJson(text)
  if (fault !== undefined) throw malformed(fault)
  return value
}

const malformed = (fault: string) => new ZaasError('malformed_body', `The body ${fault}.`)

/** The value of a JSON text, or what is wrong with it. */
export function parseJson(json: string): { value?: unknown; fault?: string } {
  const names = countNames(json)
  if (names === 'too deep') return { fault: `nests deeper than ${levelsMax} levels` }
  if (names === 'too many') return { fault: `has more than ${namesMax} names` }
  try {
    const value: unknown = JSON.parse(json)
    return names === countMembers(value)
      ? { value }
      : { fault: 'has an object with a repeated name' }
  } catch {
    return { fault: 'is not JSON in UTF-8' }
  }
}

/**
 * How many names JSON has: its colons outside of strings; `too many` past `namesMax`, and `too deep` for
 * a text that nests deeper than `levelsMax` (RFC 8259, 9): what parses in a moment can take minutes to
 * walk through.
 */
function countNames(json: string): number | 'too deep' | 'too many' {
  let [names, levels, inString] = [0, 0, false]
  for (let i = 0; i < json.length; i++) {
    const unit = json.charCodeAt(i)
    if (unit === code('"')) inString = !inString
    else if (inString) i += unit === code('\\') ? 1 : 0
    else if (unit === code(':')) names++
    else if (unit === code('[') || unit === code('{')) levels++
    else if (unit === code(']') || unit === code('}')) levels--
    if (levels > levelsMax) return 'too deep'
    if (names > namesMax) return 'too many'
  }
  return names
}

const code = (character: string) => character.charCodeAt(0)

/** How many members the objects of a value have, where a repeated name has left one. */
function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const inner: unknown[] = Array.isArray(value) ? value : Object.values(value)
  let members = inner === value ? 0 : inner.length
  for (const child of inner) if (typeof child === 'object') members += countMembers(child)
  return members
}
