import type { Section } from '../report.ts'
import type { Bench } from '../scenario.ts'

export async function underChanges(bench: Bench): Promise<Section> {
  return { title: 'under-changes', header: [], rows: [], notes: [String(bench.rounds)] }
}
