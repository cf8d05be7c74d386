import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { ZaasError } from '../../domain/errors.ts'
import { type Imported, importItems } from '../../domain/import.ts'
import type { Store } from '../../domain/store.ts'
import { bodyChunks } from '../body-chunks.ts'
import { parseCsv } from '../formats/csv-rows.ts'
import { blocksOf } from '../formats/line-blocks.ts'
import { parseNdjson, parseText, type UploadParser } from '../formats/rows.ts'
import { type KeyGuardDeps, keyGuard } from '../middleware/auth.ts'
import type { ConcurrencyLimit } from '../middleware/concurrency-limit.ts'
import { bodyType } from '../middleware/json-body.ts'
import { problemsOf } from '../middleware/problems.ts'
import { readQuery } from '../middleware/query.ts'
import { Namespace, strict } from '../schemas.ts'
import { messageOf } from './item-changes.ts'

type Deps = KeyGuardDeps & {
  clock: () => Date
  store: Store
  importLimitBytes: number
  /** Limits how many imports run at once: with a single writer, more would not be faster. */
  imports: ConcurrencyLimit
}

const mediaTypes = ['text/plain', 'text/csv', 'application/x-ndjson'] as const
const parsers: Record<(typeof mediaTypes)[number], UploadParser> = {
  'text/plain': parseText,
  'text/csv': parseCsv,
  'application/x-ndjson': parseNdjson,
}

/** Imports the items of an upload, which is streamed: neither it nor its items are in memory as a whole. */
export const itemImport = ({ clock, store, importLimitBytes, imports, ...deps }: Deps) =>
  new Elysia()
    .use(keyGuard(deps, 'write'))
    .derive(({ request }) => ({ mediaType: bodyType(request, mediaTypes, importLimitBytes) }))
    .onTransform((context: { request: Request; query: unknown }) => {
      context.query = readQuery(context.request.url)
    })
    .post(
      '/namespaces/:namespace/items',
      async ({ namespace, actor, mediaType, request }) => {
        const release = imports.take(namespace)
        const lines = parsers[mediaType](blocksOf(readUpload(request, importLimitBytes)))
        const context = () => ({ now: clock().getTime(), actor })
        return toResponse(await importItems(store, namespace, lines, context).finally(release))
      },
      {
        params: Type.Object({ namespace: Namespace }),
        query: strict({}),
        response: {
          200: Type.Object({
            success: Type.Literal(true),
            message: Type.String(),
            received: Type.Integer(),
            added: Type.Integer(),
            restored: Type.Integer(),
            unchanged: Type.Integer(),
            invalid: Type.Integer(),
            errors: Type.Array(Type.Object({ line: Type.Integer(), detail: Type.String() })),
          }),
          ...problemsOf(400, 401, 403, 413, 415, 422, 503),
        },
        detail: {
          tags: ['Items'],
          operationId: 'importItems',
          summary: 'Import items',
          description:
            'An item a line; a CSV column named item, or the first column; or a JSON string or ' +
            '{"item"} a line. Works in chunks, each atomic: an upload that breaks off has added a ' +
            'prefix, and sending it again adds the rest. Bad lines are skipped, the first 100 told.',
          requestBody: {
            required: true,
            content: Object.fromEntries(
              mediaTypes.map((type) => [type, { schema: { type: 'string' } }]),
            ),
          },
        },
      },
    )

/** Yields the body as it arrives. Throws `body_too_large` past the limit, and `malformed_body` if it breaks off. */
async function* readUpload(request: Request, limitBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0
  try {
    for await (const bytes of bodyChunks(request)) {
      size += bytes.byteLength
      if (size > limitBytes) break
      yield bytes
    }
  } catch (cause) {
    throw new ZaasError('malformed_body', 'The upload broke off; some of it has been added.', {
      cause,
    })
  }
  if (size > limitBytes) {
    throw new ZaasError(
      'body_too_large',
      `An import may have at most ${limitBytes} bytes; some of its first items have been added.`,
    )
  }
}

function toResponse(imported: Imported) {
  const { added, restored } = imported
  return { success: true as const, message: messageOf({ added, restored }), ...imported }
}
