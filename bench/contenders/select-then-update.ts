import { type Contender, startService } from '../contender.ts'
import { stop } from '../processes.ts'
import { filledDatabase } from '../stock.ts'

/** libSQL with its defaults: a commit for each match, and a rollback journal. */
export const selectThenUpdate: Contender = {
  name: 'select, then update',
  ratePerSecondMax: 4_000,
  async start(stock) {
    const { path, remove } = await filledDatabase(stock, { journalMode: 'delete' })
    const { origin, child } = await startService('select-then-update', stock, {
      DATABASE_URL: `file:${path}`,
    })
    return {
      origin,
      pid: child.process.pid,
      async stop() {
        await stop(child)
        remove()
      },
    }
  },
}
