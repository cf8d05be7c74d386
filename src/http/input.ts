import { ZaasError } from '../errors.ts'

/** Stands for a body that nobody has read yet: Elysia parses before it authorises, so it parses nothing. */
export const unread = Symbol('unread body')

export type InputContext = { request: Request; body: unknown; query: unknown }

/** Reads the query, and the body where the route has one. */
export async function readInput(context: InputContext, bodyLimitBytes: number): Promise<void> {
  context.query = readQuery(context.request.url)
  if (context.body === unread) context.body = await readJson(context.request, bodyLimitBytes)
}

/**
 * Reads a JSON body. Throws `body_too_large` past `limitBytes`, `unsupported_media_type` for anything
 * but application/json, and `malformed_body` for what is not UTF-8, not JSON, or JSON with a repeated
 * name, which parsers disagree about (RFC 8259, 4; RFC 7493, 2.3).
 */
async function readJson(request: Request, limitBytes: number): Promise<unknown> {
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
function readQuery(url: string): Record<string, string | string[]> {
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
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new ZaasError('malformed_body', 'The body is not JSON in UTF-8.')
  }
  if (namesIn(bytes) !== membersOf(value)) {
    throw new ZaasError('malformed_body', 'The body has an object with a repeated name.')
  }
  return value
}

const [quote, backslash, colon] = [0x22, 0x5c, 0x3a]

/** How many names valid JSON has: its colons outside of strings. */
function namesIn(json: Uint8Array): number {
  let names = 0
  let inString = false
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]
    if (byte === quote) inString = !inString
    else if (inString && byte === backslash) i++
    else if (!inString && byte === colon) names++
  }
  return names
}

/** How many members the objects of a parsed value have, where a repeated name has left one. */
function membersOf(value: unknown): number {
  let members = 0
  const open = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next !== 'object' || next === null) continue
    const inner = Object.values(next)
    if (!Array.isArray(next)) members += inner.length
    for (const child of inner) if (typeof child === 'object') open.push(child)
  }
  return members
}
