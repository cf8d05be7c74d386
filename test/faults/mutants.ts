import type { Result, SqliteClient } from '../../src/storage/sqlite/drivers/client.ts'
import { FileClient } from '../../src/storage/sqlite/drivers/file-client.ts'
import { ServerClient } from '../../src/storage/sqlite/drivers/server-client.ts'
import { codeMutants, type Edit } from './code-mutants.ts'

// Faults to plant in a server, in the thread of its database too: MUTANT names one of them, and this
// module is preloaded. Most are planted in the client, whatever zaas makes of it.

type Planted = SqliteClient & { reconnect?: () => unknown }

const oneByOne: SqliteClient['batch'] = async function (this: SqliteClient, statements) {
  const results: Result[] = []
  for (const statement of statements) results.push(await this.execute(statement))
  return results
}

const mutants: Record<string, (client: Planted) => void> = {
  'answers before the commit': (client) => {
    const { execute } = client
    let turn: Promise<unknown> = Promise.resolve()
    client.execute = function (...args: Parameters<typeof execute>) {
      const result = turn.then(() => execute.apply(this, args))
      turn = result.catch(() => {})
      return result
    }
    client.batch = function (statements) {
      const { promise, resolve, reject } = Promise.withResolvers<Result[]>()
      const command = (sql: string) => execute.call(this, { sql, args: [] })
      turn = turn.then(async () => {
        try {
          await command('BEGIN IMMEDIATE')
          resolve(await oneByOne.call({ ...this, execute: execute.bind(this) }, statements))
          await Bun.sleep(20)
          await command('COMMIT')
        } catch (error) {
          reject(error)
          await command('ROLLBACK').catch(() => {})
        }
      })
      return promise
    }
  },
  'does not sync': (client) => {
    const { batch } = client
    client.batch = async function (...args) {
      await this.execute({ sql: 'PRAGMA synchronous = NORMAL', args: [] })
      return batch.apply(this, args)
    }
  },
  'sends a change again': () =>
    edit([
      {
        file: 'storage/engine/retry.ts',
        from: "const unknown = failure === 'unknown' && kind === 'write'",
        to: "const unknown = false\n        if (failure === 'unknown') await Bun.sleep(2_000)",
      },
    ]),
  'answers none from an error': (client) => {
    const { execute } = client
    client.execute = async function (...args: Parameters<typeof execute>) {
      try {
        return await execute.apply(this, args)
      } catch (error) {
        if (!JSON.stringify(args).includes('AS holdings')) throw error
        const rows = [{ holdings: '[]', namespaces: '[]', counts: '[]' }]
        return { rows, rowsAffected: 0 }
      }
    }
  },
  'commits a statement at a time': (client) => {
    client.batch = oneByOne
  },
  'commits by itself': (client) => {
    client.batch = oneByOne
    client.reconnect = async () => {}
  },
  'tells of stock again': () =>
    edit([
      {
        file: 'storage/sqlite/records/tell-stock.ts',
        from: 'AND stock_told IS NOT found.state',
        to: '',
      },
    ]),
  'sends without a lease': () =>
    edit([
      {
        file: 'storage/sqlite/webhooks/send-queue.ts',
        from: `next_attempt_at = ?1 + \${leaseMs}`,
        to: 'next_attempt_at = ?1',
      },
    ]),
  'trusts the host': () =>
    edit([
      {
        file: 'http/server/request-target.ts',
        from: 'const host =',
        to: 'return request\n  const host =',
      },
    ]),
  'waits for ever': () =>
    edit([
      {
        file: 'http/server/listen.ts',
        from: 'idleTimeout: limits.http.idleSeconds',
        to: 'idleTimeout: 0',
      },
    ]),
  'skips the checkpoint on open': (client) => {
    const { execute } = client
    client.execute = function (...args: Parameters<typeof execute>) {
      const isCheckpoint = args[0].sql.includes('wal_checkpoint')
      const skipped = { sql: 'SELECT 0 AS busy, 1 AS log', args: [] }
      return execute.apply(this, isCheckpoint ? [skipped] : args)
    }
  },
}

for (const [each, edits] of Object.entries(codeMutants)) mutants[each] = () => edit(edits)

const name = process.env['MUTANT'] ?? ''
const plant = mutants[name]
if (!plant) throw new Error(`There is no mutant ${name}.`)
plant(FileClient.prototype)
plant(ServerClient.prototype)

globalThis.Worker = class extends Worker {
  constructor(url: string | URL, options?: WorkerOptions) {
    super(url, { ...options, preload: [import.meta.path] })
  }
}

/** Puts pieces of code in the place of others, which must be there. */
function edit(edits: readonly Edit[]): void {
  for (const [file, ofFile] of Map.groupBy(edits, (each) => each.file)) {
    const filter = new RegExp(`/src/${file.replaceAll('.', '\\.')}$`)
    Bun.plugin({
      name,
      setup: (build) => {
        build.onLoad({ filter }, async ({ path }) => {
          let contents = await Bun.file(path).text()
          for (const { from, to } of ofFile) {
            if (!contents.includes(from)) throw new Error(`There is no ${from} in ${path}.`)
            contents = contents.replace(from, () => to)
          }
          return { contents, loader: 'ts' }
        })
      },
    })
  }
}
