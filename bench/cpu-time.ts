import { readdirSync, readFileSync } from 'node:fs'

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

/** What a process and its children have used so far, in microseconds: a PostgreSQL has one for each connection. */
export function cpuTimeOfTree(pid: number): number {
  const pids = readdirSync('/proc')
    .map(Number)
    .filter((each) => each > 0)
  const children = pids.filter((each) => parentOf(each) === pid)
  const all = [pid, ...children].map((each) => ticks(`/proc/${each}/stat`) * microsecondsPerTick)
  return all.reduce((sum, each) => sum + each, 0)
}

/** Undefined for a process that has ended meanwhile. */
function parentOf(pid: number): number | undefined {
  try {
    return Number(fieldsOf(`/proc/${pid}/stat`)[1])
  } catch {
    return undefined
  }
}

/** User and system time. */
function ticks(path: string): number {
  const fields = fieldsOf(path)
  return Number(fields[11]) + Number(fields[12])
}

/** What follows the name, which may have spaces and ends with the last parenthesis. */
function fieldsOf(path: string): string[] {
  const stat = readFileSync(path, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}
