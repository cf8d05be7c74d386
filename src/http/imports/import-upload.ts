// An import from the lines of an upload, and the refusals that come only with the last or a late line.

import { ZaasError } from '../../domain/errors.ts'
import {
  type Imported,
  type ImportTarget,
  importItems,
  nothingImported,
  type UploadLine,
} from '../../domain/import.ts'
import { limits } from '../../limits.ts'
import { LateRequestor } from './parse-upload.ts'

const { shownLines } = limits.imports

/**
 * Imports what was read of an upload, and returns its first items too. Throws `invalid` for one that has
 * nothing to use, and for one that turns out to have requestors.
 */
export async function importUpload(
  target: ImportTarget,
  rows: AsyncIterable<UploadLine[]>,
): Promise<{ imported: Imported; items: { item: string }[] }> {
  const imported = nothingImported()
  const items: { item: string }[] = []
  try {
    await importItems(target, noting(rows, items), imported)
  } catch (error) {
    throw error instanceof LateRequestor ? stoppedAt(error.line, imported, target.batch) : error
  }
  if (imported.received > imported.invalid) return { imported, items }
  const errors = imported.errors.slice(0, shownLines).map(({ line, detail }) => ({
    pointer: '#',
    detail: `line ${line} ${detail}`,
  }))
  const none = imported.received === 0 ? 'has no items' : 'has no line that could be used'
  throw new ZaasError('invalid', `The body ${none}. Nothing was added.`, { errors })
}

/** Keeps the first items of an import. */
async function* noting(rows: AsyncIterable<UploadLine[]>, shown: { item: string }[]) {
  for await (const lines of rows) {
    for (const line of lines) {
      if (shown.length >= shownLines) break
      if ('item' in line) shown.push({ item: line.item })
    }
    yield lines
  }
}

function stoppedAt(line: number, imported: Imported, batch: string): ZaasError {
  const { received, invalid, added, restored } = imported
  const used = received === invalid ? '' : `, as batch ${batch}`
  const detail =
    `is needed: line ${line} says who has its item, and nobody else must get it. The import stopped ` +
    `there, with ${added} added and ${restored} restored of the ${received} before it that were used${used}`
  return new ZaasError('invalid', 'The file turned out to have requestors.', {
    errors: [{ pointer: '#/matches', detail }],
  })
}
