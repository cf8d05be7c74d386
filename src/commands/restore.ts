import { described } from '../db/inspection.ts'
import { restoreBackup } from '../db/restores.ts'
import { runCommand, tell } from './command.ts'

const about = `Puts the backup FILE in the place of the database of DATABASE_URL. No server may run on it.
--force replaces a database that is there, which is kept aside.`

await runCommand({ name: 'restore', file: 'FILE', flag: 'force', about }, (given) => {
  const options = { force: given.flag, now: new Date(), tell }
  const { contents, aside } = restoreBackup(given.file, given.database, options)
  tell(`Restored ${given.database}. ${described(contents)}`)
  if (aside) tell(`What was there is now ${aside}, to delete once you no longer want it.`)
})
