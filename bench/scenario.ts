import type { Contender, Running } from './contender.ts'
import type { Section } from './report.ts'
import type { Stock } from './stock.ts'

/** What a run of the bench measures with. */
export type Bench = {
  zaas: Contender
  /** The route of the other contenders without a database. */
  bare: Contender
  /** Those who can take part besides, and a line for each who cannot. */
  others: readonly Contender[]
  absences: readonly string[]
  rounds: number
  /** How long one load lasts. */
  seconds: number
  warmUpSeconds: number
  /** The sizes of pools to compare. */
  poolSizes: readonly number[]
}

export type Scenario = (bench: Bench) => Promise<Section>

/** Has a contender run for as long as `use` takes. */
export async function withRunning<Result>(
  contender: Contender,
  stock: Stock,
  use: (running: Running) => Promise<Result>,
): Promise<Result> {
  const running = await contender.start(stock)
  try {
    return await use(running)
  } finally {
    await running.stop()
  }
}

/** Says on standard error what is being measured. */
export const progress = (line: string) => process.stderr.write(`${line}\n`)
