import { expect, test } from 'bun:test'
import { injectFault } from '../faults/strace.ts'
import { masterKey } from '../support/app.ts'
import { seriesValue } from '../support/exposition.ts'
import { report, timed } from '../support/figures.ts'
import { withServers } from '../support/instances.ts'
import type { Server } from '../support/server.ts'

// What callers get while a sync does not come back from the disk. The figures go to standard error. Run
// by `bun run test:operations`; needs strace.

const stuckMs = 14_000
const answerMaxMs = 12_000
const scrapeMaxMs = 4_000
const liveMaxMs = 1_000
const pollMs = 20
const waitingMs = 1_000

test('a thread that is stuck in its disk costs 503s in bounded time, and nothing else', async () => {
  await withServers(1, async ([server], path) => {
    if (!server) throw new Error('There is no server.')
    const shop = await server.keyFor('shop')
    await shop.patch({ add: ['A', 'B'] })
    const inject = `fdatasync,fsync:delay_enter=${stuckMs * 1_000}`
    const injected = await injectFault(server.pid, [path, `${path}-wal`], inject)
    const asked = timed(() => shop.match('u1'))
    const behind = await untilOneWaits(() => timed(shop.stats))
    const metrics = timed(() => scrape(server))
    const liveMs = await slowestLive(server, scrapeMaxMs)
    const answers = { asked: await asked, behind: await behind.answer, metrics: await metrics }
    await injected.detach()
    const again = await shop.match('u1')

    const { value: text, ms: metricsMs } = answers.metrics
    const took = { matchMs: answers.asked.ms, statsMs: answers.behind.ms, metricsMs, liveMs }
    report('stuck', took)
    expect([answers.asked.value.status, answers.behind.value.status]).toEqual([503, 503])
    expect(Math.max(took.matchMs, took.statsMs)).toBeLessThan(answerMaxMs)
    expect(seriesValue(text, 'zaas_database_up')).toBe(0)
    expect(metricsMs).toBeLessThan(scrapeMaxMs)
    expect(liveMs).toBeLessThan(liveMaxMs)
    expect(again.body).toMatchObject({ success: true, item: 'A', alreadyMatched: true })
  })
}, 120_000)

/** The longest that /health/live took in this time, asked again and again. */
async function slowestLive({ origin }: Server, forMs: number): Promise<number> {
  const until = performance.now() + forMs
  let slowestMs = 0
  while (performance.now() < until) {
    const startedMs = performance.now()
    const { status } = await fetch(`${origin}/health/live`)
    if (status !== 200) throw new Error(`/health/live answered ${status}`)
    slowestMs = Math.max(slowestMs, Math.round(performance.now() - startedMs))
    await Bun.sleep(pollMs)
  }
  return slowestMs
}

async function scrape({ origin }: Server): Promise<string> {
  const headers = { authorization: `Bearer ${masterKey}` }
  return (await fetch(`${origin}/metrics`, { headers })).text()
}

/** Asks until an answer is not there in a while, since the thread is stuck, and returns that answer. */
async function untilOneWaits<Value>(
  ask: () => Promise<Value>,
): Promise<{ answer: Promise<Value> }> {
  for (;;) {
    const answer = ask()
    const waits = Bun.sleep(waitingMs).then(() => true)
    if (await Promise.race([waits, answer.then(() => false)])) return { answer }
  }
}
