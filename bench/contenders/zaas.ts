import { type Contender, startZaas } from '../contender.ts'
import { filledDatabase } from '../stock.ts'

/** zaas as shipped: keys, validation, access lines, WAL with synchronous=FULL. */
export const zaas: Contender = {
  name: 'zaas',
  ratePerSecondMax: 30_000,
  async start(stock) {
    const database = await filledDatabase(stock)
    const running = await startZaas(`file:${database.path}`, stock)
    return {
      ...running,
      async stop() {
        await running.stop()
        database.remove()
      },
    }
  },
}
