export async function timed<Value>(
  work: () => Promise<Value>,
): Promise<{ ms: number; value: Value }> {
  const startedAt = performance.now()
  const value = await work()
  return { ms: Math.round(performance.now() - startedAt), value }
}

/** Says on standard error what a long test found. */
export function report(what: string, figures: object): void {
  process.stderr.write(`${what}: ${JSON.stringify(figures)}\n`)
}
