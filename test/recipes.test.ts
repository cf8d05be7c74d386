import { afterAll, beforeAll, expect, test } from 'bun:test'
import { masterKey, tempFolder } from './support/app.ts'
import { freshDatabase } from './support/backend.ts'
import { blocks, play, recipes } from './support/readme.ts'
import { type Server, startServer } from './support/server.ts'

const folder = tempFolder()
let database: Awaited<ReturnType<typeof freshDatabase>>
let server: Server

beforeAll(async () => {
  database = await freshDatabase({ inMemory: false })
  server = await startServer(database.url)
})
afterAll(async () => {
  await server.stop()
  await database.remove()
  folder.remove()
})

const time = expect.stringMatching(/^20\d\d-.*Z$/)
const matched = (item: string, others: object = {}) => ({
  ...{ success: true, item, data: null, expiresAt: null, matchedAt: time, alreadyMatched: false },
  message: 'Item successfully matched',
  ...others,
})
const again = { alreadyMatched: true, message: 'Item already assigned to this requestor' }
const refused = (reason: string) => ({ success: false, reason, message: expect.any(String) })
const changed = (message: string) => expect.objectContaining({ success: true, message })
const settings = (those: object) =>
  expect.objectContaining({ settings: expect.objectContaining(those) })
const imported = expect.objectContaining({ received: 2, added: 1, matched: 1, batch: 'old-sheet' })

const expected: Record<string, unknown[]> = {
  orders: [
    settings({ itemsPerRequestor: 1_000 }),
    changed('Added 3 items'),
    matched('GIFT-1'),
    matched('GIFT-2'),
    matched('GIFT-1', again),
    {
      results: [
        { requestor: 'ann', slot: 'order-992', ...matched('GIFT-2', again) },
        { requestor: 'bob', slot: 'order-993', ...matched('GIFT-3') },
      ],
    },
  ],
  holds: [
    changed('Added 2 items'),
    matched('SEAT-1', { heldUntil: time, message: 'Item successfully held' }),
    matched('SEAT-1', again),
    matched('SEAT-2', { heldUntil: time, message: 'Item successfully held' }),
    changed('Released 1 items'),
  ],
  tickets: [
    settings({ expiryMarginSeconds: 172_800 }),
    changed('Added 2 items'),
    matched('T-1', { data: { gate: 'B', row: 12 }, expiresAt: '2090-06-30T22:00:00.000Z' }),
    changed('Updated 1 items'),
    { success: true, message: 'Removed 1 items', removed: 1, kept: 1 },
  ],
  spreadsheet: [
    imported,
    imported,
    matched('L-1', { ...again, matchedAt: '2026-03-01T10:00:00.000Z' }),
  ],
  broken: [
    changed('Added 2 items'),
    matched('KEY-1'),
    matched('KEY-2', { replaced: true }),
    matched('KEY-2', { ...again, replaced: true }),
  ],
  drop: [
    settings({ opensAt: '2090-05-01T12:00:00.000Z' }),
    changed('Added 1 items'),
    refused('not_open'),
    settings({ opensAt: null }),
    matched('DROP-1'),
    settings({ paused: true }),
    refused('paused'),
    matched('DROP-1', again),
  ],
}

test.each(Object.keys(expected))('the recipe %s does what it says', async (name) => {
  const script = [...blocks('sh', 'setup', recipes), ...blocks('sh', name, recipes)].join('\n')
  const env = { ...process.env, ZAAS: server.origin, MASTER_KEY: masterKey }

  expect(await play(script, { cwd: folder.path, env })).toEqual(expected[name] ?? [])
})

test('no block is left out', () => {
  const words = Array.from(recipes.matchAll(/^```sh (\w+)$/gm), ([, word]) => String(word))

  expect(new Set(words)).toEqual(new Set(['setup', ...Object.keys(expected)]))
  expect(recipes.match(/^```./gm)?.length).toBe(words.length)
})
