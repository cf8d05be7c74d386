// Runs store operations by name, in another thread or within a deadline, without losing their types.

import type { OperationName, Store } from '../../domain/store.ts'

export type Arguments = { [Name in OperationName]: Parameters<Store[Name]> }
export type Outcomes = { [Name in OperationName]: Awaited<ReturnType<Store[Name]>> }

export type RunOperation = <Name extends OperationName>(
  name: Name,
  args: Arguments[Name],
) => Promise<Outcomes[Name]>

/** A store that passes each operation to `run`. */
export function forwardingStore(run: RunOperation): Store {
  return {
    match: (...args) => run('match', args),
    listItems: (...args) => run('listItems', args),
    changeItems: (...args) => run('changeItems', args),
    replaceItems: (...args) => run('replaceItems', args),
    namespaceStats: (...args) => run('namespaceStats', args),
    listNamespaces: (...args) => run('listNamespaces', args),
    createApiKey: (...args) => run('createApiKey', args),
    listApiKeys: (...args) => run('listApiKeys', args),
    deleteApiKeys: (...args) => run('deleteApiKeys', args),
    recordKeyUses: (...args) => run('recordKeyUses', args),
    readiness: (...args) => run('readiness', args),
    metrics: (...args) => run('metrics', args),
  }
}

/** Runs an operation of a store by name: the other end of `forwardingStore`. */
export function perform<Name extends OperationName>(
  store: { [Key in OperationName]: (...args: Arguments[Key]) => Promise<Outcomes[Key]> },
  name: Name,
  args: Arguments[Name],
): Promise<Outcomes[Name]> {
  return store[name](...args)
}
