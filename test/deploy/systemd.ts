import { afterAll, expect, test } from 'bun:test'
import { chownSync, copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { masterKey, tempFolder } from '../support/app.ts'
import { makeKey } from '../support/caller.ts'
import { Output, root } from '../support/process.ts'

/** What systemd gives to a service that needs the network and may not forbid memory that is written and run. */
const exposureMax = 2

const nobody = 65_534

const folder = tempFolder()
const unit = join(folder.path, 'zaas.service')
const text = await Bun.file(join(root, 'deploy/zaas.service')).text()
// systemd looks whether the command is there: any will do.
await Bun.write(unit, text.replace('/usr/local/bin/zaas\n', '/usr/bin/env\n'))
afterAll(folder.remove)

test('systemd finds nothing wrong with the unit', async () => {
  const { exitCode, stdout, stderr } = await Bun.$`systemd-analyze verify ${unit}`.nothrow().quiet()

  expect([exitCode, stdout.toString(), stderr.toString()]).toEqual([0, '', ''])
})

test('systemd finds the service well closed', async () => {
  const { exitCode, stdout } =
    await Bun.$`systemd-analyze security --offline=yes --threshold=${exposureMax * 10} ${unit}`
      .nothrow()
      .quiet()

  expect(stdout.toString()).toMatch(/Overall exposure level for zaas.service: [\d.]+ OK/)
  expect(exitCode).toBe(0)
})

test('the service makes no system call that systemd keeps from it', async () => {
  const lines = await tracedCalls()
  const made = new Set(lines.flatMap((line) => /^\d+ +(\w+)\(/.exec(line)?.[1] ?? []))
  const families = new Set(lines.flatMap((line) => /\bsocket\((AF_\w+)/.exec(line)?.[1] ?? []))
  const kept = await callsOf('@privileged')
  const open = await callsOf('@system-service')
  const refused = [...made].filter((call) => !open.has(call) || kept.has(call))

  expect(made.size).toBeGreaterThan(30)
  expect(refused).toEqual([])
  expect(setting('SystemCallFilter')).toEqual(['@system-service', '~@privileged'])
  const allowed = String(setting('RestrictAddressFamilies')).split(' ')
  expect([...families].filter((family) => !allowed.includes(family))).toEqual([])
}, 60_000)

test('systemd waits for longer than a stop may take', () => {
  expect(Number(setting('TimeoutStopSec'))).toBeGreaterThan(10)
})

function setting(name: string): string[] {
  return Array.from(text.matchAll(new RegExp(`^${name}=(.*)$`, 'gm')), ([, value]) => String(value))
}

/** The system calls of a run with a match, from its start to its end, as strace writes them; not as root. */
async function tracedCalls(): Promise<string[]> {
  const place = join(folder.path, 'service')
  const [executable, trace] = [join(place, 'zaas'), join(place, 'trace')]
  mkdirSync(place)
  copyFileSync(join(root, 'dist/zaas'), executable)
  for (const path of [folder.path, place]) chownSync(path, nobody, nobody)
  const asNobody = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups']
  const child = Bun.spawn([...asNobody, 'strace', '-f', '-qq', '-o', trace, executable], {
    cwd: place,
    env: { PORT: '0', HOST: '127.0.0.1', MASTER_API_KEYS: masterKey, BUN_TMPDIR: place },
    stdout: 'pipe',
  })
  const output = new Output(child.stdout)
  const [port] = /\d+$/.exec(await output.until(/"port":\d+/)) ?? []
  const [pid] = /\d+$/.exec(await output.until(/"pid":\d+/)) ?? []
  const { patch, match } = await makeKey(fetch, `http://127.0.0.1:${port}`, masterKey, 'shop')
  await patch({ add: ['A'] })
  expect((await match('r1')).body).toMatchObject({ item: 'A' })
  process.kill(Number(pid), 'SIGTERM')
  expect(await child.exited).toBe(0)
  return readFileSync(trace, 'utf8').split('\n')
}

/** The system calls of one of systemd's sets, and of the sets in it. */
async function callsOf(set: string): Promise<Set<string>> {
  const listed = await Bun.$`systemd-analyze syscall-filter ${set}`.text()
  const names = listed
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
  const inner = names.filter((name) => name.startsWith('@')).map(callsOf)
  const calls = names.filter((name) => /^\w+$/.test(name))
  return new Set([...calls, ...(await Promise.all(inner)).flatMap((each) => [...each])])
}
