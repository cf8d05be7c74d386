import type { Section } from '../report.ts'
import type { Bench } from '../scenario.ts'

export async function poolSizes(bench: Bench): Promise<Section> {
  return { title: 'pool-sizes', header: [], rows: [], notes: [String(bench.rounds)] }
}
