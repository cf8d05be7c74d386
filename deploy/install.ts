import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import lock from '../bun.lock'
import { dependencies, devDependencies } from '../package.json'

// Runs before the scripts of package.json, and installs what `bun.lock` has and node_modules has not. Where nothing
// is missing it writes nothing, so that a checkout can belong to another user, or be mounted read-only. It may
// import nothing that has to be installed. `--all` is for what is only needed to change zaas, too.

type Names = Readonly<Record<string, string>>
type Needs = { dependencies?: Names; optionalDependencies?: Names }

const folder = join(import.meta.dir, '..')
const modules = join(folder, 'node_modules')

const all = process.argv.includes('--all')
const missing = missingOf(Object.keys({ ...dependencies, ...(all && devDependencies) }))
if (missing.length > 0) process.exitCode = install(missing)

/** The packages, by their keys in `bun.lock`, that are not there in just the version of the lock. */
function missingOf(names: readonly string[]): string[] {
  const reached = new Set<string>()
  const wait = names.map((name) => ({ from: '', name, optional: false }))
  const absent: string[] = []
  for (const { from, name, optional } of wait) {
    const key = keyOf(from, name)
    if (key === undefined || reached.has(key)) continue
    reached.add(key)
    const [id = '', , needs = {}] = entryOf(key)
    const there = versionAt(key)
    // An optional one is for another system, unless it is there.
    if (there === undefined && optional) continue
    if (there !== id.slice(id.lastIndexOf('@') + 1)) absent.push(key)
    for (const each of Object.keys(needs.dependencies ?? {}))
      wait.push({ from: key, name: each, optional: false })
    for (const each of Object.keys(needs.optionalDependencies ?? {}))
      wait.push({ from: key, name: each, optional: true })
  }
  return absent
}

/** What a package finds under a name: its own copy, or that of whoever is around it. */
function keyOf(from: string, name: string): string | undefined {
  const parts = from.match(/(@[^/]+\/)?[^/]+/g) ?? []
  for (let length = parts.length; length >= 0; length--) {
    const key = [...parts.slice(0, length), name].join('/')
    if (key in lock.packages) return key
  }
  return undefined
}

function entryOf(key: string): [id?: string, registry?: string, needs?: Needs] {
  const packages: Record<string, unknown> = lock.packages
  const entry = packages[key]
  return Array.isArray(entry) ? (entry as [string, string, Needs]) : []
}

function versionAt(key: string): string | undefined {
  const parts = key.match(/(@[^/]+\/)?[^/]+/g) ?? []
  const file = join(modules, parts.join('/node_modules/'), 'package.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined
}

/** Returns the exit code. */
function install(missing: readonly string[]): number {
  const { exitCode, stderr } = Bun.spawnSync(
    [process.execPath, 'install', '--frozen-lockfile', '--silent'],
    { cwd: folder, stdout: 'inherit', stderr: 'pipe' },
  )
  if (exitCode === 0) return 0
  process.stderr.write(`zaas cannot start: ${whyNot(missing, stderr.toString())}\n`)
  return exitCode
}

function whyNot(missing: readonly string[], said: string): string {
  const what = `node_modules lacks ${missing.slice(0, 3).join(', ')}${missing.length > 3 ? ' and others' : ''}`
  if (!isWritable(folder) || (existsSync(modules) && !isWritable(modules))) {
    return `${what}, and this user cannot write ${folder}: run "bun install" there once as a user who can.`
  }
  return `${what}, and "bun install" fails: ${said.trim().replaceAll(/\s+/g, ' ')}`
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK)
    return true
  } catch {
    return false
  }
}
