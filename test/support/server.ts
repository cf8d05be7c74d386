import { masterKey } from './app.ts'
import { makeKey, namespaceOf } from './caller.ts'
import { type Launch, launch, startVariables } from './process.ts'

/** What a request over the network may take before a test counts it as hanging. */
const answerMaxMs = 30_000

/** A real zaas process on a free port. Throws when it does not come up; then it has ended. */
export async function startServer(
  databaseUrl: string,
  {
    env = {},
    startMaxMs,
    ...options
  }: Launch & { env?: Record<string, string>; startMaxMs?: number } = {},
) {
  const settings = {
    PORT: '0',
    HOST: '127.0.0.1',
    DATABASE_URL: databaseUrl,
    MASTER_API_KEYS: masterKey,
    ...startVariables,
  }
  const { child, stdout, stderr } = launch({ ...settings, ...env }, options)
  const begun = stdout.until(/.*"msg":"listening".*\n/, startMaxMs)
  const listening = await begun.catch(async (error) => {
    child.kill('SIGKILL')
    throw new Error(`the server did not start: ${await stderr.whole}`, { cause: error })
  })
  const { port, pid }: { port: number; pid: number } = JSON.parse(listening)
  const origin = `http://127.0.0.1:${port}`
  const send = (request: Request) => fetch(request, { signal: AbortSignal.timeout(answerMaxMs) })
  return {
    child,
    origin,
    port,
    pid,
    send,
    /** The log so far, a parsed line each; lines come some 100 ms late. */
    get lines(): Record<string, unknown>[] {
      const whole = stdout.text.split('\n').slice(0, -1)
      return whole.map((line) => JSON.parse(line))
    },
    stderr: stderr.whole,
    keyFor: (namespace: string, options?: { scopes: string[] }) =>
      makeKey(send, origin, masterKey, namespace, options),
    as: (namespace: string, apiKey: string) => namespaceOf(send, origin, namespace, apiKey),
    /** Sends a signal and waits for the end; returns the exit code. */
    stop: (signal: NodeJS.Signals = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) process.kill(pid, signal)
      return child.exited
    },
  }
}

export type Server = Awaited<ReturnType<typeof startServer>>
