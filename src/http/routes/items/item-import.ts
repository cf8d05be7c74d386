import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { ZaasError } from '../../../domain/errors.ts'
import type { Imported } from '../../../domain/import.ts'
import type { Store } from '../../../domain/store.ts'
import { bodyChunks } from '../../body-chunks.ts'
import { importUpload } from '../../imports/import-upload.ts'
import { refuseSpreadsheets } from '../../imports/lines/other-files.ts'
import type { Read } from '../../imports/lines/read-options.ts'
import { parseUpload, uploadTypes } from '../../imports/parse-upload.ts'
import { ImportQuery, readOptionsOf } from '../../imports/query.ts'
import { type KeyGuardDeps, keyGuard } from '../../middleware/auth.ts'
import type { ConcurrencyLimit } from '../../middleware/concurrency-limit.ts'
import { bodyType } from '../../middleware/json-body.ts'
import { problemsOf } from '../../middleware/problems.ts'
import { readQuery } from '../../middleware/query.ts'
import { Namespace, orNull } from '../../schemas.ts'
import { dryRunMessage, messageOf } from './item-changes.ts'

type Deps = KeyGuardDeps & {
  clock: () => Date
  newId: () => string
  store: Store
  importLimitBytes: number
  /** Limits how many imports run at once: with a single writer, more would not be faster. */
  imports: ConcurrencyLimit
}

const Lines = Type.Array(Type.Object({ line: Type.Integer(), detail: Type.String() }))
const ReadJson = Type.Object({
  encoding: Type.String(),
  delimiter: orNull(Type.String()),
  header: orNull(Type.Array(Type.String())),
  column: orNull(Type.Integer()),
  ignored: Type.Array(Type.String()),
  lines: Type.Integer(),
})

/** Imports the items of an upload, which is streamed: neither it nor its items are in memory as a whole. */
export const itemImport = ({ clock, newId, store, importLimitBytes, imports, ...deps }: Deps) =>
  new Elysia()
    .use(keyGuard(deps, 'write'))
    .derive(({ request }) => {
      refuseSpreadsheets(request.headers.get('content-type'))
      return { mediaType: bodyType(request, uploadTypes, importLimitBytes) }
    })
    .onTransform((context: { request: Request; query: unknown }) => {
      context.query = readQuery(context.request.url)
    })
    .post(
      '/namespaces/:namespace/items',
      async ({ namespace, actor, mediaType, query, request, set }) => {
        const options = readOptionsOf(query, mediaType, request.headers.get('content-type'))
        const { restore = 'true', dryRun = 'false', batch = makeLabel(clock(), newId()) } = query
        const requestId = String(set.headers['x-request-id'])
        const release = imports.take(namespace)
        const upload = readUpload(request, importLimitBytes)
        try {
          const { read, rows } = await parseUpload(upload, mediaType, options)
          const target = {
            store,
            namespace,
            batch,
            context: () => ({ now: clock().getTime(), actor, requestId }),
            options: { restore: restore === 'true', dryRun: dryRun === 'true' },
          }
          const done = await importUpload(target, rows)
          // A dry run makes no batch.
          const label = dryRun === 'true' ? (query.batch ?? null) : batch
          return toResponse(done, { read, batch: label, dryRun: dryRun === 'true' })
        } finally {
          release()
          await upload.return(undefined)
        }
      },
      {
        params: Type.Object({ namespace: Namespace }),
        query: ImportQuery,
        response: {
          200: Type.Object({
            success: Type.Literal(true),
            message: Type.String(),
            batch: orNull(Type.String()),
            received: Type.Integer(),
            added: Type.Integer(),
            restored: Type.Integer(),
            matched: Type.Integer(),
            unchanged: Type.Integer(),
            invalid: Type.Integer(),
            leftRemoved: Type.Integer(),
            expired: Type.Integer(),
            mended: Type.Integer(),
            warned: Type.Integer(),
            read: ReadJson,
            items: Type.Optional(Type.Array(Type.Object({ item: Type.String() }))),
            warnings: Lines,
            errors: Lines,
          }),
          ...problemsOf(400, 401, 403, 413, 415, 422, 503),
        },
        detail: {
          tags: ['Items'],
          operationId: 'importItems',
          summary: 'Import items',
          description:
            'An item a line; CSV with a column of items; or a JSON string or {"item"} a line. read says ' +
            'how the file was understood; what it does not tell is a 422 that names the parameter ' +
            'which does, and adds nothing. White space and invisible characters around an item are ' +
            'taken off (mended); what looks damaged is added and told (warned). Works in chunks, each ' +
            'atomic: an upload that breaks off has added a prefix, and sending it again adds the ' +
            'rest. Bad lines are skipped, the first 100 told; with none that is good, it is a 422. ' +
            'Of further columns, expiresAt is read, those that data names become data, and an export ' +
            'has its data. A file that has requestors is refused without matches: keep brings the ' +
            'matches along (matched), drop adds the items as available. batch labels what comes in, ' +
            'whatever the file says. restore=false leaves removed items removed (leftRemoved). ' +
            'dryRun=true changes nothing, and shows the first items.',
          requestBody: {
            required: true,
            content: Object.fromEntries(
              uploadTypes.map((type) => [type, { schema: { type: 'string' } }]),
            ),
          },
        },
      },
    )

/** A label that no other import has, and that sorts by time. */
const makeLabel = (now: Date, id: string) =>
  `import-${now.toISOString().replace(/\.\d+|[-:]/g, '')}-${id.slice(0, 8)}`

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

function toResponse(
  { imported, items }: { imported: Imported; items: { item: string }[] },
  { read, batch, dryRun }: { read: Read; batch: string | null; dryRun: boolean },
) {
  const { added, restored, matched } = imported
  const counts = { added, restored, matched }
  return {
    success: true as const,
    message: dryRun ? dryRunMessage(counts) : messageOf(counts),
    batch,
    ...imported,
    read,
    ...(dryRun && { items }),
  }
}
