import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Database } from '../../storage/sqlite/database.ts'
import { migrationStatements } from '../../storage/sqlite/migrations.ts'
import { makeBackup, refuseSame, sizeOf, stamp, type Tell } from '../backup.ts'
import { copyDatabase, publish, withPartial } from '../sqlite-files.ts'
import { type Legacy, type LegacyKey, type Remark, readLegacy } from './read.ts'
import { type ReconciledItem, reconcile } from './reconcile.ts'
import { type Fate, legacyWrite, type Written } from './write.ts'

/** What a legacy import did, or would do, in rows: those that were read are all accounted for. */
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
 * Imports the matches, items and keys of the legacy zaas into a database, which may hold others and may
 * be in use. Without `apply` it does so in a copy, which it then throws away. With it the database is backed
 * up and then changed in one transaction, or made whole where there is none, so that a failure leaves all as
 * it was. The legacy database is only read. Throws when that is none, or when the database cannot be written.
 */
export async function importLegacy(
  old: string,
  database: string,
  options: Options,
): Promise<LegacyImport> {
  const { apply, now, tell } = options
  refuseSame(database, old)
  tell(`Reading ${old}, ${sizeOf(old)}.`)
  const legacy = readLegacy(old, { ...options, now: now.getTime() })
  const { reconciled, refused } = reconcile(legacy.items)
  const writeInto = (path: string) => writeLegacy(path, reconciled, legacy.keys, options)
  let written: Written
  if (apply && existsSync(database)) {
    const backup = `${realpathSync(database)}.before-adopt-${stamp(now)}`
    makeBackup(database, backup, { force: false, tell })
    tell(`Backed up to ${backup}. Writing to ${database}.`)
    written = await writeInto(database)
  } else {
    tell(`Writing to a copy of ${database}.`)
    written = await withScratch(database, async (scratch) => {
      const outcome = await writeInto(scratch)
      if (apply) publishCopy(scratch, database)
      return outcome
    })
  }
  return summaryOf(legacy, reconciled, refused, written)
}

/** A new database has its name once it is whole. */
function publishCopy(scratch: string, database: string): void {
  withPartial(database, (partial) => {
    copyDatabase(scratch, partial)
    publish(partial, database, { replace: false })
  })
}

/** One write for everything, tables that are missing included. */
async function writeLegacy(
  path: string,
  items: readonly ReconciledItem[],
  keys: readonly LegacyKey[],
  { now, newId }: Options,
): Promise<Written> {
  const db = await Database.open(`file:${path.split('/').map(encodeURIComponent).join('/')}`)
  try {
    const { statements, read } = legacyWrite(items, keys, { now: now.getTime(), newId })
    return read(await db.write([...(await migrationStatements(db)), ...statements]))
  } finally {
    await db.close()
  }
}

/** Gives `use` a copy of a database, or the name of one to make, in a folder that is then removed. */
async function withScratch<Result>(
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
  const holding = new Map(reconciled.map((it) => [it.row, it.holding]))
  const found = written.remarks.map(({ row, fate }): Remark => {
    const holder = holding.get(row)
    const held = holder === undefined ? 'another item in the database' : `the item of row ${holder}`
    const reason =
      fate === 'differs'
        ? 'the database has its item with another history'
        : `kept as removed: its requestor holds ${held}`
    return { table: 'items', row, reason }
  })
  const count = (fates: Fate[], state?: string) =>
    written.counts
      .filter((it) => fates.includes(it.fate) && (state === undefined || it.state === state))
      .reduce((sum, { n }) => sum + n, 0)
  const refused = (table: Remark['table']) =>
    legacy.refused.filter((it) => it.table === table).length
  return {
    items: {
      read: legacy.itemRows,
      available: count(['new'], 'available'),
      matched: count(['new', 'given'], 'matched'),
      removed: count(['new'], 'removed'),
      known: count(['known']),
      keptAsRemoved: count(['removed', 'given removed']),
      refused: refused('items') + unreconciled.length + count(['differs']),
    },
    keys: {
      read: legacy.keyRows,
      bound: written.keysAdded,
      known: legacy.keys.length - written.keysAdded,
      deleted: legacy.deletedKeys,
      refused: refused('api_keys'),
    },
    remarks: [...legacy.refused, ...unreconciled, ...found].sort(
      (a, b) => a.table.localeCompare(b.table) || a.row - b.row,
    ),
  }
}
