import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bareBun, bareElysia } from './contenders/bare.ts'
import { postgres } from './contenders/postgres.ts'
import { redis } from './contenders/redis.ts'
import { selectThenUpdate } from './contenders/select-then-update.ts'
import { zaas } from './contenders/zaas.ts'
import { facts } from './machine.ts'
import { commands, endAll, root } from './processes.ts'
import { report, type Section, sectionText } from './report.ts'
import { type Bench, progress, type Scenario } from './scenario.ts'
import { against } from './scenarios/against.ts'
import { bulk } from './scenarios/bulk.ts'
import { knownAnswers } from './scenarios/known-answers.ts'
import { manyNamespaces } from './scenarios/many-namespaces.ts'
import { newMatches } from './scenarios/new-matches.ts'
import { onSqld } from './scenarios/on-sqld.ts'
import { poolSizes } from './scenarios/pool-sizes.ts'
import { underChanges } from './scenarios/under-changes.ts'

const scenarios: Record<string, Scenario> = {
  'new-matches': newMatches,
  'known-answers': knownAnswers,
  'many-namespaces': manyNamespaces,
  'pool-sizes': poolSizes,
  'under-changes': underChanges,
  'on-sqld': onSqld,
  bulk,
}
const neededTools = { wrk: 'wrk', taskset: 'util-linux' }
const neededByAgainst = { git: 'git', tar: 'tar' }
const usage = `bun run bench [--quick] [--no-large] [--only SCENARIO]
bun run bench --against COMMIT

  --quick     new matches alone, in short rounds; writes no file
  --no-large  without the pool of 10 million
  --only      one of ${Object.keys(scenarios).join(', ')}; writes no file
  --against   what a match costs in CPU time, beside that of another commit; writes no file
`

let ending = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end(130))

try {
  await main()
  await end(Number(process.exitCode ?? 0))
} catch (error) {
  // Once it is ending, whatever was under way fails.
  if (!ending) process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  await end(1)
}

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    allowNegative: true,
    options: {
      quick: { type: 'boolean', default: false },
      large: { type: 'boolean', default: true },
      only: { type: 'string' },
      against: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (options.help) return void process.stdout.write(usage)
  refuseWithout(neededTools)
  if (options.against !== undefined) {
    refuseWithout(neededByAgainst)
    if (options.quick || options.only !== undefined) throw new Error(usage)
    for (const section of await against(options.against)) print(section)
    return
  }
  const only = options.only ?? (options.quick ? 'new-matches' : undefined)
  const chosen = Object.entries(scenarios).filter(([name]) => only === undefined || name === only)
  if (chosen.length === 0) throw new Error(usage)

  const bench = await setUp(options)
  const sections: Section[] = []
  for (const [name, scenario] of chosen) {
    progress(`\n${name}`)
    const section = await scenario(bench).catch((error: Error) => failed(name, error))
    print(section)
    sections.push(section)
  }
  const text = report(sections, await facts(), commands)
  if (only === undefined) await Bun.write(join(root, 'bench/RESULTS.md'), text)
}

function print(section: Section): void {
  process.stdout.write(`\n${sectionText(section)}\n`)
}

/** One that fails says so in its place, and the others still run. */
function failed(title: string, error: Error): Section {
  if (ending) throw error
  process.exitCode = 1
  return { title, header: [], rows: [], notes: [`This failed: ${error.message}`] }
}

async function setUp({ quick, large }: { quick: boolean; large: boolean }): Promise<Bench> {
  const candidates = [await redis(), await postgres(), selectThenUpdate]
  return {
    zaas,
    bare: bareElysia,
    others: [bareBun, ...candidates.flatMap((one) => ('absent' in one ? [] : one))],
    absences: candidates.flatMap((one) =>
      'absent' in one ? `${one.name} is not installed; to have it here: ${one.absent}` : [],
    ),
    rounds: 3,
    seconds: quick ? 2 : 4,
    warmUpSeconds: quick ? 2 : 5,
    poolSizes: [10_000, 1_000_000, ...(large ? [10_000_000] : [])],
  }
}

function refuseWithout(tools: Record<string, string>): void {
  for (const [tool, debianPackage] of Object.entries(tools)) {
    if (!Bun.which(tool))
      throw new Error(`The bench needs ${tool}: apt-get install ${debianPackage}`)
  }
}

/** Leaves nothing behind. A terminal's Ctrl+C comes twice under `bun run`: the first is enough. */
async function end(exitCode: number): Promise<void> {
  if (ending) return
  ending = true
  await endAll()
  process.exit(exitCode)
}
