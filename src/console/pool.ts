import { createClient, type ExportType, type Filter, type ImportType } from '../client/index.ts'
import { connection, type OnRefused, reportingTo } from './calls.ts'
import type { Opened } from './session.ts'
import { upload, type Watch } from './upload.ts'

export type Status = 'available' | 'matched'

/** In characters: the API refuses to look for a longer one, while a code may be longer. */
const requestorMax = 255

/** What the console does with a key and its namespace. */
export function poolOf(opened: Opened, onRefused: OnRefused) {
  const { namespace, apiKey } = opened
  const zaas = createClient({ ...connection, apiKey, namespace })
  const reported = reportingTo(onRefused)
  const list = async (filter: Filter, limit: number) =>
    (await reported(zaas.pageOfItems({ ...filter, limit }))).items
  return {
    stats: () => reported(zaas.stats()),
    /** The latest matches, from the end of the queue, or the codes that go out next. */
    codes: (status: Status, limit: number) =>
      list({ status, order: status === 'matched' ? 'desc' : 'asc' }, limit),
    /** The code that reads like this, and the one whose requestor does. */
    find: async (text: string) => {
      const found = await list({ item: text }, 1)
      if ([...text].length <= requestorMax) found.push(...(await list({ requestor: text }, 1)))
      return [...new Map(found.map((code) => [code.item, code])).values()]
    },
    remove: (item: string) => reported(zaas.change({ remove: [item] })),
    release: (item: string) => reported(zaas.change({ release: [item] })),
    add: (file: Blob, type: ImportType, watch: Watch) =>
      reported(upload(opened, file, type, watch)),
    export: (type: ExportType, status: Status | undefined) =>
      reported(zaas.export({ status }, { type })),
  }
}

export type Pool = ReturnType<typeof poolOf>
