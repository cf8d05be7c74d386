import { startSqld } from './support/sqld.ts'

// Runs the tests of behaviour, which otherwise run on files, on a sqld: bun test/sqld.ts [FILE…]. Not those
// of input, most of which is refused before it gets to a database.
const behaviour = [
  ...[
    'routes',
    'model',
    'export',
    'match',
    'match-batch',
    'settings',
    'stats-history',
    'batches',
    'history',
    'forget',
    'items',
    'webhooks',
  ],
  'import-fields',
].map((name) => `${name}.test.ts`)
const ofProcesses = ['access', 'uploads', 'linearizable', 'instances', 'webhooks'].map(
  (name) => `processes/${name}.ts`,
)
const given = process.argv.slice(2)
const files = given.length > 0 ? given : [...behaviour, ...ofProcesses]

const sqld = await startSqld()
const { http, admin } = sqld.ports
const tests = Bun.spawn(
  [
    ...[process.execPath, 'test', '--parallel=2', '--timeout', '60000'],
    ...files.map((file) => `./test/${file}`),
  ],
  { env: { ...process.env, SQLD_PORTS: `${http},${admin}` }, stdout: 'inherit', stderr: 'inherit' },
)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => tests.kill())
const exitCode = await tests.exited
await sqld.stop()
process.exit(exitCode)
