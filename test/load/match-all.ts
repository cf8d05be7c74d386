import { expect } from 'bun:test'

const connections = 64

type Pool = {
  match: (requestor: string) => Promise<{ status: number; body: { success: boolean } }>
}

/** New requestors match, `connections` at a time, and each gets an item. Those of each `round` are others. */
export async function matchAll(pool: Pool, matches: number, round = 0) {
  const times: number[] = []
  let asked = 0
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (asked < matches) {
        const requestor = `user-${round}-${asked++}`
        const startedAt = performance.now()
        const { body } = await pool.match(requestor)
        times.push(performance.now() - startedAt)
        expect(body.success).toBe(true)
      }
    }),
  )
  times.sort((a, b) => a - b)
  const at = (part: number) =>
    Math.round((times[Math.floor((times.length - 1) * part)] ?? 0) * 10) / 10
  return { median: at(0.5), p99: at(0.99), max: at(1) }
}
