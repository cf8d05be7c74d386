import { readFileSync } from 'node:fs'

// Asks a server for /health/live every 10 ms, in a process of its own, and tells once its standard input has
// ended how long the slowest answer took: by the clock, and without the time for which the machine let the
// threads at both ends wait for a processor.

const [, , origin = '', serverPid = ''] = process.argv
const everyMs = 10

const [worst, seen] = [{ clockMs: 0, ownMs: 0 }, { answers: 0 }]

/** Milliseconds for which the first thread of a process has waited for a processor so far. */
function waitedMs(pid: string | number): number {
  const [, waitedNs] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')
  return Number(waitedNs) / 1e6
}

async function ask(): Promise<void> {
  const before = { ms: performance.now(), waitedMs: waitedMs(serverPid) + waitedMs(process.pid) }
  const { status } = await fetch(`${origin}/health/live`)
  if (status !== 200) throw new Error(`/health/live answered ${status}`)
  const clockMs = performance.now() - before.ms
  const idleMs = waitedMs(serverPid) + waitedMs(process.pid) - before.waitedMs
  worst.clockMs = Math.max(worst.clockMs, clockMs)
  worst.ownMs = Math.max(worst.ownMs, clockMs - idleMs)
  seen.answers++
}

for (let n = 0; n < 20; n++) await ask()
Object.assign(worst, { clockMs: 0, ownMs: 0 })
process.stdout.write('ready\n')
const pending = new Set<Promise<void>>()
const timer = setInterval(() => {
  const asked = ask().finally(() => pending.delete(asked))
  pending.add(asked)
}, everyMs)
await Bun.stdin.text()
clearInterval(timer)
await Promise.all(pending)
process.stdout.write(`${JSON.stringify({ ...worst, ...seen })}\n`)
