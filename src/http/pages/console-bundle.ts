import { join } from 'node:path'

/**
 * Bundles and minifies the script of the console. It is called as a macro, in which Bun.build would wait for
 * itself, hence the separate process.
 */
export function bundleConsole(): string {
  const entrypoint = join(import.meta.dir, '../../console/main.tsx')
  const command = [process.execPath, 'build', '--production', '--target=browser', entrypoint]
  const { success, stdout, stderr } = Bun.spawnSync(command)
  if (!success) throw new Error(`The console cannot be built: ${stderr}`)
  return stdout.toString()
}
