import type { Database } from '../../src/db/database.ts'
import type { MatchRequest, Outcome } from '../../src/db/matches.ts'

// A fault to plant with `--preload`: this module takes the place of src/db/matches.ts, in the thread of
// the database too. It does what such services do: looks who holds what and what is left, then writes,
// without looking again.
Bun.plugin({
  name: 'select-then-update',
  setup: (build) => {
    build.onLoad({ filter: /\/src\/db\/matches\.ts$/ }, () => ({
      contents: `export { matchBatch } from ${JSON.stringify(import.meta.path)}`,
      loader: 'ts',
    }))
  },
})

globalThis.Worker = class extends Worker {
  constructor(url: string | URL, options?: WorkerOptions) {
    super(url, { ...options, preload: [import.meta.path] })
  }
}

export async function matchBatch(
  db: Database,
  requests: readonly MatchRequest[],
  now: number,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const request of requests) outcomes.push(await selectThenUpdate(db, request, now))
  return outcomes
}

async function selectThenUpdate(
  db: Database,
  { namespace, requestor }: MatchRequest,
  now: number,
): Promise<Outcome> {
  const held = await db.read({
    sql: `SELECT item, matched_at FROM items
          WHERE namespace = ? AND requestor = ? AND deleted_at IS NULL`,
    params: [namespace, requestor],
  })
  const [mine] = held.rows
  if (mine) {
    return {
      item: String(mine['item']),
      matchedAt: Number(mine['matched_at']),
      alreadyMatched: true,
    }
  }
  const available = await db.read({
    sql: `SELECT id, item FROM items
          WHERE namespace = ? AND requestor IS NULL AND deleted_at IS NULL ORDER BY id LIMIT 1`,
    params: [namespace],
  })
  const [oldest] = available.rows
  if (!oldest) return 'none'
  await new Promise(setImmediate)
  await db.write([
    {
      sql: 'UPDATE items SET requestor = ?, matched_at = ? WHERE id = ?',
      params: [requestor, now, Number(oldest['id'])],
    },
  ])
  return { item: String(oldest['item']), matchedAt: now, alreadyMatched: false }
}
