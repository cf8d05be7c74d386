import { type Contender, startService } from '../contender.ts'
import { stop } from '../processes.ts'

/** The route of the other contenders without a database: no service behind Elysia can be faster. */
export const bareElysia = without('Elysia, no database', 'elysia')
/** The same answer by Bun's server alone. */
export const bareBun = without('Bun.serve, no database', 'bun-serve')

function without(name: string, service: string): Contender {
  return {
    name,
    ratePerSecondMax: 0,
    async start(stock) {
      const { origin, child } = await startService(service, stock)
      return { origin, pid: child.process.pid, stop: () => stop(child) }
    },
  }
}
