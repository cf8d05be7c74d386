import { Elysia } from 'elysia'
import { ZaasError } from '../../domain/errors.ts'
import { limits } from '../../limits.ts'
import { type BodyName, largeBody } from '../bodies/bodies.ts'
import { bodyChunks } from '../body-chunks.ts'
import { parseBytes } from '../formats/json-bytes.ts'
import type { JsonWorker } from '../json-worker/client.ts'
import { afterResponse } from './access-log.ts'
import type { ConcurrencyLimit } from './concurrency-limit.ts'
import { digestOf } from './idempotency.ts'
import { readQuery } from './query.ts'

/** Stands for an unread body. Elysia parses before it authorises, so the guards let it parse nothing. */
export const unread = Symbol('unread body')

type BodyContext = { request: Request; body: unknown; query: unknown; namespace?: string }
export type JsonBodyDeps = {
  bodyLimitBytes: number
  /** Limits the bytes of large bodies, each counted from its arrival to the response. */
  bodies: ConcurrencyLimit
  /** Reads the large bodies. */
  jsonWorker: JsonWorker
}
/** Which body a method has. */
type BodyNames = Partial<Record<string, BodyName>>

/** Reads the query of the routes that follow, and the JSON body for the methods in `names`. */
export const jsonBody = (deps: JsonBodyDeps, names: BodyNames = {}) =>
  new Elysia().onTransform({ as: 'scoped' }, async (context: BodyContext) => {
    context.query = readQuery(context.request.url)
    const name = names[context.request.method]
    const share = context.namespace ?? ''
    if (name) context.body = await readJson(context.request, { name, share }, deps)
  })

/**
 * Throws `body_too_large` past `bodyLimitBytes`, `unsupported_media_type` for anything but application/json,
 * `malformed_body` for what is not UTF-8 or what `parseJson` rejects, and `unavailable` when the other bodies in
 * memory leave no room.
 */
async function readJson(
  request: Request,
  { name, share }: { name: BodyName; share: string },
  deps: JsonBodyDeps,
): Promise<unknown> {
  bodyType(request, ['application/json'], deps.bodyLimitBytes)
  const { countedBodyMinBytes } = limits.http
  const length = request.headers.get('content-length')
  const small = length !== null && Number(length) <= countedBodyMinBytes
  const digest = largeBody(name).keyed ? digestOf(request) : undefined
  if (small) {
    const bytes = await request.bytes().catch(rethrowAsMalformed)
    digest?.update(bytes)
    return parse(name, bytes)
  }
  const { chunks, size } = await readBounded(request, share, deps).catch(rethrowAsMalformed)
  for (const chunk of chunks) digest?.update(chunk)
  if (size <= countedBodyMinBytes) return parse(name, Buffer.concat(chunks))
  return deps.jsonWorker.read(name, chunks.map(transferable))
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
  // The two classes have nothing in common, so that this takes linear time for any header.
  const [, declared] = /^([^ \t;]*)[ \t]*(?:;|$)/.exec(headers.get('content-type') ?? '') ?? []
  const type = types.find((allowed) => allowed === declared?.toLowerCase())
  if (type === undefined || !/^(identity)?$/i.test(headers.get('content-encoding') ?? '')) {
    const choices = types.join(' or ')
    throw new ZaasError('unsupported_media_type', `The body must be ${choices}, uncompressed.`)
  }
  return type
}

/** Counts the bytes as they arrive, since a body need not have its declared length. */
async function readBounded(
  request: Request,
  share: string,
  { bodyLimitBytes, bodies }: JsonBodyDeps,
) {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of bodyChunks(request)) {
    size += chunk.byteLength
    if (size > bodyLimitBytes) throw tooLarge(bodyLimitBytes)
    afterResponse(request, bodies.take(share, chunk.byteLength))
    chunks.push(chunk)
  }
  return { chunks, size }
}

const tooLarge = (limitBytes: number) =>
  new ZaasError('body_too_large', `The body may have at most ${limitBytes} bytes.`)

/** A buffer with these bytes only, which can be transferred to a thread. Bun's chunks have one: nothing is copied. */
function transferable({ buffer, byteOffset, byteLength }: Uint8Array): ArrayBuffer {
  const own = buffer instanceof ArrayBuffer && byteLength === buffer.byteLength
  return own ? buffer : new Uint8Array(buffer, byteOffset, byteLength).slice().buffer
}

function parse(name: BodyName, bytes: Uint8Array): unknown {
  const { value, fault } = parseBytes(bytes, { hasData: largeBody(name).hasData })
  if (fault !== undefined) throw new ZaasError('malformed_body', `The body ${fault}.`)
  return value
}
