import { afterAll, expect, test } from 'bun:test'
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from '../support/app.ts'
import { Output, root } from '../support/process.ts'

const folder = tempFolder()
afterAll(folder.remove)
const isRoot = process.getuid?.() === 0
const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']

/** A checkout, with what is installed here unless `modules` is false, and a Bun that anybody may run. */
function checkout({ modules = true } = {}): string {
  const path = join(folder.path, crypto.randomUUID())
  const parts = ['src', 'drizzle', 'deploy', 'package.json', 'bun.lock', 'tsconfig.json']
  for (const part of parts) cpSync(join(root, part), join(path, part), { recursive: true })
  if (modules) cpSync(join(root, 'node_modules'), join(path, 'node_modules'), { recursive: true })
  mkdirSync(join(path, 'bin'))
  cpSync(process.execPath, join(path, 'bin/bun'))
  return path
}

/** Runs a script of the checkout, until it listens or ends. */
async function start(cwd: string, under: string[] = []) {
  const env = { PATH: `${cwd}/bin:${process.env['PATH']}`, PORT: '0', HOST: '127.0.0.1' }
  const data = join(folder.path, crypto.randomUUID())
  mkdirSync(data)
  if (isRoot) await Bun.$`chmod o+rx ${folder.path} && chown 65534 ${data}`
  const child = Bun.spawn([...under, join(cwd, 'bin/bun'), 'run', 'start'], {
    cwd,
    env: { ...env, DATABASE_URL: `file:${data}/zaas.db` },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [stdout, stderr] = [new Output(child.stdout), new Output(child.stderr)]
  const pid = await stdout.until(/(?<="pid":)\d+/).catch(() => undefined)
  if (pid) process.kill(Number(pid), 'SIGTERM')
  return { started: pid !== undefined, exitCode: await child.exited, stderr: await stderr.whole }
}

test('what bun.lock has and node_modules has not is found, wherever it stands', async () => {
  const path = checkout({ modules: false })
  symlinkSync(join(root, 'node_modules'), join(path, 'node_modules'))
  const check = async () =>
    (await Bun.$`${process.execPath} ${path}/deploy/install.ts`.nothrow().quiet()).exitCode
  expect(await check()).toBe(0)
  expect(readdirSync(path)).toContain('node_modules')

  // Nothing can be installed through this: it fails where it would have to.
  const lock = await Bun.file(join(path, 'bun.lock')).text()
  await Bun.write(
    join(path, 'bun.lock'),
    lock.replaceAll(/"lru-cache@11[^"]*"/g, '"lru-cache@11.0.0"'),
  )
  rmSync(join(path, 'node_modules'))
  symlinkSync('/proc', join(path, 'node_modules'))
  const { exitCode, stderr } = await Bun.$`${process.execPath} ${path}/deploy/install.ts`
    .nothrow()
    .quiet()
  expect(exitCode).not.toBe(0)
  expect(stderr.toString()).toMatch(/^zaas cannot start: node_modules lacks [^\n]*\n$/)
})

test.skipIf(!isRoot)(
  'a user who cannot write the checkout starts zaas from it, and is told when something is missing',
  async () => {
    const path = checkout()
    const before = await Bun.$`find ${path} -newer ${path}/bin/bun`.text()
    expect(await start(path, nobody)).toMatchObject({ started: true, exitCode: 0 })
    expect(await Bun.$`find ${path} -newer ${path}/bin/bun`.text()).toBe(before)

    rmSync(join(path, 'node_modules/lru-cache'), { recursive: true })
    const { started, exitCode, stderr } = await start(path, nobody)
    expect({ started, exitCode }).toEqual({ started: false, exitCode: 1 })
    expect(stderr).toContain(
      `zaas cannot start: node_modules lacks lru-cache, and this user cannot write ${path}: run "bun install" there once as a user who can.\n`,
    )
  },
  60_000,
)

test.skipIf(!isRoot)(
  'a folder, and a file, that this user cannot write stop the start',
  async () => {
    const path = checkout()
    const data = join(folder.path, crypto.randomUUID())
    mkdirSync(data)
    const refusal = async () => {
      const command = [...nobody, join(path, 'bin/bun'), '--no-env-file', 'src/index.ts']
      const env = { PORT: '0', DATABASE_URL: `file:${data}/zaas.db` }
      const child = Bun.spawn(command, { cwd: path, env, stdout: 'ignore', stderr: 'pipe' })
      return new Response(child.stderr).text()
    }
    await Bun.$`chmod o+rx ${folder.path}`
    expect(await refusal()).toBe(
      `zaas cannot start: DATABASE_URL: the folder ${data} cannot be written by this user (EACCES): give it the rights, or name another file.\n`,
    )
    await Bun.$`touch ${data}/zaas.db && chown 65534 ${data}`
    expect(await refusal()).toBe(
      `zaas cannot start: DATABASE_URL: ${data}/zaas.db cannot be written by this user (EACCES): give it the rights, or name another file.\n`,
    )
  },
  60_000,
)

test.skipIf(!isRoot)(
  'zaas starts from a checkout on a read-only mount',
  async () => {
    const path = checkout()
    const under = ['unshare', '--mount', 'sh', '-c']
    const mount = `mount --bind ${path} ${path} && mount -o remount,ro,bind ${path} && cd ${path} && exec "$@"`
    expect(await start(path, [...under, mount, 'sh'])).toMatchObject({ started: true, exitCode: 0 })
  },
  60_000,
)
