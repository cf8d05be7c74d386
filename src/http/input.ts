import { ZaasError } from '../errors.ts'

const levelsMax = 32

/** Stands for a body that nobody has read yet: Elysia parses before it authorises, so it parses nothing. */
export const unread = Symbol('unread body')

export type InputContext = { request: Request; body: unknown; query: unknown }

/** Whether requests of this method have a body. */
export const hasBody = ({ method }: Request) =>
  method === 'POST' || method === 'PUT' || method === 'PATCH'

/**
 * Reads a JSON body. Throws `body_too_large` past `limitBytes`, `unsupported_media_type` for anything
 * but application/json, and `malformed_body` for what is not UTF-8, not JSON, or JSON with a repeated
 * name, which parsers disagree about (RFC 8259, 4; RFC 7493, 2.3).
 */
export async function readJson(request: Request, limitBytes: number): Promise<unknown> {
  const length = request.headers.get('content-length')
  if (Number(length) > limitBytes) throw tooLarge(limitBytes)
  const type = request.headers.get('content-type') ?? ''
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (!/^application\/json[ \t]*(;|$)/i.test(type) || encoding !== 'identity') {
    throw new ZaasError(
      'unsupported_media_type',
      'The body must be application/json, uncompressed.',
    )
  }
  const bytes = length ? await request.bytes() : await readBounded(request, limitBytes)
  return parse(bytes)
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

/** A body of unknown length, up to a limit. */
async function readBounded(request: Request, limitBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > limitBytes) throw tooLarge(limitBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const tooLarge = (limitBytes: number) =>
  new ZaasError('body_too_large', `The body may have at most ${limitBytes} bytes.`)

function parse(bytes: Uint8Array): unknown {
  const names = countNames(bytes)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new ZaasError('malformed_body', 'The body is not JSON in UTF-8.')
  }
  if (names !== countMembers(value)) {
    throw new ZaasError('malformed_body', 'The body has an object with a repeated name.')
  }
  return value
}

/**
 * How many names JSON has: its colons outside of strings. Throws `malformed_body` for a text that nests
 * deeper than `levelsMax` (RFC 8259, 9): what parses in a moment can take minutes to walk through.
 */
function countNames(json: Uint8Array): number {
  let [names, levels, inString] = [0, 0, false]
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]
    if (byte === code('"')) inString = !inString
    else if (inString) i += byte === code('\\') ? 1 : 0
    else if (byte === code(':')) names++
    else if (byte === code('[') || byte === code('{')) levels++
    else if (byte === code(']') || byte === code('}')) levels--
    if (levels > levelsMax) {
      throw new ZaasError('malformed_body', `The body nests deeper than ${levelsMax} levels.`)
    }
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
