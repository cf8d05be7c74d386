import { type Adoption, adopt } from '../db/adoption.ts'
import { runCommand, tell } from './command.ts'

const about = `Takes the matches, items and keys of the earlier zaas out of OLD.db over into the database of
DATABASE_URL. Without --apply nothing is changed, and what would happen is told. Stop the earlier zaas first.`

await runCommand({ name: 'adopt', file: 'OLD.db', flag: 'apply', about }, async (given) => {
  report(
    await adopt(given.file, given.database, {
      apply: given.flag,
      now: new Date(),
      newId: () => crypto.randomUUID(),
      masterApiKeys: given.masterApiKeys,
      tell,
    }),
  )
  tell(given.flag ? 'Done.' : 'Nothing is changed yet: run it again with --apply.')
})

function report({ items, keys, remarks }: Adoption): void {
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
