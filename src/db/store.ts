import { GroupCommit } from '../group-commit.ts'
import { Database, type Durability } from './database.ts'
import { listItems } from './items.ts'
import { createKey, deleteKeys, listKeys, recordUses } from './keys.ts'
import { type MatchRequest, matchBatch, type Outcome } from './matches.ts'
import { migrate, pendingMigrations } from './migrations.ts'
import { countItems, listNamespaces } from './stats.ts'
import { changeItems, replaceItems } from './stock.ts'

const operations = {
  listItems,
  countItems,
  listNamespaces,
  changeItems,
  replaceItems,
  createKey,
  listKeys,
  deleteKeys,
  recordUses,
  readiness,
  measurements,
}

type Operations = typeof operations

/** All that the rest of zaas may ask of the database; plain values go in and come out. */
export type Store = {
  [Name in keyof Operations]: Operations[Name] extends (
    db: Database,
    ...args: infer Args
  ) => infer Outcome
    ? (...args: Args) => Outcome
    : never
} & {
  /** Answers one request; those that wait at the same time are one batch (`matchBatch`). */
  match: (request: MatchRequest, now: number) => Promise<Outcome>
}

export type OperationName = keyof Store

const matchLimits = { batchSizeMax: 256, queueLengthMax: 10_000, waitMaxMs: 3_000 }

/** In batches, and in requests: see `matching`. */
const [allNewMin, severalMin] = [8, 8]

/** Runs an operation by its name. */
export type Run = (name: OperationName, args: unknown[]) => Promise<unknown>
export type OpenedDatabase = { run: Run; close: () => Promise<void> }

/**
 * Opens the database, brings its tables up to date, and runs its operations here. Throws when it cannot be
 * used. `authToken` is for a libSQL server.
 */
export async function openHere(url: string, authToken?: string): Promise<OpenedDatabase> {
  const db = await Database.open(url, authToken)
  await migrate(db)
  return { run: runOn(db), close: () => db.close() }
}

/** The operations on a database. */
export const storeOn = (db: Database): Store => storeOf(runOn(db))

function runOn(db: Database): Run {
  const matcher = new GroupCommit(matching(db), { ...matchLimits, gatherMaxMs: db.gatherMaxMs })
  const queueHelp = 'Requests for a match that wait for the next batch.'
  db.meters.gauge('zaas_match_queue_length', queueHelp, () => matcher.queueLength)
  return async (name, args) => {
    if (name === 'match') {
      const [request, now] = args as Parameters<Store['match']>
      return matcher.submit({ ...request, now })
    }
    return lastInTurn(db, name, args)
  }
}

/**
 * Answers batches. When a drop opens, nearly everybody is new: once all were in some batches on end, the next
 * of several requests goes straight to its write. A few requests do not, so that a lone repeat waits for no
 * write lock; a crowd of repeats right after one of new requestors does, once.
 */
function matching(db: Database) {
  let allNewOnEnd = 0
  return async (batch: (MatchRequest & { now: number })[]): Promise<Outcome[]> => {
    const before = allNewOnEnd
    allNewOnEnd = 0
    const likelyNew = before >= allNewMin && batch.length >= severalMin
    const now = Math.max(...batch.map((request) => request.now))
    const outcomes = await matchBatch(db, batch, now, likelyNew)
    if (outcomes.every(isNew)) allNewOnEnd = before + 1
    return outcomes
  }
}

const isNew = (outcome: Outcome) => outcome !== 'none' && !outcome.alreadyMatched

/** The matches that have arrived go first: a change of many rows holds everybody up. */
async function lastInTurn(db: Database, name: keyof Operations, args: unknown[]): Promise<unknown> {
  await new Promise(setImmediate)
  const operation = operations[name] as (db: Database, ...args: unknown[]) => Promise<unknown>
  return operation(db, ...args)
}

/** A store whose operations are run by `run`. */
export function storeOf(run: Run): Store {
  const names = ['match', ...Object.keys(operations)] as OperationName[]
  return Object.fromEntries(
    names.map((name) => [name, (...args: unknown[]) => run(name, args)]),
  ) as Store
}

async function readiness(db: Database): Promise<{ pending: number; durability: Durability }> {
  return {
    pending: (await pendingMigrations(db)).length,
    durability: await db.durability(),
  }
}

/** What has been measured of the database, as Prometheus text. Asks nothing of the database. */
function measurements(db: Database): Promise<string> {
  return db.meters.text()
}
