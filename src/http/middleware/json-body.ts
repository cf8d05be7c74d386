import { Elysia } from 'elysia'
import { ZaasError } from '../../domain/errors.ts'
import { limits } from '../../limits.ts'
import { parseJson } from '../formats/json.ts'
import { afterResponse } from './access-log.ts'
import type { ConcurrencyLimit } from './concurrency-limit.ts'
import { readQuery } from './query.ts'

/** Stands for an unread body. Elysia parses before it authorises, so the guards let it parse nothing. */
export const unread = Symbol('unread body')

type BodyContext = { request: Request; body: unknown; query: unknown }
/** `bodies` limits the bytes of large bodies, each counted from its arrival to the response. */
export type JsonBodyDeps = { bodyLimitBytes: number; bodies: ConcurrencyLimit }

/** Reads the query of the routes that follow, and the JSON body of a POST, PUT or PATCH. */
export const jsonBody = (deps: JsonBodyDeps) =>
  new Elysia().onTransform({ as: 'scoped' }, async (context: BodyContext) => {
    context.query = readQuery(context.request.url)
    if (/^P(OST|UT|ATCH)$/.test(context.request.method)) {
      context.body = await readJson(context.request, deps)
    }
  })

/**
 * Throws `body_too_large` past `bodyLimitBytes`, `unsupported_media_type` for anything but application/json,
 * `malformed_body` for what is not UTF-8 or what `parseJson` rejects, and `unavailable` when the other bodies in
 * memory leave no room.
 */
async function readJson(request: Request, deps: JsonBodyDeps): Promise<unknown> {
  bodyType(request, ['application/json'], deps.bodyLimitBytes)
  const length = request.headers.get('content-length')
  const small = length !== null && Number(length) <= limits.http.countedBodyMinBytes
  const bytes = small ? request.bytes() : readBounded(request, deps)
  return parseBytes(await bytes.catch(rethrowAsMalformed))
}

/** A read fails when the caller has gone, which is not a bug of ours. */
function rethrowAsMalformed(cause: unknown): never {
  if (cause instanceof ZaasError) throw cause
  throw new ZaasError('malformed_body', 'The body broke off.', { cause })
}

/**
 * Returns which of these media types the headers declare. Throws `unsupported_media_type` for any other type and
 * for a compressed body, and `body_too_large` for a declared length of more than `limitBytes`.
 */
export function bodyType<MediaType extends string>(
  { headers }: Request,
  types: readonly MediaType[],
  limitBytes: number,
): MediaType {
  if (Number(headers.get('content-length')) > limitBytes) throw tooLarge(limitBytes)
  const [declared = ''] =
    headers
      .get('content-type')
      ?.toLowerCase()
      .split(/[ \t]*;/) ?? []
  const type = types.find((allowed) => allowed === declared)
  if (type === undefined || !/^(identity)?$/i.test(headers.get('content-encoding') ?? '')) {
    const choices = types.join(' or ')
    throw new ZaasError('unsupported_media_type', `The body must be ${choices}, uncompressed.`)
  }
  return type
}

/** Counts the bytes as they arrive, since a body need not have its declared length. */
async function readBounded(
  request: Request,
  { bodyLimitBytes, bodies }: JsonBodyDeps,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > bodyLimitBytes) throw tooLarge(bodyLimitBytes)
    afterResponse(request, bodies.take(chunk.byteLength))
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
