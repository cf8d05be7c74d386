import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeBackup, refuseSame, sizeOf, stamp, type Tell } from './backups.ts'
import { Database } from './database.ts'
import { type Earlier, type EarlierKey, type Remark, readEarlier } from './earlier.ts'
import { migrationStatements } from './migrations.ts'
import { type Settled, settle } from './settling.ts'
import { copyDatabase, publish, withPartial } from './sqlite-files.ts'
import { type Fate, type Taken, takeover } from './takeover.ts'

/** What a takeover did, or would do, in rows: those that were read are all accounted for. */
export type Adoption = {
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
 * Takes the matches, items and keys of the earlier zaas over into a database, which may hold others and may
 * be in use. Without `apply` it does so in a copy, which it then throws away. With it the database is backed
 * up and then changed in one transaction, or made whole where there is none, so that a failure leaves all as
 * it was. The earlier database is only read. Throws when that is none, or when the database cannot be written.
 */
export async function adopt(old: string, database: string, options: Options): Promise<Adoption> {
  const { apply, now, tell } = options
  refuseSame(database, old)
  tell(`Reading ${old}, ${sizeOf(old)}.`)
  const earlier = readEarlier(old, { ...options, now: now.getTime() })
  const { settled, refused } = settle(earlier.items)
  const takeInto = (path: string) => takeOver(path, settled, earlier.keys, options)
  let taken: Taken
  if (apply && existsSync(database)) {
    const backup = `${realpathSync(database)}.before-adopt-${stamp(now)}`
    makeBackup(database, backup, { force: false, tell })
    tell(`Backed up to ${backup}. Writing to ${database}.`)
    taken = await takeInto(database)
  } else {
    tell(`Writing to a copy of ${database}.`)
    taken = await withScratch(database, async (scratch) => {
      const outcome = await takeInto(scratch)
      if (apply) publishCopy(scratch, database)
      return outcome
    })
  }
  return adoptionOf(earlier, settled, refused, taken)
}

/** A new database has its name once it is whole. */
function publishCopy(scratch: string, database: string): void {
  withPartial(database, (partial) => {
    copyDatabase(scratch, partial)
    publish(partial, database, { replace: false })
  })
}

/** One write for everything, tables that are missing included. */
async function takeOver(
  path: string,
  items: readonly Settled[],
  keys: readonly EarlierKey[],
  { now, newId }: Options,
): Promise<Taken> {
  const db = await Database.open(`file:${path.split('/').map(encodeURIComponent).join('/')}`)
  try {
    const { statements, read } = takeover(items, keys, { now: now.getTime(), newId })
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
  const folder = mkdtempSync(join(dirname(database), '.zaas-adopt-'))
  try {
    const scratch = join(folder, 'zaas.db')
    if (existsSync(database)) copyDatabase(database, scratch)
    return await use(scratch)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function adoptionOf(
  earlier: Earlier,
  settled: readonly Settled[],
  unsettled: readonly Remark[],
  taken: Taken,
): Adoption {
  const holding = new Map(settled.map((it) => [it.row, it.holding]))
  const found = taken.remarks.map(({ row, fate }): Remark => {
    const holder = holding.get(row)
    const held = holder === undefined ? 'another item in the database' : `the item of row ${holder}`
    const reason =
      fate === 'differs'
        ? 'the database has its item with another history'
        : `kept as removed: its requestor holds ${held}`
    return { table: 'items', row, reason }
  })
  const count = (fates: Fate[], state?: string) =>
    taken.counts
      .filter((it) => fates.includes(it.fate) && (state === undefined || it.state === state))
      .reduce((sum, { n }) => sum + n, 0)
  const refused = (table: Remark['table']) =>
    earlier.refused.filter((it) => it.table === table).length
  return {
    items: {
      read: earlier.itemRows,
      available: count(['new'], 'available'),
      matched: count(['new', 'given'], 'matched'),
      removed: count(['new'], 'removed'),
      known: count(['known']),
      keptAsRemoved: count(['removed', 'given removed']),
      refused: refused('items') + unsettled.length + count(['differs']),
    },
    keys: {
      read: earlier.keyRows,
      bound: taken.keysAdded,
      known: earlier.keys.length - taken.keysAdded,
      deleted: earlier.deletedKeys,
      refused: refused('api_keys'),
    },
    remarks: [...earlier.refused, ...unsettled, ...found].sort(
      (a, b) => a.table.localeCompare(b.table) || a.row - b.row,
    ),
  }
}
