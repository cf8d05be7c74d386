import { Elysia } from 'elysia'
import { ZaasError } from '../../domain/errors.ts'
import { limits } from '../../limits.ts'
import { parseJson } from '../formats/json.ts'
import { onceAnswered } from './access-log.ts'
import type { ConcurrencyLimit } from './concurrency-limit.ts'
import { readQuery } from './query.ts'

/** Stands for a body that nobody has read yet: Elysia parses before it authorises, so it parses nothing. */
export const unread = Symbol('unread body')

type BodyContext = { request: Request; body: unknown; query: unknown }
/** `bodies` counts the bytes of the large bodies, from when they come to the answer. */
export type JsonBodyDeps = { bodyLimitBytes: number; bodies: ConcurrencyLimit }

/** For the routes that follow: reads the query, and a JSON body where the method has one. */
export const jsonBody = (deps: JsonBodyDeps) =>
  new Elysia().onTransform({ as: 'scoped' }, async (context: BodyContext) => {
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
async function readJson(request: Request, deps: JsonBodyDeps): Promise<unknown> {
  bodyType(request, ['application/json'], deps.bodyLimitBytes)
  const length = request.headers.get('content-length')
  const small = length !== null && Number(length) <= limits.http.countedBodyMinBytes
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

/** A body up to a limit, counted as it comes: what a caller announces, it need not send. */
async function readBounded(
  request: Request,
  { bodyLimitBytes, bodies }: JsonBodyDeps,
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
