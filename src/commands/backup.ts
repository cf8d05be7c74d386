import { makeBackup, sizeOf } from '../maintenance/backup.ts'
import { describeContents } from '../maintenance/integrity-check.ts'
import { fileCommand, tell } from './file-command.ts'

const about = `Copies the database of DATABASE_URL to FILE, while servers use it. --force replaces FILE.`

export const run = fileCommand(
  { name: 'backup', file: 'FILE', flag: 'force', about },
  ({ file, flag, database }) => {
    const contents = makeBackup(database, file, { force: flag, tell })
    tell(`Backed up to ${file}, ${sizeOf(file)}. ${describeContents(contents)}`)
  },
)
