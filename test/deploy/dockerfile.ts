import { afterAll, beforeAll, expect, test } from 'bun:test'
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DockerfileParser } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'
import { masterKey, tempFolder } from '../support/app.ts'
import { makeKey, namespaceOf } from '../support/caller.ts'
import { freePort, Output, root } from '../support/process.ts'

// No Docker is needed here: folders stand for the stages, the system of this machine for the base images,
// `unshare` and `chroot` for the container, and each command of the Dockerfile runs as it is written.

/** The folder whose system stands for the base image of the last stage: Debian's, made by debootstrap. */
const base = process.env['BASE'] ?? '/'
const path = join(root, 'deploy/Dockerfile')
const text = readFileSync(path, 'utf8')
const folder = tempFolder()
const stages = { build: join(folder.path, 'build'), last: join(folder.path, 'last') }
const port = freePort()

type Step = { keyword: string; content: string }
const steps: Step[] = DockerfileParser.parse(text)
  .getInstructions()
  .map((each) => ({ keyword: each.getKeyword(), content: each.getArgumentsContent() ?? '' }))
const from = steps.findLastIndex(({ keyword }) => keyword === 'FROM')
const [buildSteps, lastSteps] = [steps.slice(1, from), steps.slice(from + 1)]

const env = Object.fromEntries(
  contentsOf('ENV').flatMap((content) => content.split(/\s+/).map((each) => each.split('='))),
)
const user = String(contentsOf('USER').at(-1))
const workdir = String(contentsOf('WORKDIR').at(-1))
const entrypoint: string[] = JSON.parse(String(contentsOf('ENTRYPOINT').at(-1)))
const health: string[] = JSON.parse(/CMD (.*)/.exec(String(contentsOf('HEALTHCHECK')))?.[1] ?? '')

beforeAll(async () => {
  for (const step of buildSteps) await takeBuildStep(step)
  makeSystem()
  for (const step of lastSteps) await takeLastStep(step)
}, 90_000)
afterAll(folder.remove)

test('a linter finds nothing', () => {
  expect(validate(text)).toEqual([])
})

test('the container serves on a read-only root, without root, is healthy, and ends by its signal', async () => {
  const first = await start()
  const owner = readFileSync(`/proc/${first.pid}/status`, 'utf8')
  const shop = await makeKey(fetch, first.origin, masterKey, 'shop')
  await shop.patch({ add: ['A'] })
  const { body } = await shop.match('r1')
  const healthy = await inContainer(health).exited
  expect(await first.stop()).toBe(0)
  const unhealthy = await inContainer(health).exited
  const second = await start()
  const again = await namespaceOf(fetch, second.origin, 'shop', shop.apiKey).match('r1')

  expect(owner).toMatch(/^Uid:\t10001\t10001\t10001\t10001$/m)
  expect(owner).toMatch(/^NSpid:\t\d+\t1$/m)
  expect(owner).toMatch(/^CapBnd:\t0+$/m)
  expect([healthy, unhealthy]).toEqual([0, 1])
  expect(again.body).toEqual({ ...body, message: expect.any(String), alreadyMatched: true })
  expect(await second.stop()).toBe(0)
  const written = readdirSync(join(stages.last, 'data')).filter((name) => !name.endsWith('.node'))
  expect(written.filter((name) => !/^zaas\.db(-wal|-shm)?$/.test(name))).toEqual([])
}, 60_000)

test('nothing can be written outside of the volume', async () => {
  const script =
    'touch /a /etc/a /usr/local/a /dev/a; touch /data/a && rm /data/a && test ! -e /tmp/a'
  const { exited, stderr } = inContainer(['/bin/sh', '-c', script])

  expect(await exited).toBe(0)
  expect((await new Response(stderr).text()).match(/Read-only file system/g)).toHaveLength(4)
})

function contentsOf(keyword: string): string[] {
  return lastSteps.filter((step) => step.keyword === keyword).map(({ content }) => content)
}

/** The first stage, in a folder of its own: its WORKDIR. */
async function takeBuildStep({ keyword, content }: Step): Promise<void> {
  mkdirSync(stages.build, { recursive: true })
  if (keyword === 'RUN') {
    const PATH = `${dirname(process.execPath)}:${process.env['PATH']}`
    await Bun.$`sh -ec ${content}`
      .cwd(stages.build)
      .env({ ...process.env, PATH })
      .quiet()
  } else if (keyword === 'COPY') {
    const parts = content.split(/\s+/).slice(0, -1)
    const wanted = (file: string) => parts.some((part) => part === '.' || part === file)
    for (const file of (await contextFiles()).filter(wanted)) {
      cpSync(join(root, file), join(stages.build, file), { recursive: true })
    }
  } else expect(keyword).toBe('WORKDIR')
}

/** What .dockerignore leaves of the project: the last pattern that fits a file, or a folder of it, counts. */
async function contextFiles(): Promise<string[]> {
  const patterns = (await Bun.file(join(root, '.dockerignore')).text())
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ kept: line.startsWith('!'), glob: new Bun.Glob(line.replace(/^!/, '')) }))
  const listed = await Bun.$`git ls-files --cached --others --exclude-standard`.cwd(root).text()
  return listed
    .trim()
    .split('\n')
    .filter((file) => {
      const places = file.split('/').map((_, n, parts) => parts.slice(0, n + 1).join('/'))
      return (
        patterns.findLast(({ glob }) => places.some((place) => glob.match(place)))?.kept ?? true
      )
    })
}

/** The root of the last stage before its first command. Its `local` is mounted at /usr/local. */
function makeSystem(): void {
  mkdirSync(join(stages.last, 'local/bin'), { recursive: true })
  cpSync(join(base, 'etc'), join(stages.last, 'etc'), { recursive: true, verbatimSymlinks: true })
  for (const name of ['bin', 'sbin', 'lib', 'lib64'])
    symlinkSync(`usr/${name}`, join(stages.last, name))
}

async function takeLastStep({ keyword, content }: Step): Promise<void> {
  if (keyword === 'RUN') {
    const { exited, stderr } = inContainer(['/bin/sh', '-ec', content], { building: true })
    expect([await exited, await new Response(stderr).text()]).toEqual([0, ''])
  } else if (keyword === 'COPY') {
    const [, source = '', target = ''] = /^\/zaas\/(\S+) \/usr\/(\S+)$/.exec(content) ?? []
    cpSync(join(stages.build, source), join(stages.last, target))
    expect(statSync(join(stages.last, target)).mode & 0o111).toBe(0o111)
  }
}

/** Runs a command as Docker would with --read-only, --cap-drop=ALL and no-new-privileges. */
function inContainer(command: string[], { building = false } = {}) {
  const place = building ? ['0:0', '/', 'rw'] : [user, workdir, 'ro']
  const script = join(import.meta.dir, 'container.sh')
  return Bun.spawn(
    ['unshare', '-mpf', '--kill-child', 'sh', script, stages.last, base, ...place, ...command],
    {
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        ...(!building && { ...env, PORT: String(port), MASTER_API_KEYS: masterKey }),
      },
      stdout: 'pipe',
      stderr: 'pipe',
    },
  )
}

async function start() {
  const child = inContainer(entrypoint)
  await new Output(child.stdout).until(/"msg":"listening"/)
  const pid = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim())
  const stop = () => {
    process.kill(pid, String(contentsOf('STOPSIGNAL')))
    return child.exited
  }
  return { pid, origin: `http://127.0.0.1:${port}`, stop }
}
