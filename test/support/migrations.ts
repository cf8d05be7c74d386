import { join } from 'node:path'

type Entry = { idx: number; version: string; when: number; tag: string; breakpoints: boolean }

/** Adds a migration to a copy of drizzle/: its first statement works, its second does not. */
export async function addBrokenMigration(folder: string): Promise<void> {
  const tag = '9999_broken'
  await changeJournal(folder, (entries) => {
    const { idx = 0, version = '', when = 0 } = entries.at(-1) ?? {}
    return [...entries, { idx: idx + 1, version, when: when + 1, tag, breakpoints: true }]
  })
  await Bun.write(
    join(folder, `${tag}.sql`),
    'CREATE TABLE half (id integer);\n--> statement-breakpoint\nINSERT INTO nowhere VALUES (1);',
  )
}

/** Has a copy of drizzle/ know its first migrations alone. */
export const keepFirstMigrations = (folder: string, count: number) =>
  changeJournal(folder, (entries) => entries.slice(0, count))

async function changeJournal(folder: string, change: (entries: Entry[]) => Entry[]) {
  const path = join(folder, 'meta/_journal.json')
  const journal = await Bun.file(path).json()
  await Bun.write(path, JSON.stringify({ ...journal, entries: change(journal.entries) }))
}
