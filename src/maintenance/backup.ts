import { existsSync, statSync } from 'node:fs'
import { type Contents, inspect, refuseUnknownSchema } from './integrity-check.ts'
import { companions, copyDatabase, publish, withPartial, withReadOnly } from './sqlite-files.ts'

/** Tells whoever waits what is being done. */
export type Tell = (line: string) => void

/**
 * Writes a copy of a database file to a new file, while servers use it: it has every match that was told
 * before this began. The file gets its name once it is whole, checked and synced. One that is there is
 * left alone without `force`. Throws when there is no such database, or when the copy could not be restored.
 */
export function makeBackup(
  database: string,
  file: string,
  { force, tell }: { force: boolean; tell: Tell },
): Contents {
  if (!existsSync(database)) throw new Error(`${database} does not exist`)
  refuseSame(database, file)
  // What SQLite keeps beside a database would be read as a part of the new file.
  const taken = [...(force ? [] : ['']), ...companions].map((suffix) => file + suffix)
  for (const path of taken) if (existsSync(path)) throw new Error(`${path} exists already`)
  withReadOnly(database, refuseUnknownSchema)
  return withPartial(file, (partial) => {
    tell(`Copying ${database}, ${sizeOf(database)}.`)
    copyDatabase(database, partial)
    tell(`Checking the copy, ${sizeOf(partial)}.`)
    const contents = withReadOnly(partial, inspect)
    publish(partial, file, { replace: force })
    return contents
  })
}

/** Throws when both are one file. */
export function refuseSame(database: string, file: string): void {
  const idOf = (path: string) => {
    const { dev, ino } = statSync(path)
    return `${dev} ${ino}`
  }
  const files = ['', ...companions].map((suffix) => database + suffix).filter(existsSync)
  if (existsSync(file) && files.map(idOf).includes(idOf(file))) {
    throw new Error(`${file} is the database itself`)
  }
}

/** The size of a database in words, with what is in its log alone. */
export function sizeOf(database: string): string {
  const bytes = ['', '-wal']
    .map((suffix) => database + suffix)
    .filter(existsSync)
    .reduce((sum, path) => sum + statSync(path).size, 0)
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}

/** A time for the name of a file. */
export const stamp = (now: Date) => now.toISOString().replaceAll(/[-:]|\.\d+/g, '')
