/** The seed of one random test, printed so that a failure can be run again: `SEED=… bun test …`. */
export function seedFor(test: string): number {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  process.stderr.write(`${test}: SEED=${seed}\n`)
  return seed
}
