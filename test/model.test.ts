import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Database } from '../src/storage/sqlite/database.ts'
import { full } from './faults/form.ts'
import { firstMoment, type TestApp, testApp } from './support/app.ts'
import type { ListAnswer } from './support/caller.ts'
import { type Filter, type Lists, Model, type Replacement } from './support/model.ts'
import { seedFor } from './support/seed.ts'

const runs = full ? 1_000 : 100

const items = ['A', 'B', 'C', 'D', 'E', 'F']
const requestors = ['r1', 'r2', 'r3', 'r4']
const anyRequestor = fc.constantFrom(...requestors)

type Step =
  | { do: 'match'; requestor: string }
  | { do: 'replace'; requestor: string }
  | { do: 'patch'; lists: Lists }
  | { do: 'put'; stock: Replacement }
  | { do: 'list'; filter: Filter; limit: number | undefined; order: 'desc' | undefined }
  | { do: 'stats' }

const optionally = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined })
const anyItems = fc.oneof(
  { weight: 3, arbitrary: fc.shuffledSubarray(items) },
  { weight: 1, arbitrary: fc.shuffledSubarray(items, { minLength: items.length }) },
)

/** Mostly lists that have nothing in common, since others are refused; some name an item twice. */
const anyLists: fc.Arbitrary<Lists> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ add: anyItems, remove: anyItems, release: anyItems }) },
  { weight: 3, arbitrary: anyItems.map((add) => ({ add: [...add, ...add.slice(0, 1)] })) },
  {
    weight: 3,
    arbitrary: anyItems.map((remove) => ({ remove: [...remove, ...remove.slice(0, 1)] })),
  },
  { weight: 2, arbitrary: anyItems.map((release) => ({ release })) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(anyItems, fc.nat(items.length), fc.nat(items.length))
      .map(([list, from, to]) => ({
        add: list.slice(from),
        remove: list.slice(0, Math.min(from, to)),
        release: list.slice(to, from),
      })),
  },
)

const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('match'), requestor: anyRequestor }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('replace'), requestor: anyRequestor }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('patch'), lists: anyLists }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('put'),
      stock: fc.record(
        { items: anyItems, removeMatched: fc.boolean() },
        { requiredKeys: ['items'] },
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('list'),
      filter: fc.record({
        item: optionally(fc.constantFrom(...items)),
        requestor: optionally(fc.constantFrom(...requestors)),
        status: optionally(fc.constantFrom('available', 'matched')),
      }),
      limit: optionally(fc.integer({ min: 1, max: 4 })),
      order: optionally(fc.constant('desc')),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stats') }) },
)

test('any sequence of calls does what the contract says', async () => {
  const app = await testApp()
  try {
    let sequences = 0
    let now = firstMoment
    const tick = () => {
      app.advance(1)
      return new Date(++now).toISOString()
    }
    const property = fc.asyncProperty(
      fc.array(steps, { minLength: 8, maxLength: 16 }),
      async (sequence) => {
        const real = await app.keyFor(`sequence-${++sequences}`)
        const model = new Model()
        const given = new Given()
        for (const step of sequence) {
          await take(step, { real, model, given, now: tick() })
          if (['patch', 'put'].includes(step.do)) await compareLists(real, model)
        }
        await compareLists(real, model)
        await compareCounts(real)
      },
    )
    await fc.assert(property, { numRuns: runs, seed: seedFor('model') })
    expect(await keptCounts(app.db)).toEqual(await countedItems(app.db))
    expect(await keptQueues(app.db)).toEqual(await availableItems(app.db))
  } finally {
    await app.close()
  }
}, 60_000)

/** The counts that the triggers have kept, of the namespaces that ever had an item. */
const keptCounts = (db: Database) =>
  valuesOf(db, 'SELECT namespace, total, matched FROM namespace_stats ORDER BY namespace')

const countedItems = (db: Database) =>
  valuesOf(
    db,
    `SELECT namespace, sum(deleted_at IS NULL), sum(deleted_at IS NULL AND requestor IS NOT NULL)
     FROM items GROUP BY namespace ORDER BY namespace`,
  )

