import { join } from 'node:path'

/** Adds a migration to a copy of drizzle/: its first statement works, its second does not. */
export async function addBrokenMigration(folder: string): Promise<void> {
  const tag = '9999_broken'
  const journalPath = join(folder, 'meta/_journal.json')
  const journal = await Bun.file(journalPath).json()
  const { idx, version, when } = journal.entries.at(-1)
  journal.entries.push({ idx: idx + 1, version, when: when + 1, tag, breakpoints: true })
  await Bun.write(journalPath, JSON.stringify(journal))
  await Bun.write(
    join(folder, `${tag}.sql`),
    'CREATE TABLE half (id integer);\n--> statement-breakpoint\nINSERT INTO nowhere VALUES (1);',
  )
}
