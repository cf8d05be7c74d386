import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { itemEvents } from '../src/domain/history.ts'
import type { Store } from '../src/domain/store.ts'
import { checkIntegrity } from '../src/maintenance/integrity-check.ts'
import type { Database } from '../src/storage/sqlite/database.ts'
import { sweep } from '../src/storage/sqlite/matches/sweep.ts'
import { full } from './faults/form.ts'
import { firstMoment, type TestApp, tempFolder, testApp } from './support/app.ts'
import { Model } from './support/model.ts'
import {
  type Both,
  compareAll,
  compareStatsHistory,
  Given,
  type Real,
  take,
} from './support/model-calls.ts'
import { compareHistory } from './support/model-history.ts'
import { stepMs } from './support/model-pool.ts'
import { sequences } from './support/model-steps.ts'
import { seedFor } from './support/seed.ts'

const runs = full ? 1_000 : 100
/** A mutant is to be caught, and why need not be told in few steps. */
const endOnFailure = process.env['MUTANT'] !== undefined
/** Before the time of this machine, by which the check of integrity judges what has expired. */
const start = Date.parse('2025-01-01T00:00:00.000Z')
/** So long before the next hour each sequence begins: most of them go on past it. */
const beforeHourMs = 4_000

test('any sequence of calls does what the contract says', async () => {
  const seen = new Set<string>()
  let ends = 0
  await onRandomCalls(
    { name: 'model', numRuns: runs, compare: compareAll },
    async (real, app, end) => {
      expect(await keptCounts(app.db, real.namespace)).toEqual(
        await countedRows(app.db, real.namespace),
      )
      await compareStatsHistory(end, start)
      if (!full && ++ends % 4 > 0) return
      while (await sweep(app.db, { now: end.now, actor: 'process' }));
      for (const { event } of await compareHistory(end)) seen.add(event)
    },
  )
  if (full)
    expect([...seen].sort()).toEqual([...itemEvents].filter((each) => each !== 'forgotten').sort())
}, 600_000)

test.each(['application/x-ndjson', 'text/csv'])(
  'an export imported with its matches into an empty namespace is exported as the same file: %s',
  async (type) => {
    await onRandomCalls({ name: `moved as ${type}`, numRuns: runs / 4 }, async (real, app) => {
      const file = await exported(real, type)
      const copy = await app.keyFor(`copy-of-${real.namespace}`, { scopes })
      const { body } = await real.call<{ settings: unknown }>('GET', real.path)
      await copy.call('PATCH', copy.path, body.settings)
      const imported = await copy.import(file, type, '?matches=keep')

      const { items } = (await real.list()).body
      expect(imported.status).toBe(items.length === 0 ? 422 : 200)
      expect(await exported(copy, type)).toBe(file)
    })
  },
  600_000,
)

const scopes = ['match', 'read', 'write', 'manage']

async function exported(real: Real, accept: string): Promise<string> {
  return (await real.call<string>('GET', `${real.path}/items`, undefined, { accept })).body
}

type Runs = { name: string; numRuns: number; compare?: (both: Both) => Promise<void> }

/** Makes random calls on new namespaces, each as the model says, and then does something with each namespace. */
async function onRandomCalls(
  { name, numRuns, compare }: Runs,
  use: (real: Real, app: TestApp, end: Both) => Promise<void>,
): Promise<void> {
  let swept: Store | undefined
  const app = await testApp({
    wrapStore: (store) => {
      swept = store
      // Of the sweeps in the background no model could say when they are.
      return { ...store, sweep: async () => false }
    },
  })
  try {
    let now = start
    app.advance(start - firstMoment)
    let names = 0
    const property = fc.asyncProperty(sequences, async (sequence) => {
      const real = await app.keyFor(`sequence-${++names}`, { scopes })
      const both = { real, model: new Model(real.id), given: new Given() }
      const toEdge = 2 * stepMs.hour - (now % stepMs.hour) - beforeHourMs
      app.advance(toEdge)
      now += toEdge
      for (const { after, ...call } of sequence) {
        app.advance(after)
        now += after
        if (call.do === 'sweep') {
          // Those of the sequences before as well.
          while (await swept?.sweep({ now, actor: 'process' }));
          both.model.sweep(now)
        } else await take(call, { ...both, now })
        await compare?.({ ...both, now })
      }
      await use(real, app, { ...both, now })
    })
    await fc.assert(property, { numRuns, seed: seedFor(name), endOnFailure })
    await expectIntegrity(app)
  } finally {
    await app.close()
  }
}

/** What each change of rows has kept in `namespaces`: nothing if all calls were refused. */
const keptCounts = (db: Database, namespace: string) =>
  valuesOf(
    db,
    'SELECT total(total), total(matched), total(held), total(expired) FROM namespaces WHERE namespace = ?1',
    namespace,
  )

const countedRows = (db: Database, namespace: string) =>
  valuesOf(
    db,
    `SELECT count(*), count(iif(held_until IS NULL, requestor, NULL)), count(held_until),
       count(iif(requestor IS NULL AND (expires_at, items.id) <= (expired_until, expired_id), 1, NULL))
     FROM items JOIN namespaces USING (namespace) WHERE namespace = ?1 AND deleted_at IS NULL`,
    namespace,
  )

async function valuesOf(db: Database, sql: string, namespace: string) {
  const { rows } = await db.read({ sql, params: [namespace] })
  return rows.map((row) => Object.values(row))
}

/** Checks a copy, because this process must not open the file a second time. */
async function expectIntegrity({ path }: TestApp): Promise<void> {
  if (path === '') return
  const folder = tempFolder()
  try {
    const copied = Bun.spawnSync(['cp', path, `${path}-wal`, folder.path])
    expect(copied.success).toBe(true)
    const copy = new Sqlite(`${folder.path}/${path.split('/').at(-1)}`)
    expect(checkIntegrity(copy).namespaces).toBeGreaterThan(0)
    copy.close()
  } finally {
    folder.remove()
  }
}
