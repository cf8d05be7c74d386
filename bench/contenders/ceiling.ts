import { type Contender, startService } from '../contender.ts'
import { stop } from '../processes.ts'

/** The same route without a database. */
export const ceiling: Contender = {
  name: 'ceiling (no database)',
  ratePerSecondMax: 0,
  async start(stock) {
    const { origin, child } = await startService('ceiling', stock)
    return { origin, pid: child.process.pid, stop: () => stop(child) }
  },
}
