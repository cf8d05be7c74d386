import type { Database, Durability } from './database.ts'
import { listItems } from './items.ts'
import { createKey, deleteKeys, listKeys, recordUses } from './keys.ts'
import { matchBatch } from './matches.ts'
import { pendingMigrations } from './migrations.ts'
import { countItems, listNamespaces } from './stats.ts'
import { changeItems, replaceItems } from './stock.ts'

/** All that the rest of zaas may ask of the database; plain values go in and come out. */
export const operations = {
  matchBatch,
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
}

/** The operations without the database, their first argument: they may run in another thread. */
export type Store = {
  [Name in OperationName]: (typeof operations)[Name] extends (
    db: Database,
    ...args: infer Args
  ) => infer Outcome
    ? (...args: Args) => Outcome
    : never
}

export type OperationName = keyof typeof operations

/** A store whose operations are run by `run`. */
export function storeOf(run: (name: OperationName, args: unknown[]) => Promise<unknown>): Store {
  const names = Object.keys(operations) as OperationName[]
  return Object.fromEntries(
    names.map((name) => [name, (...args: unknown[]) => run(name, args)]),
  ) as Store
}

/** Runs an operation whose arguments were those of a Store's. */
export function runOperation(db: Database, name: OperationName, args: unknown[]): Promise<unknown> {
  const operation = operations[name] as (db: Database, ...args: unknown[]) => Promise<unknown>
  return operation(db, ...args)
}

async function readiness(db: Database): Promise<{ pending: number; durability: Durability }> {
  return {
    pending: (await pendingMigrations(db)).length,
    durability: await db.durability(),
  }
}
