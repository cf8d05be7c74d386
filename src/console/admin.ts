import { createAdmin, type NewKey } from '../client/index.ts'
import { connection, type OnRefused, reportingTo } from './calls.ts'

const limit = 50

/** What the console does with a master key. */
export function adminOf(masterApiKey: string, onRefused: OnRefused) {
  const zaas = createAdmin({ ...connection, masterApiKey })
  const reported = reportingTo(onRefused)
  return {
    namespaces: (cursor?: string) => reported(zaas.pageOfNamespaces({ limit, cursor })),
    keys: (namespace: string, cursor?: string) =>
      reported(zaas.pageOfKeys({ namespace, limit, cursor })),
    makeKey: (key: NewKey) => reported(zaas.createKey(key)),
    revoke: (id: string) => reported(zaas.deleteKey(id)),
  }
}

export type Admin = ReturnType<typeof adminOf>
