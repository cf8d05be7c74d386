import { importLegacy, type LegacyImport } from '../maintenance/legacy-import/import.ts'
import { fileCommand, tell } from './file-command.ts'

const about = `Imports the matches, items and keys of the legacy zaas from OLD.db into the database of DATABASE_URL.
Without --apply nothing is changed, and what would happen is told. Stop the legacy zaas first.`

export const run = fileCommand(
  { name: 'import-legacy', file: 'OLD.db', flag: 'apply', about },
  async ({ file, flag, database, masterApiKeys }) => {
    report(
      await importLegacy(file, database, {
        apply: flag,
        now: new Date(),
        newId: () => crypto.randomUUID(),
        masterApiKeys,
        tell,
      }),
    )
    tell(flag ? 'Done.' : 'Nothing is changed yet: run it again with --apply.')
  },
)

function report({ items, keys, remarks }: LegacyImport): void {
  for (const { table, row, reason } of remarks) tell(`${table} row ${row}: ${reason}`)
  tell(
    `items: ${items.read} rows, of which taken over: ${items.available} available, ${items.matched} matched, ` +
      `${items.removed} removed; there already: ${items.known}; kept as removed: ${items.keptAsRemoved}; ` +
      `refused: ${items.refused}`,
  )
  tell(
    `api_keys: ${keys.read} rows, of which bound: ${keys.bound}; there already: ${keys.known}; ` +
      `deleted, left out: ${keys.deleted}; refused: ${keys.refused}`,
  )
}
