import type { MatchAnswer } from '../support/caller.ts'

type Namespace = { match: (requestor: string) => Promise<{ status: number; body: MatchAnswer }> }
export type Told = { requestor: string; answer: MatchAnswer }

/** So that the load leaves something of the machine to the commands that are tried under it. */
const thinkMs = 10

/** New requestors match, `clients` at a time, until `stop`. Each must get an item, or a 503. */
export function startMatches(namespace: Namespace, clients: number) {
  const told: Told[] = []
  const waiting: { count: number; resolve: () => void }[] = []
  let asked = 0
  let stopped = false
  let unavailable = 0
  let slowestMs = 0

  async function matchOne(): Promise<void> {
    const requestor = `user-${asked++}`
    const startedAt = performance.now()
    const { status, body } = await namespace.match(requestor)
    slowestMs = Math.max(slowestMs, Math.round(performance.now() - startedAt))
    if (status === 503) unavailable++
    else if (status !== 200 || !body.success) throw new Error(`answered ${status}`)
    else told.push({ requestor, answer: body })
    for (const { count, resolve } of waiting) if (told.length >= count) resolve()
  }
  const done = Promise.all(
    Array.from({ length: clients }, async () => {
      while (!stopped) {
        await matchOne()
        await Bun.sleep(thinkMs)
      }
    }),
  )
  return {
    /** What was answered so far. */
    told,
    /** Waits until so many have an item; throws when a match went wrong. */
    reach: (count: number) =>
      Promise.race([done, new Promise<void>((resolve) => waiting.push({ count, resolve }))]),
    stop: async () => {
      stopped = true
      await done
      return { unavailable, slowestMs }
    },
  }
}
