import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { median, ms } from './figures.ts'
import { root, run, tempFolder } from './processes.ts'
import type { Facts } from './report.ts'

const fsyncs = 100

/** What the figures depend on: the machine and the versions. */
export async function facts(): Promise<Facts> {
  return [
    ['date', new Date().toISOString()],
    ['zaas', await commit()],
    ['CPU', `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`],
    ['memory', `${(totalmem() / 2 ** 30).toFixed(1)} GiB`],
    ['system', `${process.platform} ${release()}`],
    ['4 KiB written and synced', `${ms(fsyncMs())} (median of ${fsyncs})`],
    ['bun', Bun.version],
    ['elysia', await packageVersion('elysia')],
    ['@libsql/client', await packageVersion('@libsql/client')],
    ['libsql', await packageVersion('libsql')],
    ['redis', await version(['redis-server', '--version'], /v=(\S+)/)],
    ['postgres', await version(['psql', '--version'], /(\d[\d.]*)/)],
    ['wrk', await version(['wrk', '-v'], /wrk (\S+)/)],
    ['sqlite3', await version(['sqlite3', '--version'], /^(\S+)/)],
  ]
}

async function packageVersion(name: string): Promise<string> {
  const { version } = await Bun.file(join(root, 'node_modules', name, 'package.json')).json()
  return String(version)
}

async function version(command: string[], form: RegExp): Promise<string> {
  if (!Bun.which(String(command[0]))) return 'not installed'
  const { stdout } = Bun.spawnSync(command)
  return form.exec(stdout.toString())?.[1] ?? 'unknown'
}

async function commit(): Promise<string> {
  const git = (...words: string[]) => run('', ['git', ...words]).catch(() => '')
  const [hash, changes] = [
    await git('rev-parse', '--short', 'HEAD'),
    await git('status', '-s', 'src'),
  ]
  return `${hash.trim()}${changes.trim() ? ' with changes' : ''}`
}

/** What a commit costs at least on the disk that everyone here writes to. */
function fsyncMs(): number {
  const file = openSync(join(tempFolder('fsync'), 'block'), 'w')
  const block = Buffer.alloc(4_096)
  const taken = Array.from({ length: fsyncs }, () => {
    const startedMs = performance.now()
    writeSync(file, block)
    fsyncSync(file)
    return performance.now() - startedMs
  })
  closeSync(file)
  return median(taken)
}
