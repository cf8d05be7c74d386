import { readFileSync } from 'node:fs'
import { settingNames } from '../config.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** How the process was started: the arguments to Bun, the environment, and the folder whose `.env` Bun reads. */
type Launch = { bunArguments: readonly string[]; env: Environment; folder: string }

/**
 * A problem for each setting of which Bun has read something else in a `.env` file than what is written there:
 * it takes `$` for a variable and `#` for a comment, and passes over a file in UTF-16. A setting that is
 * silently cut could be a master key that is easy to guess. Never shows a value.
 */
export function dotenvProblems({ bunArguments, env, folder }: Launch): string[] {
  if (bunArguments.some((argument) => /^--(no-)?env-file/.test(argument))) return []
  const before = environmentBefore()
  const decided = new Set(Object.keys(before ?? {}))
  const files = filesOf(before ?? env).map((name) => ({
    name,
    bytes: bytesOf(`${folder}/${name}`),
  }))
  return files.flatMap(({ name, bytes }) => {
    if (bytes === undefined) return []
    if (bytes === 'unreadable') return `${name} cannot be read`
    if (isUtf16(bytes)) return `${name} is in UTF-16, which is not read at all: save it as UTF-8`
    const problems = [...linesOf(bytes)].flatMap(([setting, text]) => {
      if (decided.has(setting) || (!before && env[setting] === text)) return []
      const problem = problemOf(text, env)
      return problem ? `${setting} in ${name} ${problem}` : []
    })
    for (const [setting] of linesOf(bytes)) decided.add(setting)
    return problems
  })
}

/**
 * The environment as it was before Bun added to it what files say: Linux keeps it. Elsewhere a setting counts
 * as the file's unless it is literally what is written there.
 */
function environmentBefore(): Environment | undefined {
  try {
    const pairs = readFileSync('/proc/self/environ', 'utf8').split('\0').filter(Boolean)
    return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s, 2)))
  } catch {
    return undefined
  }
}

/** The files that Bun reads, the first one first: what it says goes before what later ones say. */
function filesOf(env: Environment): string[] {
  const mode = env['BUN_ENV'] ?? env['NODE_ENV'] ?? ''
  const kind = ['production', 'test'].includes(mode) ? mode : 'development'
  return [`.env.${kind}.local`, ...(kind === 'test' ? [] : ['.env.local']), `.env.${kind}`, '.env']
}

function bytesOf(path: string): Buffer | 'unreadable' | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    return code === 'ENOENT' || code === 'EISDIR' ? undefined : 'unreadable'
  }
}

const isUtf16 = (bytes: Buffer) =>
  ['fffe', 'feff'].includes(bytes.toString('hex', 0, 2)) || bytes.includes(0)

/** The lines that set a setting, each with what stands behind its `=`; of several for one the last counts. */
function linesOf(bytes: Buffer): Map<string, string> {
  const known: readonly string[] = settingNames
  const found = bytes
    .toString('utf8')
    .split(/[\r\n]+/)
    .flatMap((line) => {
      const [, name = '', text = ''] =
        /^\s*(?:export\s+)?([\w.-]+)\s*(?:=|:\s)(.*)$/.exec(line) ?? []
      return known.includes(name) ? [[name, text.trim()] as const] : []
    })
  return new Map(found)
}

function problemOf(text: string, env: Environment): string | undefined {
  const quote = /^["'`]/.exec(text)?.[0]
  if (quote !== undefined) {
    const closed = new RegExp(
      `^${quote}((?:[^${quote}\\\\]|\\\\[^${quote}])*)${quote}\\s*(#.*)?$`,
    ).exec(text)
    if (!closed) return `has quotes that do not close at its end, or quotes inside of quotes`
    return dollarProblem(closed[1] ?? '', env)
  }
  if (/^#\S|\S#/.test(text)) {
    return 'has a # that begins a comment, so that it ends there: put quotes around the value'
  }
  return dollarProblem(text.replace(/\s#.*$/, ''), env)
}

/** `${NAME}` is meant as a variable where there is one, or with a default. */
function dollarProblem(text: string, env: Environment): string | undefined {
  const rest = text.replaceAll(/\\\$|\$\{(\w+)(:-[^}\\$]*)?\}/g, (found, name, otherwise) => {
    const meant = found === '\\$' || otherwise !== undefined || env[name] !== undefined
    return meant ? '' : found
  })
  if (!/\$[\w{]/.test(rest)) return undefined
  return (
    'has a $ that begins the name of a variable, in quotes too: write \\$ for a dollar sign, ' +
    'or put braces around the name of a variable that is set'
  )
}
