import { masterKey } from './app.ts'
import { makeKey, namespaceOf } from './caller.ts'
import { root } from './process.ts'

const startMaxMs = 20_000

/** What a request over the network may take before a test counts it as hanging. */
const answerMaxMs = 30_000

/** A real zaas process on a free port. `preload` names a module that runs first, to plant a fault. */
export async function startServer(
  databaseUrl: string,
  { env = {}, preload = [] }: { env?: Record<string, string>; preload?: string[] } = {},
) {
  const child = Bun.spawn(
    [
      process.execPath,
      '--no-env-file',
      ...preload.flatMap((path) => ['--preload', path]),
      'src/index.ts',
    ],
    {
      cwd: root,
      env: {
        PATH: process.env['PATH'] ?? '',
        PORT: '0',
        HOST: '127.0.0.1',
        DATABASE_URL: databaseUrl,
        MASTER_API_KEYS: masterKey,
        ...env,
      },
      stdout: 'pipe',
      stderr: 'pipe',
    },
  )
  const lines: Record<string, unknown>[] = []
  const stderr = new Response(child.stderr).text()
  const port = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error('the server did not start in time')),
      startMaxMs,
    )
    void readLines(child.stdout, (line) => {
      lines.push(line)
      if (line['msg'] === 'listening') resolve(Number(line['port']))
    }).then(async () => reject(new Error(`the server ended: ${await stderr}`)))
    void child.exited.then(() => clearTimeout(timer))
  })
  const origin = `http://127.0.0.1:${port}`
  const send = (request: Request) => fetch(request, { signal: AbortSignal.timeout(answerMaxMs) })
  return {
    child,
    origin,
    port,
    send,
    /** The log so far, a parsed line each; lines come some 100 ms late. */
    lines,
    stderr,
    keyFor: (namespace: string) => makeKey(send, origin, masterKey, namespace),
    as: (namespace: string, apiKey: string) => namespaceOf(send, origin, namespace, apiKey),
    /** Sends a signal and waits for the end; returns the exit code. */
    stop: (signal: NodeJS.Signals = 'SIGTERM') => {
      child.kill(signal)
      return child.exited
    },
  }
}

export type Server = Awaited<ReturnType<typeof startServer>>

async function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: Record<string, unknown>) => void,
): Promise<void> {
  let rest = ''
  const decoder = new TextDecoder()
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) if (part) onLine(JSON.parse(part))
  }
}
