import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from '../support/app.ts'
import type { namespaceOf } from '../support/caller.ts'
import { report } from '../support/figures.ts'
import { at } from '../support/instances.ts'
import { randomFrom, seedFor } from '../support/seed.ts'
import { startServer } from '../support/server.ts'
import { faultsOfCopy, onCopy } from './file.ts'
import { type Fault, full, mutant } from './form.ts'
import { Ledger } from './ledger.ts'
import { namespace } from './load.ts'

const size = full ? 100_000 : 10_000
const changes = full ? 18 : 1
const kinds = ['PUT', 'PATCH', 'import'] as const

type Shop = ReturnType<typeof namespaceOf>

test(
  `a change of ${size} items that kill -9 cuts off is made or not, and an import is a prefix`,
  async () => {
    const { faults, cut } = await cutChanges('bulk changes', changes)

    expect(faults).toEqual([])
    if (full) expect(cut).toBeGreaterThan(0)
  },
  full ? 900_000 : 60_000,
)

test.if(full)(
  'the same check catches a server that commits a statement at a time',
  async () => {
    const fault = mutant('commits a statement at a time')
    const { faults } = await cutChanges('bulk changes, mutant', 40, fault)

    expect(faults[0]).toMatch(/between|counted wrong/)
  },
  300_000,
)

/** How many items are live of each generation; all that one change adds are one. */
type State = Record<string, number>
type Change = { kind: 'PUT' | 'PATCH' | 'import'; generation: string; before: State }

/** Cuts one change after the other, each at some moment of its writing, until a fault is found. */
async function cutChanges(name: string, changesMax: number, fault: Fault = {}) {
  const random = randomFrom(seedFor(name))
  const folder = tempFolder()
  const path = join(folder.path, 'zaas.db')
  const counts = { made: 0, notMade: 0, prefixes: 0, answered: 0 }
  const faults: string[] = []
  try {
    const { apiKey, writingMs } = await fill(path)
    for (let n = 0; n < changesMax && faults.length === 0; n++) {
      const change = { kind: at(kinds, n), generation: `g${n + 1}`, before: stateOf(path) }
      const answered = await makeAndKill(path, apiKey, change, random() * 2 * writingMs, fault)
      const after = stateOf(path)
      const part = after[change.generation] ?? 0
      faults.push(...faultsAfter(change, after, answered), ...faultsOfCopy(path, '', new Ledger()))
      counts[answered ? 'answered' : part === size ? 'made' : part > 0 ? 'prefixes' : 'notMade']++
      if (change.kind === 'import') faults.push(...(await importRest(path, apiKey, change, part)))
    }
    return { faults, cut: counts.made + counts.notMade + counts.prefixes }
  } finally {
    report(name, counts)
    folder.remove()
  }
}

/** A first stock, and how long such a change writes when nothing cuts it. */
async function fill(path: string): Promise<{ apiKey: string; writingMs: number }> {
  const server = await startServer(`file:${path}`)
  try {
    const shop = await server.keyFor(namespace)
    const asked = shop.put({ items: itemsOf('g0') })
    await firstWrite(path, asked)
    const startedAt = performance.now()
    expect((await asked).status).toBe(200)
    return { apiKey: shop.apiKey, writingMs: performance.now() - startedAt }
  } finally {
    await server.stop('SIGKILL')
  }
}

/** Waits until the log of the database grows, or until there is an answer without that. */
async function firstWrite(path: string, asked: Promise<unknown>): Promise<void> {
  const log = `${path}-wal`
  const size = () => (existsSync(log) ? statSync(log).size : 0)
  const before = size()
  let answered = false
  void asked.finally(() => (answered = true))
  while (!answered && size() === before) await Bun.sleep(1)
}

/** Whether the change was answered before the server was killed. */
async function makeAndKill(
  path: string,
  apiKey: string,
  change: Change,
  writingMs: number,
  fault: Fault,
): Promise<boolean> {
  const server = await startServer(`file:${path}`, fault)
  try {
    const asked = make(server.as(namespace, apiKey), change).catch(() => undefined)
    await firstWrite(path, asked)
    await Bun.sleep(writingMs)
    await server.stop('SIGKILL')
    return (await asked)?.status === 200
  } finally {
    await server.stop('SIGKILL')
  }
}

function make(shop: Shop, { kind, generation, before }: Change) {
  const items = itemsOf(generation)
  if (kind === 'PUT') return shop.put({ items })
  if (kind === 'import') return shop.import(items.join('\n'))
  return shop.patch({ add: items, remove: itemsOf(oldestOf(before)) })
}

const oldestOf = (state: State) => at(Object.keys(state), 0)

const itemsOf = (generation: string) =>
  Array.from({ length: size }, (_, n) => `${generation}/${String(n).padStart(6, '0')}`)

function faultsAfter({ kind, generation, before }: Change, after: State, answered: boolean) {
  const { [oldestOf(before)]: _, ...kept } = before
  const made = {
    ...(kind === 'import' ? before : kind === 'PATCH' ? kept : {}),
    [generation]: size,
  }
  const part = after[generation] ?? 0
  const prefix = part > 0 ? { ...before, [generation]: part } : before
  const right =
    Bun.deepEquals(after, made) ||
    (!answered && Bun.deepEquals(after, kind === 'import' ? prefix : before))
  return right ? [] : [`${kind} left ${JSON.stringify(after)}, between before and after`]
}

/** Sends the file again: it must add exactly what is missing. */
async function importRest(path: string, apiKey: string, { generation }: Change, part: number) {
  const server = await startServer(`file:${path}`)
  try {
    const { body } = await server.as(namespace, apiKey).import(itemsOf(generation).join('\n'))
    const told = [body.received, body.added, body.unchanged]
    const right = Bun.deepEquals(told, [size, size - part, part])
    return right ? [] : [`an import of which ${part} were there told ${told}`]
  } finally {
    await server.stop('SIGKILL')
  }
}

/** Throws for a generation of which something else than the first items is live. */
function stateOf(path: string): State {
  return onCopy(path, (copy) => {
    const file = new Sqlite(copy)
    const rows = file
      .query<{ generation: string; count: number; last: string }, []>(
        `SELECT substr(item, 1, instr(item, '/') - 1) AS generation, count(*) AS count, max(item) AS last
         FROM items WHERE deleted_at IS NULL GROUP BY 1`,
      )
      .all()
    file.close()
    for (const { generation, count, last } of rows) {
      expect(last).toBe(`${generation}/${String(count - 1).padStart(6, '0')}`)
    }
    return Object.fromEntries(rows.map(({ generation, count }) => [generation, count]))
  })
}
