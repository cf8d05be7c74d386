import type { Section } from '../report.ts'
import type { Bench } from '../scenario.ts'

export async function bulk(bench: Bench): Promise<Section> {
  return { title: 'bulk', header: [], rows: [], notes: [String(bench.rounds)] }
}
