import { join } from 'node:path'
import { scripts } from '../../package.json'

export const root = join(import.meta.dir, '../..')
const waitMaxMs = 60_000

/** The variables that a package's script sets for its command. */
export const variablesIn = (script: string): Record<string, string> =>
  Object.fromEntries(
    Array.from(script.matchAll(/(\w+)=(\S+)/g), ([, name, value]) => [name, value]),
  )

/** The variables that `bun run start` sets. */
export const startVariables = variablesIn(scripts.start)

export type Launch = {
  cwd?: string
  /** Modules that run first, to plant a fault. */
  preload?: string[]
  /** A command that runs the rest of its arguments, as strace does. */
  under?: string[]
}

/**
 * A zaas process with these settings and no others, its output as it comes. Unlike `startServer` it
 * expects nothing: it may fail to start. Kill it in the end.
 */
export function launch(
  env: Record<string, string>,
  { cwd = root, preload = [], under = [] }: Launch = {},
) {
  const preloads = preload.flatMap((path) => ['--preload', path])
  const child = Bun.spawn(
    [...under, process.execPath, '--no-env-file', ...preloads, 'src/index.ts'],
    {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdout: 'pipe',
      stderr: 'pipe',
    },
  )
  return { child, stdout: new Output(child.stdout), stderr: new Output(child.stderr) }
}

/** Runs a zaas process that is to end by itself; it is killed when it does not. */
export async function runToEnd(env: Record<string, string>, options?: { cwd: string }) {
  const { child, stdout, stderr } = launch(env, options)
  const timer = setTimeout(() => child.kill('SIGKILL'), waitMaxMs)
  const exitCode = await child.exited
  clearTimeout(timer)
  return { exitCode, stdout: await stdout.whole, stderr: await stderr.whole }
}

/** Runs `zaas backup`, `restore` or `import-legacy` on a database. */
export async function runCommand(name: string, args: string[], databaseUrl: string) {
  const child = Bun.spawn([process.execPath, '--no-env-file', 'src/index.ts', name, ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: databaseUrl },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ])
  return { exitCode: await child.exited, stdout, stderr }
}

/** A port that nothing listens on. */
export function freePort(): number {
  const probe = Bun.listen({ hostname: '0.0.0.0', port: 0, socket: { data: () => {} } })
  probe.stop(true)
  return probe.port
}

/** What a process has written so far. */
export class Output {
  text = ''
  readonly #waiting = new Set<() => void>()
  readonly whole: Promise<string>

  constructor(stream: ReadableStream<Uint8Array>) {
    this.whole = this.#read(stream)
  }

  /** Waits for text of this form and returns it; throws when the output ends without. */
  until(form: RegExp, maxMs = waitMaxMs): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = () => reject(new Error(`no ${form} in: ${this.text}`))
      const timer = setTimeout(fail, maxMs)
      const look = () => {
        const found = form.exec(this.text)?.[0]
        if (found === undefined) return
        clearTimeout(timer)
        this.#waiting.delete(look)
        resolve(found)
      }
      this.#waiting.add(look)
      void this.whole.then(fail)
      look()
    })
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<string> {
    const decoder = new TextDecoder()
    for await (const chunk of stream) {
      this.text += decoder.decode(chunk, { stream: true })
      for (const look of this.#waiting) look()
    }
    return this.text
  }
}

/** The resident memory of a process, in bytes. */
export async function memoryOf({ pid }: { pid: number }): Promise<number> {
  const status = await Bun.file(`/proc/${pid}/status`).text()
  return Number(/VmRSS:\s*(\d+)/.exec(status)?.[1]) * 1_024
}
