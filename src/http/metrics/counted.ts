import type { HttpMetrics, MatchOutcomeLabel } from './http-metrics.ts'

/** Counts what a match comes to, and passes it on. */
export async function counted<Outcome>(
  metrics: Pick<HttpMetrics, 'countMatch'>,
  namespace: string,
  match: Promise<Outcome>,
  labelOf: (outcome: Outcome) => MatchOutcomeLabel,
): Promise<Outcome> {
  try {
    const outcome = await match
    metrics.countMatch(namespace, labelOf(outcome))
    return outcome
  } catch (error) {
    metrics.countMatch(namespace, 'failed')
    throw error
  }
}