/** What the triggers have kept of the queues, as what is available. */
const keptQueues = (db: Database) =>
  valuesOf(
    db,
    `SELECT id FROM items JOIN namespace_stats USING (namespace)
     WHERE deleted_at IS NULL AND (passed_over IS NOT NULL OR id >= queue_start) ORDER BY id`,
  )

const availableItems = (db: Database) =>
  valuesOf(db, 'SELECT id FROM items WHERE deleted_at IS NULL AND requestor IS NULL ORDER BY id')

async function valuesOf(db: Database, sql: string) {
  const { rows } = await db.read({ sql, params: [] })
  return rows.map((row) => Object.values(row))
}

type Real = Awaited<ReturnType<TestApp['keyFor']>>
type Pair = { real: Real; model: Model; given: Given; now: string }

/** Takes one step in both, and holds the answer of the one against that of the other. */
async function take(step: Step, { real, model, given, now }: Pair): Promise<void> {
  if (step.do === 'match') {
    const { status, body } = await real.match(step.requestor)
    expect({ status, body }).toEqual({ status: 200, body: model.match(step.requestor, now) })
    if (body.item !== undefined) given.to(step.requestor, body.item)
  } else if (step.do === 'replace') {
    const broken = model.list({ requestor: step.requestor }).map(({ item }) => item)
    await take({ do: 'patch', lists: { remove: broken } }, { real, model, given, now })
    await take({ do: 'match', requestor: step.requestor }, { real, model, given, now })
  } else if (step.do === 'patch') {
    const { status, body } = await real.patch(step.lists)
    const told = model.patch(step.lists, now)
    if (told === 'invalid') {
      expect({ status, code: body['code'] }).toEqual({ status: 422, code: 'invalid' })
    } else {
      expect({ status, body }).toEqual({ status: 200, body: told })
      given.takeBack(step.lists.release ?? [])
    }
  } else if (step.do === 'put') {
    const { status, body } = await real.put(step.stock)
    expect({ status, body }).toEqual({ status: 200, body: { ...model.put(step.stock, now) } })
  } else if (step.do === 'list') {
    const { filter, limit, order } = step
    const listed = model.list(filter)
    if (order === 'desc') listed.reverse()
    expect(await listPaged(real, { ...filter, order }, limit)).toEqual(pagesOf(listed, limit))
  } else {
    const { status, body } = await real.stats()
    expect({ status, body }).toEqual({ status: 200, body: model.stats() })
    await compareCounts(real)
  }
}

/** The whole stock is as in the model. */
async function compareLists(real: Real, model: Model): Promise<void> {
  const { body } = await real.list()
  expect(body).toEqual({ items: model.list(), nextCursor: null })
}

/** The counts are those of the list. */
async function compareCounts(real: Real): Promise<void> {
  const { body: list } = await real.list()
  const matched = list.items.filter(({ requestor }) => requestor !== null).length
  const total = list.items.length
  const { body: stats } = await real.stats()
  expect(stats).toEqual({ total, matched, available: total - matched })
}

/** All pages of a list; without `limit` there is but one. */
async function listPaged(
  real: Real,
  filter: Filter & { order: 'desc' | undefined },
  limit: number | undefined,
) {
  const pages: ListAnswer['items'][] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const given = Object.entries({ ...filter, limit, cursor }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] satisfies [string, string]],
    )
    const { status, body } = await real.list(`?${new URLSearchParams(given)}`)
    expect(status).toBe(200)
    pages.push(body.items)
    cursor = body.nextCursor
    expect(pages.length).toBeLessThanOrEqual(items.length)
  }
  return pages
}

function pagesOf(listed: ListAnswer['items'], limit = items.length): ListAnswer['items'][] {
  const pages = [listed.slice(0, limit)]
  for (let n = limit; n < listed.length; n += limit) pages.push(listed.slice(n, n + limit))
  return pages
}

/** Who was given each item since its last release, by the answers alone: there is never a second one. */
class Given {
  readonly #requestors = new Map<string, string>()

  to(requestor: string, item: string): void {
    expect({ item, requestor: this.#requestors.get(item) ?? requestor }).toEqual({
      item,
      requestor,
    })
    this.#requestors.set(item, requestor)
  }

  takeBack(released: readonly string[]): void {
    for (const item of released) this.#requestors.delete(item)
  }
}
