import { expect } from 'bun:test'
import { timed } from '../support/figures.ts'
import type { Server } from '../support/server.ts'

const pauseMs = 50

/** A new requestor matches in another namespace every `pauseMs`, until `stop` tells the times of it. */
export async function othersOf(server: Server) {
  const other = await server.keyFor('other')
  await other.patch({ add: Array.from({ length: 10_000 }, (_, n) => `other-${n}`) })
  const times: number[] = []
  let stopped = false
  const matching = (async () => {
    while (!stopped) {
      const pause = Bun.sleep(pauseMs)
      const { ms, value } = await timed(() => other.match(crypto.randomUUID()))
      expect(value.body).toMatchObject({ success: true, alreadyMatched: false })
      times.push(ms)
      await pause
    }
  })()
  while (times.length < 20) await Bun.sleep(pauseMs)
  times.length = 0
  return {
    stop: async () => {
      stopped = true
      await matching
      times.sort((a, b) => a - b)
      const at = (part: number) => Math.round(times[Math.floor((times.length - 1) * part)] ?? NaN)
      return { matches: times.length, median: at(0.5), p99: at(0.99), max: at(1) }
    },
  }
}
