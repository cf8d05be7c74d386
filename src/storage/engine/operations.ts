import type { OperationName, Store } from '../../domain/store.ts'

/** What the operations take and give, by their names: what runs them by name keeps the two together. */
export type Arguments = { [Name in OperationName]: Parameters<Store[Name]> }
export type Outcomes = { [Name in OperationName]: Awaited<ReturnType<Store[Name]>> }

export type Run = <Name extends OperationName>(
  name: Name,
  args: Arguments[Name],
) => Promise<Outcomes[Name]>

/** A store whose operations are run elsewhere, or within a deadline, by `run`. One line for each operation. */
export function forwardingStore(run: Run): Store {
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

/** Runs an operation of a store by its name: the other end of `forwardingStore`. */
export function perform<Name extends OperationName>(
  store: { [Each in OperationName]: (...args: Arguments[Each]) => Promise<Outcomes[Each]> },
  name: Name,
  args: Arguments[Name],
): Promise<Outcomes[Name]> {
  return store[name](...args)
}
