// Runs store operations by name, in another thread or within a deadline, without losing their types.

import type { OperationName, Store } from '../../domain/store.ts'

export type Arguments = { [Name in OperationName]: Parameters<Store[Name]> }
export type Outcomes = { [Name in OperationName]: Awaited<ReturnType<Store[Name]>> }

/** A store as what it is by name: `operations[name](...args)` keeps the types of `name` together. */
export type Operations = {
  [Name in OperationName]: (...args: Arguments[Name]) => Promise<Outcomes[Name]>
}

/** Makes the function that runs one operation elsewhere. */
export type Forward = <Name extends OperationName>(
  name: Name,
) => (...args: Arguments[Name]) => Promise<Outcomes[Name]>

/** A store whose operations `forward` makes. A new operation needs its line here. */
export function forwardingStore(forward: Forward): Store {
  return {
    match: forward('match'),
    confirm: forward('confirm'),
    listItems: forward('listItems'),
    storedItems: forward('storedItems'),
    changeItems: forward('changeItems'),
    findChange: forward('findChange'),
    importRows: forward('importRows'),
    replaceItems: forward('replaceItems'),
    namespaceStats: forward('namespaceStats'),
    statsHistory: forward('statsHistory'),
    namespaceState: forward('namespaceState'),
    changeSettings: forward('changeSettings'),
    listBatches: forward('listBatches'),
    findBatch: forward('findBatch'),
    removeBatch: forward('removeBatch'),
    listHistory: forward('listHistory'),
    findTraces: forward('findTraces'),
    forget: forward('forget'),
    pruneHistory: forward('pruneHistory'),
    sweep: forward('sweep'),
    listNamespaces: forward('listNamespaces'),
    createWebhook: forward('createWebhook'),
    listWebhooks: forward('listWebhooks'),
    findWebhook: forward('findWebhook'),
    changeWebhook: forward('changeWebhook'),
    rotateWebhookSecret: forward('rotateWebhookSecret'),
    deleteWebhook: forward('deleteWebhook'),
    listDeliveries: forward('listDeliveries'),
    retryDelivery: forward('retryDelivery'),
    testWebhook: forward('testWebhook'),
    leaseDeliveries: forward('leaseDeliveries'),
    recordAttempts: forward('recordAttempts'),
    tidyWebhooks: forward('tidyWebhooks'),
    webhookBacklog: forward('webhookBacklog'),
    createApiKey: forward('createApiKey'),
    listApiKeys: forward('listApiKeys'),
    findApiKeys: forward('findApiKeys'),
    deleteApiKeys: forward('deleteApiKeys'),
    recordKeyUses: forward('recordKeyUses'),
    readiness: forward('readiness'),
    metrics: forward('metrics'),
  }
}
