import { makeBackup, sizeOf } from '../db/backups.ts'
import { described } from '../db/inspection.ts'
import { runCommand, tell } from './command.ts'

const about = `Copies the database of DATABASE_URL to FILE, while servers use it. --force replaces FILE.`

await runCommand({ name: 'backup', file: 'FILE', flag: 'force', about }, (given) => {
  const contents = makeBackup(given.database, given.file, { force: given.flag, tell })
  tell(`Backed up to ${given.file}, ${sizeOf(given.file)}. ${described(contents)}`)
})
