import { readFileSync } from 'node:fs'

/** What Linux counts in: USER_HZ, which is 100 on every machine that Bun runs on. */
const microsecondsPerTick = 10_000

/** CPU time in microseconds: of a whole process, and of the thread that serves HTTP. */
export type CpuTime = { all: number; http: number }

/**
 * What a process has used so far. The `stat` of a process also has the threads that have ended, which
 * the nanoseconds in each thread's `schedstat` lack: their sum falls by all that a thread of the compiler
 * ever used when it ends. The ticks come from the same exact clock; only reading them rounds.
 */
export const cpuTime = (pid: number): CpuTime => ({
  all: ticks(`/proc/${pid}/stat`) * microsecondsPerTick,
  http: ticks(`/proc/${pid}/task/${pid}/stat`) * microsecondsPerTick,
})

export const between = (before: CpuTime, after: CpuTime): CpuTime => ({
  all: after.all - before.all,
  http: after.http - before.http,
})

/** User and system time. The name, which may have spaces, ends with the last parenthesis. */
function ticks(path: string): number {
  const stat = readFileSync(path, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}
