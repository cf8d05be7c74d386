import { readConfig } from '../config.ts'
import { limits } from '../limits.ts'
import { originOf } from './terminal.ts'

/** For whoever watches over a container: returns 0 when the zaas of these settings is ready, else 1. */
export async function run(): Promise<number> {
  const { host, port } = readConfig(process.env)
  const response = await fetch(`${originOf({ host, port })}/health/ready`, {
    signal: AbortSignal.timeout(limits.healthCommand.answerMs),
  }).catch(() => undefined)
  return response?.ok ? 0 : 1
}
