import { describeContents } from '../maintenance/integrity-check.ts'
import { restoreBackup } from '../maintenance/restore.ts'
import { fileCommand, tell } from './file-command.ts'

const about = `Puts the backup FILE in the place of the database of DATABASE_URL. No server may run on it.
--force replaces a database that is there, which is kept aside.`

export const run = fileCommand(
  { name: 'restore', file: 'FILE', flag: 'force', about },
  ({ file, flag, database }) => {
    const { contents, aside } = restoreBackup(file, database, {
      force: flag,
      now: new Date(),
      tell,
    })
    tell(`Restored ${database}. ${describeContents(contents)}`)
    if (aside) tell(`What was there is now ${aside}, to delete once you no longer want it.`)
  },
)
