import { readConfig } from '../config.ts'
import { limits } from '../limits.ts'
import { originOf } from './terminal.ts'

/** A health check for containers: returns 0 if the zaas that these settings belong to is ready, else 1. */
export async function run(): Promise<number> {
  const { host, port } = readConfig(process.env)
  const response = await fetch(`${originOf({ host, port })}/health/ready`, {
    signal: AbortSignal.timeout(limits.healthCommand.answerMs),
  }).catch(() => undefined)
  return response?.ok ? 0 : 1
}
