import { cpus } from 'node:os'
import { join } from 'node:path'
import { run } from './processes.ts'

export type Load = {
  requests: number
  seconds: number
  failures: number
  p50Ms: number
  p99Ms: number
  maxMs: number
}

/** Who asks for what: see wrk.lua. Without `requestors` each request comes from a new one. */
export type Traffic = {
  connections: number
  seconds: number
  firstNamespace?: number
  namespaces?: number
  requestsInTurn?: number
  requestors?: number
  /** Sets requestors apart; the same tag names the same ones. */
  tag?: string
}

const wrkExtraMs = 15_000
let loads = 0

/** Sends matches with wrk, which has the last core to itself as far as this is in our hands. */
export async function load(kind: string, origin: string, traffic: Traffic): Promise<Load> {
  const { connections, seconds, firstNamespace = 0, namespaces = 1 } = traffic
  const { requestsInTurn = 1, requestors = 0, tag = `load${++loads}` } = traffic
  const printed = await run(
    `load: ${kind}`,
    [
      ...['taskset', '-c', String(cpus().length - 1)],
      ...['wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s'],
      ...['-s', join(import.meta.dir, 'wrk.lua'), origin, '--'],
      ...[tag, firstNamespace, namespaces, requestsInTurn, requestors].map(String),
    ],
    { maxMs: seconds * 1_000 + wrkExtraMs },
  )
  const counted: Load = JSON.parse(printed.trim().split('\n').at(-1) ?? '')
  if (counted.requests > 0) return counted
  // Nobody got an answer: then each took longer than this, and wrk says 0.
  const wholeMs = seconds * 1_000
  return { ...counted, p50Ms: wholeMs, p99Ms: wholeMs, maxMs: wholeMs }
}

export const perSecond = ({ requests, failures, seconds }: Load) => (requests - failures) / seconds
