import { Database } from 'bun:sqlite'
import { type Contender, startService } from '../contender.ts'
import { stop } from '../processes.ts'
import { filledDatabase } from '../stock.ts'

/** libSQL with its defaults. It is fast to write, slow, and gives items out twice. */
export const selectThenUpdate: Contender = {
  name: 'select, then update',
  ratePerSecondMax: 4_000,
  async start(stock) {
    const { path, remove } = await filledDatabase(stock, 'delete')
    const { origin, child } = await startService('select-then-update', stock, {
      DATABASE_URL: `file:${path}`,
    })
    return {
      origin,
      pid: child.process.pid,
      countMatched() {
        using database = new Database(path, { readonly: true })
        const query = database.query<{ n: number }, []>(
          'SELECT count(*) AS n FROM items WHERE requestor IS NOT NULL',
        )
        return query.get()?.n ?? 0
      },
      async stop() {
        await stop(child)
        remove()
      },
    }
  },
}
