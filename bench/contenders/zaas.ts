import { type Contender, startZaas } from '../contender.ts'
import { root } from '../processes.ts'
import { filledDatabase } from '../stock.ts'

/** zaas as shipped: keys, validation, access lines, WAL with synchronous=FULL. */
export const zaas = zaasOf('zaas', root)

/** The zaas of a checkout, on a database of that checkout's schema. */
export function zaasOf(name: string, checkout: string): Contender {
  return {
    name,
    ratePerSecondMax: 30_000,
    async start(stock) {
      const database = await filledDatabase(stock, { checkout })
      const running = await startZaas(`file:${database.path}`, stock, checkout)
      return {
        ...running,
        async stop() {
          await running.stop()
          database.remove()
        },
      }
    },
  }
}
