import { Database as Sqlite } from 'bun:sqlite'
import { afterAll, expect, test } from 'bun:test'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { faultsOf } from '../faults/file.ts'
import { Ledger } from '../faults/ledger.ts'
import { tempFolder } from '../support/app.ts'
import { report } from '../support/figures.ts'
import { forEachOf, withServers } from '../support/instances.ts'
import { runCommand } from '../support/process.ts'
import { startServer } from '../support/server.ts'
import { startMatches, type Told } from './matches.ts'

const backups = 10
const clients = 16
const stock = 50_000
const betweenMatches = 300
const answerMaxMs = 4_000
const folder = tempFolder()

afterAll(folder.remove)

test('ten backups under load have every match told before each, and a restored one answers the same', async () => {
  await withServers(1, async ([server], path) => {
    if (!server) throw new Error('There is no server.')
    const url = `file:${path}`
    const shop = await server.keyFor('shop')
    await shop.patch({ add: Array.from({ length: stock }, (_, n) => `ITEM-${n}`) })
    const load = startMatches(shop, clients)
    const counts: number[] = []
    for (let n = 0; n < backups; n++) {
      await load.reach(load.told.length + betweenMatches)
      const before = ledgerOf(load.told)
      const copied = await runCommand('backup', [join(folder.path, `${n}`)], url)
      expect(copied).toMatchObject({ exitCode: 0, stderr: '' })
      expect(faultsOf(join(folder.path, `${n}`), 'shop', before)).toEqual([])
      counts.push(before.acknowledged)
    }
    const early = await runCommand('restore', [join(folder.path, '9'), '--force'], url)
    expect(early).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('stop the server') })
    // The mutant: a copy of the file without its log, which is what a plain cp makes of it.
    copyFileSync(path, join(folder.path, 'mutant'))
    const mutant = faultsOf(join(folder.path, 'mutant'), 'shop', ledgerOf(load.told))
    const { unavailable, slowestMs } = await load.stop()
    report('10 backups', {
      told: counts,
      all: load.told.length,
      unavailable,
      slowestMs,
      mutant: mutant.length,
    })

    expect(mutant).not.toEqual([])
    expect(unavailable).toBe(0)
    expect(slowestMs).toBeLessThan(answerMaxMs)
    await answersTheSame(join(folder.path, '9'), shop.apiKey)
  })
})

/** Restores a backup to a new place and asks for every requestor that it has. */
async function answersTheSame(file: string, apiKey: string): Promise<void> {
  const place = `file:${join(folder.path, 'restored.db')}`
  expect(await runCommand('restore', [file], place)).toMatchObject({ exitCode: 0, stderr: '' })
  const held = new Sqlite(file, { readonly: true })
    .query<{ requestor: string; item: string }, []>(
      'SELECT requestor, item FROM items WHERE requestor IS NOT NULL ORDER BY id',
    )
    .all()
  const server = await startServer(place)
  try {
    const shop = server.as('shop', apiKey)
    await forEachOf(held, clients, async ({ requestor, item }) => {
      expect((await shop.match(requestor)).body).toMatchObject({ item, alreadyMatched: true })
    })
    expect((await shop.match('new')).body.item).toBe(`ITEM-${held.length}`)
    report('restored', { asked: held.length })
  } finally {
    await server.stop()
  }
}

function ledgerOf(told: readonly Told[]): Ledger {
  const ledger = new Ledger()
  for (const { requestor, answer } of told) ledger.told(requestor, answer)
  return ledger
}
