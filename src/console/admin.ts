import type { Stats } from './pool.ts'
import type { Problem } from './problem.ts'
import { senderOf } from './send.ts'

export type Namespace = { namespace: string } & Stats
export type Scope = 'match' | 'read' | 'write'
export type ApiKey = {
  id: string
  apiKey: string
  namespace: string
  name: string | null
  scopes: Scope[]
  createdAt: string
  expiresAt: string | null
  lastUsedAt: string | null
}
export type NewKey = { namespace: string; name?: string; scopes?: Scope[]; expiresAt?: string }

const pageSize = 50

const pageAt = (cursor: string) => ({ limit: String(pageSize), ...(cursor && { cursor }) })

/** What the API lets a master key do. */
export function adminOf(masterKey: string, onRefused: (problem: Problem) => void) {
  const send = senderOf({ 'x-master-api-key': masterKey }, onRefused)
  return {
    namespaces: (cursor: string) => {
      const query = new URLSearchParams(pageAt(cursor))
      type Page = { namespaces: Namespace[]; nextCursor: string | null }
      return send.json<Page>('GET', `/admin/namespaces?${query}`)
    },
    keys: (namespace: string, cursor: string) => {
      const query = new URLSearchParams({ namespace, ...pageAt(cursor) })
      type Page = { apiKeys: ApiKey[]; nextCursor: string | null }
      return send.json<Page>('GET', `/admin/api-keys?${query}`)
    },
    makeKey: (key: NewKey) => send.json<ApiKey>('POST', '/admin/api-keys', key),
    revoke: (id: string) =>
      send.json<{ deleted: number }>('DELETE', `/admin/api-keys/${encodeURIComponent(id)}`),
  }
}

export type Admin = ReturnType<typeof adminOf>
