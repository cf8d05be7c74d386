import {
  type Client,
  createClient,
  type InStatement,
  LibsqlError,
  type ResultSet,
} from '@libsql/client'

// Faults to plant in a server, in the thread of its database too: MUTANT names one of them, and this
// module is preloaded. Most are planted in the client, whatever zaas makes of it.

const oneByOne: Client['batch'] = async function (this: Client, statements) {
  const results: ResultSet[] = []
  for (const statement of statements) results.push(await this.execute(statement as InStatement))
  return results
}

const mutants: Record<string, (client: Client) => void> = {
  'answers before the commit': (client) => {
    const { execute } = client
    let turn: Promise<unknown> = Promise.resolve()
    client.execute = function (...args: Parameters<typeof execute>) {
      const result = turn.then(() => execute.apply(this, args))
      turn = result.catch(() => {})
      return result
    }
    client.batch = function (statements, mode) {
      const { promise, resolve, reject } = Promise.withResolvers<ResultSet[]>()
      turn = turn.then(async () => {
        const transaction = await this.transaction(mode)
        await transaction
          .batch(statements as InStatement[])
          .then(resolve)
          .then(() => Bun.sleep(20))
          .then(() => transaction.commit())
          .catch(reject)
        transaction.close()
      })
      return promise
    }
  },
  'does not sync': (client) => {
    const { batch } = client
    client.batch = async function (...args) {
      await this.execute('PRAGMA synchronous = NORMAL')
      return batch.apply(this, args)
    }
  },
  'sends a change again': (client) => {
    const { batch } = client
    client.batch = async function (...args) {
      try {
        return await batch.apply(this, args)
      } catch (error) {
        if (error instanceof LibsqlError) throw error
        await Bun.sleep(2_000)
        return batch.apply(this, args)
      }
    }
  },
  'answers none from an error': (client) => {
    const { execute } = client
    client.execute = async function (...args: Parameters<typeof execute>) {
      try {
        return await execute.apply(this, args)
      } catch (error) {
        if (!JSON.stringify(args).includes('AS stocked')) throw error
        const rows = [{ held: '[]', stocked: '[]' }]
        return { rows } as unknown as ResultSet
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
  'trusts the host': () =>
    edit(/\/src\/http\/requests\.ts$/, 'const host =', 'return request\n  const host ='),
  'waits for ever': () =>
    edit(/\/src\/index\.ts$/, 'idleTimeout: idleMaxSeconds', 'idleTimeout: 0'),
  'serves an unsettled log': (client) => {
    const { execute } = client
    client.execute = function (...args: Parameters<typeof execute>) {
      const settling = String(args[0]).includes('wal_checkpoint')
      return execute.apply(this, settling ? ['SELECT 0 AS busy, 0 AS log'] : args)
    }
  },
}

const name = process.env['MUTANT'] ?? ''
const plant = mutants[name]
if (!plant) throw new Error(`There is no mutant ${name}.`)
for (const url of [':memory:', 'http://localhost'])
  plant(Object.getPrototypeOf(createClient({ url })))

globalThis.Worker = class extends Worker {
  constructor(url: string | URL, options?: WorkerOptions) {
    super(url, { ...options, preload: [import.meta.path] })
  }
}

/** Puts one piece of code in the place of another, which must be there. */
function edit(filter: RegExp, from: string, to: string): void {
  Bun.plugin({
    name,
    setup: (build) => {
      build.onLoad({ filter }, async ({ path }) => {
        const contents = await Bun.file(path).text()
        if (!contents.includes(from)) throw new Error(`There is no ${from} in ${path}.`)
        return { contents: contents.replace(from, to), loader: 'ts' }
      })
    },
  })
}
