import { existsSync, statSync } from 'node:fs'
import { assertRecordedSchema, type Contents, checkIntegrity } from './integrity-check.ts'
import { copyDatabase, publish, sidecars, withPartial, withReadOnly } from './sqlite-files.ts'

/** Reports progress to whoever runs the command, a line at a time. */
export type Tell = (line: string) => void

/**
 * Copies a database to a file while servers use it. The copy contains every match that was answered before this
 * began. The file gets its name only when it is complete, checked and synced; with `force` it replaces an
 * existing one. Throws if there is no such database, if the file exists (without `force`), or if the copy could
 * not be restored.
 */
export function makeBackup(
  database: string,
  file: string,
  { force, tell }: { force: boolean; tell: Tell },
): Contents {
  if (!existsSync(database)) throw new Error(`${database} does not exist`)
  assertNotSameFile(database, file)
  // SQLite would read existing sidecar files as part of the new database.
  const mustNotExist = [...(force ? [] : ['']), ...sidecars].map((suffix) => file + suffix)
  for (const path of mustNotExist) if (existsSync(path)) throw new Error(`${path} exists already`)
  withReadOnly(database, assertRecordedSchema)
  return withPartial(file, (partial) => {
    tell(`Copying ${database}, ${sizeOf(database)}.`)
    copyDatabase(database, partial)
    tell(`Checking the copy, ${sizeOf(partial)}.`)
    const contents = withReadOnly(partial, checkIntegrity)
    publish(partial, file, { replace: force })
    return contents
  })
}

/** Throws if the file is the database, or one of its sidecar files. */
export function assertNotSameFile(database: string, file: string): void {
  const inodeOf = (path: string) => {
    const { dev, ino } = statSync(path)
    return `${dev} ${ino}`
  }
  const files = ['', ...sidecars].map((suffix) => database + suffix).filter(existsSync)
  if (existsSync(file) && files.map(inodeOf).includes(inodeOf(file))) {
    throw new Error(`${file} is the database itself`)
  }
}

/** The size of a database and its write-ahead log, for people. */
export function sizeOf(database: string): string {
  const bytes = ['', '-wal']
    .map((suffix) => database + suffix)
    .filter(existsSync)
    .reduce((sum, path) => sum + statSync(path).size, 0)
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}

/** A time, for use in file names. */
export const fileTimestamp = (now: Date) => now.toISOString().replaceAll(/[-:]|\.\d+/g, '')
