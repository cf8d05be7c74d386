import type { Problem } from './problem.ts'
import { senderOf, type Watch } from './send.ts'
import type { Opened } from './session.ts'

export type Stats = { total: number; matched: number; available: number }
export type Code = {
  item: string
  requestor: string | null
  matchedAt: string | null
  createdAt: string
}
export type Change = { removed: number; released: number }
export type Report = {
  received: number
  added: number
  restored: number
  unchanged: number
  invalid: number
  errors: { line: number; detail: string }[]
}
export type Status = 'matched' | 'available'

/** In characters: the API refuses to look for a longer one, while a code may be longer. */
const requestorMax = 255

/** What the API lets a key do with its namespace. */
export function poolOf({ namespace, apiKey }: Opened, onRefused: (problem: Problem) => void) {
  const send = senderOf({ 'x-api-key': apiKey }, onRefused)
  const path = `/namespaces/${encodeURIComponent(namespace)}`
  const list = async (query: Record<string, string>, limit: number) => {
    const limited = new URLSearchParams({ ...query, limit: String(limit) })
    return (await send.json<{ items: Code[] }>('GET', `${path}/items?${limited}`)).items
  }
  return {
    stats: () => send.json<Stats>('GET', `${path}/stats`),
    /** The latest matches, from the end of the queue, or the codes that go out next. */
    codes: (status: Status, limit: number) =>
      list({ status, order: status === 'matched' ? 'desc' : 'asc' }, limit),
    /** The code that reads like this, and the one whose requestor does. */
    find: async (text: string) => {
      const found = await list({ item: text }, 1)
      if ([...text].length <= requestorMax) found.push(...(await list({ requestor: text }, 1)))
      return [...new Map(found.map((code) => [code.item, code])).values()]
    },
    remove: (item: string) => send.json<Change>('PATCH', `${path}/items`, { remove: [item] }),
    release: (item: string) => send.json<Change>('PATCH', `${path}/items`, { release: [item] }),
    add: (file: Blob, type: string, watch: Watch) =>
      send.upload<Report>(`${path}/items`, file, type, watch),
    export: (type: string, status: Status | '') =>
      send.blob(`${path}/items${status && `?status=${status}`}`, type),
  }
}

export type Pool = ReturnType<typeof poolOf>
