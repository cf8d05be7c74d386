import { readConfig } from '../config.ts'
import { originOf } from '../terminal.ts'

const answerMaxMs = 3_000

// For whoever watches over a container: ends with 0 when the zaas of these settings is ready, else with 1.
const { host, port } = readConfig(process.env)
const response = await fetch(`${originOf({ host, port })}/health/ready`, {
  signal: AbortSignal.timeout(answerMaxMs),
}).catch(() => undefined)
process.exit(response?.ok ? 0 : 1)
