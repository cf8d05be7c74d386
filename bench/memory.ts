import { readFileSync, writeFileSync } from 'node:fs'

/** The most memory that a process holds from now on, beyond what it holds now. Linux tells. */
export function watchMemory(pid: number): { peakAboveIdleBytes: () => number } {
  const idle = statusBytes(pid, 'VmRSS')
  // 5: forget the peak so far.
  writeFileSync(`/proc/${pid}/clear_refs`, '5')
  return { peakAboveIdleBytes: () => statusBytes(pid, 'VmHWM') - idle }
}

function statusBytes(pid: number, name: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${name}:\\s*(\\d+) kB`).exec(status)?.[1]) * 1_024
}
