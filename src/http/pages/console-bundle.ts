import { join } from 'node:path'

/**
 * The script of the console, whole and small. It is called as a macro, where Bun.build would wait for
 * itself, hence the process.
 */
export function bundleConsole(): string {
  const main = join(import.meta.dir, '../../console/main.tsx')
  const command = [process.execPath, 'build', '--production', '--target=browser', main]
  const { success, stdout, stderr } = Bun.spawnSync(command)
  if (!success) throw new Error(`The console cannot be built: ${stderr}`)
  return stdout.toString()
}
