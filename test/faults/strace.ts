import { existsSync, readFileSync } from 'node:fs'
import { Output } from '../support/process.ts'

const scope = '/proc/sys/kernel/yama/ptrace_scope'

/** Whether processes can be traced here. In CI they must. */
export const canTrace =
  Bun.which('strace') !== null &&
  (process.getuid?.() === 0 || !existsSync(scope) || readFileSync(scope, 'utf8').trim() === '0')

if (!canTrace && process.env['CI']) throw new Error('strace is missing, or may not attach.')
if (!canTrace) process.stderr.write('skipped: strace is not installed, or may not attach here\n')

/**
 * Lets system calls of a running process on these files fail, as `inject` says (strace(1)), counted from
 * now on, until `detach`. `hit` waits for the first one that does.
 */
export async function injectFault(pid: number, files: readonly string[], inject: string) {
  const [calls] = inject.split(':')
  const options = files.flatMap((file) => ['-P', file])
  const tracer = Bun.spawn(
    ['strace', '-f', '-s0', ...options, `-etrace=${calls}`, `-einject=${inject}`, `-p${pid}`],
    { stdin: 'ignore', stdout: 'ignore', stderr: 'pipe' },
  )
  const output = new Output(tracer.stderr)
  await output.until(/ attached/)
  return {
    hit: () => output.until(/INJECTED/),
    detach: async () => {
      tracer.kill('SIGINT')
      await tracer.exited
    },
  }
}
