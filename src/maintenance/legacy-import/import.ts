import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Database } from '../../storage/sqlite/database.ts'
import { migrationStatements } from '../../storage/sqlite/migrations.ts'
import { assertNotSameFile, fileTimestamp, makeBackup, sizeOf, type Tell } from '../backup.ts'
import { copyDatabase, publish, withPartial } from '../sqlite-files.ts'
import { type Legacy, type LegacyKey, type Remark, readLegacy } from './read.ts'
import { type ReconciledItem, reconcile } from './reconcile.ts'
import { type Fate, legacyWrite, type Written } from './write.ts'

/** The result of a legacy import, or of a dry run, counted in rows. Every row that was read is in one count. */
export type LegacyImport = {
  items: {
    read: number
    available: number
    matched: number
    removed: number
    known: number
    keptAsRemoved: number
    refused: number
  }
  keys: { read: number; bound: number; known: number; deleted: number; refused: number }
  remarks: Remark[]
}

type Options = {
  apply: boolean
  now: Date
  newId: () => string
  masterApiKeys: readonly string[]
  tell: Tell
}

/**
 * Imports the matches, items and keys of the legacy zaas into a database, which may have others and may be in use.
 * Without `apply` this is a dry run, on a copy that is then deleted. With it, the database is backed up and then
 * changed in one transaction; if there is none, it is created complete. So a failure changes nothing. The
 * legacy database is only read. Throws if that is not one, or if the database cannot be written.
 */
export async function importLegacy(
  old: string,
  database: string,
  options: Options,
): Promise<LegacyImport> {
  const { apply, now, tell } = options
  assertNotSameFile(database, old)
  tell(`Reading ${old}, ${sizeOf(old)}.`)
  const legacy = readLegacy(old, { ...options, now: now.getTime() })
  const { reconciled, refused } = reconcile(legacy.items)
  const writeTo = (path: string) => writeLegacy(path, reconciled, legacy.keys, options)
  let written: Written
  if (apply && existsSync(database)) {
    const backup = `${realpathSync(database)}.before-adopt-${fileTimestamp(now)}`
    makeBackup(database, backup, { force: false, tell })
    tell(`Backed up to ${backup}. Writing to ${database}.`)
    written = await writeTo(database)
  } else {
    tell(`Writing to a copy of ${database}.`)
    written = await withScratchCopy(database, async (scratch) => {
      const scratchWritten = await writeTo(scratch)
      if (apply) publishCopy(scratch, database)
      return scratchWritten
    })
  }
  return summaryOf(legacy, reconciled, refused, written)
}

/** A new database gets its name only when it is complete. */
function publishCopy(scratch: string, database: string): void {
  withPartial(database, (partial) => {
    copyDatabase(scratch, partial)
    publish(partial, database, { replace: false })
  })
}

/** One write for everything, including pending migrations. */
async function writeLegacy(
  path: string,
  items: readonly ReconciledItem[],
  keys: readonly LegacyKey[],
  { now, newId }: Options,
): Promise<Written> {
  const db = await Database.open(`file:${path.split('/').map(encodeURIComponent).join('/')}`)
  try {
    const { statements, readResults } = legacyWrite(items, keys, { now: now.getTime(), newId })
    return readResults(await db.write([...(await migrationStatements(db)), ...statements]))
  } finally {
    await db.close()
  }
}

/** Calls `use` with the path of a copy of a database, or of one to create, in a folder that is then deleted. */
async function withScratchCopy<Result>(
  database: string,
  use: (scratch: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(dirname(database), '.zaas-import-legacy-'))
  try {
    const scratch = join(folder, 'zaas.db')
    if (existsSync(database)) copyDatabase(database, scratch)
    return await use(scratch)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function summaryOf(
  legacy: Legacy,
  reconciled: readonly ReconciledItem[],
  unreconciled: readonly Remark[],
  written: Written,
): LegacyImport {
  const heldRows = new Map(reconciled.map(({ row, heldRow }) => [row, heldRow]))
  const remarks = written.remarks.map(({ row, fate }): Remark => {
    const heldRow = heldRows.get(row)
    const held =
      heldRow === undefined ? 'another item in the database' : `the item of row ${heldRow}`
    const reason =
      fate === 'differs'
        ? 'the database has its item with another history'
        : `kept as removed: its requestor holds ${held}`
    return { table: 'items', row, reason }
  })
  const sumOf = (fates: Fate[], state?: string) =>
    written.counts
      .filter(
        (count) => fates.includes(count.fate) && (state === undefined || count.state === state),
      )
      .reduce((sum, { n }) => sum + n, 0)
  const refused = (table: Remark['table']) =>
    legacy.refused.filter((remark) => remark.table === table).length
  return {
    items: {
      read: legacy.itemRows,
      available: sumOf(['new'], 'available'),
      matched: sumOf(['new', 'given'], 'matched'),
      removed: sumOf(['new'], 'removed'),
      known: sumOf(['known']),
      keptAsRemoved: sumOf(['removed', 'given removed']),
      refused: refused('items') + unreconciled.length + sumOf(['differs']),
    },
    keys: {
      read: legacy.keyRows,
      bound: written.keysAdded,
      known: legacy.keys.length - written.keysAdded,
      deleted: legacy.deletedKeys,
      refused: refused('api_keys'),
    },
    remarks: [...legacy.refused, ...unreconciled, ...remarks].sort(
      (a, b) => a.table.localeCompare(b.table) || a.row - b.row,
    ),
  }
}
