import type { WriteContext } from '../../src/domain/actor.ts'
import type { MatchOutcome, MatchRequest } from '../../src/domain/match.ts'
import type { Database } from '../../src/storage/sqlite/database.ts'

// A fault to plant with `--preload`: this module takes the place of src/storage/sqlite/matches/match-batch.ts, in the thread of
// the database too. It does what such services do: looks who holds what and what is left, then writes,
// without looking again.
Bun.plugin({
  name: 'select-then-update',
  setup: (build) => {
    build.onLoad({ filter: /\/src\/storage\/sqlite\/matches\/match-batch\.ts$/ }, () => ({
      contents: `export { matchBatch, matcher } from ${JSON.stringify(import.meta.path)}`,
      loader: 'ts',
    }))
  },
})

globalThis.Worker = class extends Worker {
  constructor(url: string | URL, options?: WorkerOptions) {
    super(url, { ...options, preload: [import.meta.path] })
  }
}

export const matcher = (db: Database) => (requests: readonly (MatchRequest & WriteContext)[]) =>
  matchBatch(db, requests)

export async function matchBatch(
  db: Database,
  requests: readonly (MatchRequest & WriteContext)[],
): Promise<MatchOutcome[]> {
  const outcomes: MatchOutcome[] = []
  for (const request of requests) outcomes.push(await selectThenUpdate(db, request))
  return outcomes
}

async function selectThenUpdate(
  db: Database,
  { namespace, requestor, now }: MatchRequest & WriteContext,
): Promise<MatchOutcome> {
  const held = await db.read({
    sql: `SELECT item, matched_at FROM items
          WHERE namespace = ? AND requestor = ? AND deleted_at IS NULL`,
    params: [namespace, requestor],
  })
  const [mine] = held.rows
  if (mine) {
    return plainMatch(String(mine['item']), Number(mine['matched_at']), true)
  }
  const available = await db.read({
    sql: `SELECT id, item FROM items
          WHERE namespace = ? AND requestor IS NULL AND deleted_at IS NULL ORDER BY id LIMIT 1`,
    params: [namespace],
  })
  const [oldest] = available.rows
  if (!oldest) return { kind: 'refused', reason: 'none_left' }
  await new Promise(setImmediate)
  await db.write([
    {
      sql: 'UPDATE items SET requestor = ?, matched_at = ? WHERE id = ?',
      params: [requestor, now, Number(oldest['id'])],
    },
  ])
  return plainMatch(String(oldest['item']), now, false)
}

const plainMatch = (item: string, matchedAt: number, alreadyMatched: boolean): MatchOutcome => ({
  ...{ kind: 'matched', item, data: null, expiresAt: null, heldUntil: null },
  ...{ matchedAt, alreadyMatched },
})
