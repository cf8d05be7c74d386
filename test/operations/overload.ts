import { Database as Sqlite } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { injectFault } from '../faults/strace.ts'
import { masterKey } from '../support/app.ts'
import { seriesValue } from '../support/exposition.ts'
import { withServers } from '../support/instances.ts'
import type { Server } from '../support/server.ts'
import { Crowd } from './crowd.ts'

// What many who ask at once get, and what that costs, while the database is free, locked, and stuck. The
// figures go to standard error. Run by `bun run test:operations`; needs strace.

const crowdSize = 2_000
const settleMs = 2_000
const lockedMs = 6_000
const recoveryMaxMs = 1_000
const grownMaxMiB = 700
const liveMaxMs = 1_000
/** A key is looked up, a match waits for its turn and then for the lock: each has its bound. */
const answerMaxMs = 12_000
const changeBytes = 1_000_000
const stuckMs = 14_000
const scrapeMaxMs = 4_000
const pollMs = 20

const mutant = join(import.meta.dir, 'no-bound.ts')

test('2,000 connections get 200 or 503 in bounded time and memory, and service at once when it can be', async () => {
  const figures = await overload([])

  expect(figures.free).toMatchObject({ wrong: [], unavailable: 0 })
  expect(figures.locked.wrong).toEqual([])
  expect(figures.locked.unavailable).toBeGreaterThan(0)
  expect(figures.locked.slowestMs).toBeLessThan(answerMaxMs)
  expect(figures.liveMs).toBeLessThan(liveMaxMs)
  expect(figures.recoveryMs).toBeLessThan(recoveryMaxMs)
  expect(figures.after.wrong).toEqual([])
  expect(figures.after.ok).toBeGreaterThan(figures.free.ok / 2)
  expect(figures.grownMiB).toBeLessThan(grownMaxMiB)
}, 120_000)

test('without its bounds the same takes more memory than that', async () => {
  const { grownMiB } = await overload([mutant])

  expect(grownMiB).toBeGreaterThan(grownMaxMiB)
}, 120_000)

test('a thread that is stuck in its disk costs 503s in bounded time, and nothing else', async () => {
  await withServers(1, async ([server], path) => {
    if (!server) throw new Error('There is no server.')
    const shop = await server.keyFor('shop')
    await shop.patch({ add: ['A', 'B'] })
    const inject = `fdatasync,fsync:delay_enter=${stuckMs * 1_000}`
    const injected = await injectFault(server.pid, [path, `${path}-wal`], inject)
    const started = performance.now()
    const asked = shop.match('u1').then(timed(started))
    const behind = shop.stats().then(timed(started))
    const metrics = scrape(server).then(timed(started))
    const liveMs = await slowestLive(server, scrapeMaxMs)
    const answers = { asked: await asked, behind: await behind, metrics: await metrics }
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

/** Matches alone; then, while the database is locked, also changes of 1 MB each; then matches again. */
async function overload(preload: string[]) {
  return withServers(
    1,
    async ([server], path) => {
      if (!server) throw new Error('There is no server.')
      const shop = await server.keyFor('shop')
      for (let n = 0; n < 2; n++) await shop.patch({ add: itemsFrom(n * 100_000, 100_000) })
      const crowd = await Crowd.of(crowdSize, server, shop.apiKey)
      const memory = memoryOf(server)
      const free = await crowd.during([matching], () => Bun.sleep(settleMs))
      let [liveMs, recoveryMs] = [0, 0]
      const locked = await crowd.during([matching, matching, matching, changing], async () => {
        const unlock = lock(path)
        liveMs = await slowestLive(server, lockedMs)
        const { ok } = crowd.answers
        unlock()
        const unlockedMs = performance.now()
        while (crowd.answers.ok === ok) await Bun.sleep(pollMs)
        recoveryMs = Math.round(performance.now() - unlockedMs)
      })
      const after = await crowd.during([matching], () => Bun.sleep(settleMs))
      crowd.close()
      const figures = { free, locked, liveMs, recoveryMs, after, grownMiB: memory.grown() }
      report(preload.length > 0 ? 'overload without bounds' : 'overload', figures)
      return figures
    },
    { preload },
  )
}

const itemsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, n) => `item-${first + n}`)

const matching = {
  method: 'POST',
  path: '/namespaces/shop/match',
  body: (n: number) => JSON.stringify({ requestor: `requestor-${n}` }),
  pauseMs: 0,
}
const unknownItems = Array.from({ length: changeBytes / 1_000 }, (_, n) => `${n}`.padEnd(997, '-'))
const change = JSON.stringify({ remove: unknownItems })
const changing = {
  method: 'PATCH',
  path: '/namespaces/shop/items',
  body: () => change,
  pauseMs: 250,
}

/** Holds the write lock of a file, as another process, until the call that this returns. */
function lock(path: string): () => void {
  const file = new Sqlite(path)
  file.run('PRAGMA busy_timeout = 5000')
  file.run('BEGIN IMMEDIATE')
  return () => {
    file.run('ROLLBACK')
    file.close()
  }
}

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

const timed =
  (startedMs: number) =>
  <Value>(value: Value) => ({ value, ms: Math.round(performance.now() - startedMs) })

/** How far the resident memory of a server has grown at its peak, since this call. */
function memoryOf({ pid }: Server) {
  const read = (field: string) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024
  }
  const idle = read('VmRSS')
  return { grown: () => Math.round(read('VmHWM') - idle) }
}

function report(what: string, figures: object): void {
  process.stderr.write(`${what}: ${JSON.stringify(figures)}\n`)
}
