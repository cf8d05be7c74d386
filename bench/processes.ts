import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const root = join(import.meta.dir, '..')
const stopMaxMs = 10_000
const pollMs = 20
const answerMaxMs = 30_000

type Child = { process: Bun.Subprocess; endSignal: NodeJS.Signals }

const children = new Set<Child>()
let temp: string | undefined

/** The commands that ran, the first of each kind, for the report; those without a kind are no part of it. */
export const commands = new Map<string, string>()

/** A new folder, which is gone when the bench ends. */
export function tempFolder(name: string): string {
  temp ??= mkdtempSync(join(tmpdir(), 'zaas-bench-'))
  // PostgreSQL runs as another user, who has to get through to its own folder.
  chmodSync(temp, 0o711)
  const path = join(temp, name)
  mkdirSync(path)
  return path
}

/** Starts a process that is stopped by its id at the latest when the bench ends. */
export function start(
  kind: string,
  command: string[],
  { env = {}, cwd = root, endSignal = 'SIGTERM' as NodeJS.Signals } = {},
): Child {
  note(kind, command, env)
  const process = Bun.spawn(command, {
    cwd,
    env: { ...ownPath(), ...env },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'inherit',
  })
  const child = { process, endSignal }
  children.add(child)
  return child
}

/** Ends a process and waits for it; one that does not listen is killed. */
export async function stop(child: Child): Promise<void> {
  child.process.kill(child.endSignal)
  const timer = setTimeout(() => child.process.kill('SIGKILL'), stopMaxMs)
  await child.process.exited
  clearTimeout(timer)
  children.delete(child)
}

/** Runs a command to its end and returns what it printed. Throws when it fails or outlasts `maxMs`. */
export async function run(
  kind: string,
  command: string[],
  { env = {}, stdin = '', maxMs = 60_000 } = {},
): Promise<string> {
  note(kind, command, env)
  const process = Bun.spawn(command, {
    cwd: root,
    env: { ...ownPath(), ...env },
    stdin: Buffer.from(stdin),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const child: Child = { process, endSignal: 'SIGKILL' }
  children.add(child)
  const timer = setTimeout(() => process.kill('SIGKILL'), maxMs)
  const [printed, complaint] = await Promise.all([
    new Response(process.stdout).text(),
    new Response(process.stderr).text(),
  ])
  const exitCode = await process.exited
  clearTimeout(timer)
  children.delete(child)
  if (exitCode !== 0) throw new Error(`${command[0]} ended with ${exitCode}: ${complaint.trim()}`)
  return printed
}

/** Waits until `ask` gets through; throws when the process ends first or it takes too long. */
export async function untilReady(child: Child, ask: () => Promise<unknown>): Promise<void> {
  const until = performance.now() + answerMaxMs
  for (;;) {
    const ready = await ask().then(
      () => true,
      () => false,
    )
    if (ready) return
    if (child.process.exitCode !== null || performance.now() > until) {
      throw new Error(`process ${child.process.pid} does not answer`)
    }
    await Bun.sleep(pollMs)
  }
}

/** Stops whatever still runs and removes every file. */
export async function endAll(): Promise<void> {
  await Promise.all(Array.from(children, stop))
  if (temp) rmSync(temp, { recursive: true, force: true })
}

export type { Child }

const ownPath = () => ({ PATH: process.env['PATH'] ?? '' })

function note(kind: string, command: string[], env: Record<string, string>): void {
  if (kind === '' || commands.has(kind)) return
  const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`)
  const words = [...settings, ...command].map((word) =>
    /[\s'"$]|^$/.test(word) ? `'${word}'` : word,
  )
  const line = words.join(' ').replaceAll(process.execPath, 'bun').replaceAll(root, '.')
  commands.set(kind, temp ? line.replaceAll(temp, 'FOLDER') : line)
}
