import { chownSync } from 'node:fs'
import { userInfo } from 'node:os'
import { SQL } from 'bun'
import { freePort } from '../../test/support/process.ts'
import { type Absent, type Contender, startService } from '../contender.ts'
import { run, start, stop, tempFolder, untilReady } from '../processes.ts'
import { namespaceName, type Stock } from '../stock.ts'

const name = 'PostgreSQL, SKIP LOCKED'

/** The table of drizzle/ and its indices, in PostgreSQL's words, with one of what is available for its queue. */
const schema = `
  CREATE TABLE items (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    namespace text NOT NULL,
    item text NOT NULL,
    requestor text,
    matched_at bigint,
    created_at bigint NOT NULL,
    deleted_at bigint
  );
  CREATE UNIQUE INDEX items_live_item_unique ON items (namespace, item) WHERE deleted_at IS NULL;
  CREATE UNIQUE INDEX items_live_requestor_unique ON items (namespace, requestor)
    WHERE deleted_at IS NULL AND requestor IS NOT NULL;
  CREATE INDEX items_available_queue ON items (namespace, requestor, id)
    WHERE deleted_at IS NULL AND requestor IS NULL;
  CREATE INDEX items_live_list ON items (namespace, id) WHERE deleted_at IS NULL;
  CREATE INDEX items_removed_item ON items (namespace, item) WHERE deleted_at IS NOT NULL`

/** Starts one PostgreSQL for the whole run; each start of the contender empties and fills its table. */
export async function postgres(): Promise<Contender | Absent> {
  const folder = binaries()
  if (!folder) return { name, absent: 'apt-get install postgresql' }
  const data = tempFolder('postgres')
  const asUser = await notRoot(data)
  const port = freePort()
  await run('initdb', [
    ...[...asUser, `${folder}/initdb`, '-D', data, '-U', 'zaas', '-A', 'trust'],
    ...['-E', 'UTF8', '--locale=C', '--no-sync'],
  ])
  const server = start(
    'postgres',
    [
      ...[...asUser, `${folder}/postgres`, '-D', data, '-p', String(port), '-h', '127.0.0.1'],
      ...['-c', 'fsync=on', '-c', 'synchronous_commit=on', '-c', 'shared_buffers=512MB'],
      ...['-c', 'unix_socket_directories=', '-c', 'log_min_messages=panic'],
    ],
    { endSignal: 'SIGINT' },
  )
  const url = `postgres://zaas@127.0.0.1:${port}/postgres`
  const sql = new SQL({ url, max: 1 })
  await untilReady(server, () => sql`SELECT 1`)
  return {
    name,
    ratePerSecondMax: 20_000,
    async start(stock) {
      await fill(sql, stock)
      const { origin, child } = await startService('postgres', stock, { POSTGRES_URL: url })
      return {
        origin,
        pid: child.process.pid,
        databasePid: server.process.pid,
        stop: () => stop(child),
      }
    },
  }
}

async function fill(sql: SQL, stock: Stock): Promise<void> {
  await sql.unsafe(`DROP TABLE IF EXISTS items; ${schema}`)
  for (const [n, count] of stock.entries()) {
    await sql`INSERT INTO items (namespace, item, created_at)
      SELECT ${namespaceName(n)}, md5(random()::text || n), 0 FROM generate_series(1, ${count}::int) AS n`
  }
  await sql.unsafe('VACUUM ANALYZE items')
  await sql.unsafe('CHECKPOINT')
}

function binaries(): string | undefined {
  const [newest] = Array.from(
    new Bun.Glob('/usr/lib/postgresql/*/bin').scanSync({ onlyFiles: false }),
  )
    .sort()
    .reverse()
  return newest
}

/** PostgreSQL refuses to run as root: then it runs as the user that Debian's package makes. */
async function notRoot(data: string): Promise<string[]> {
  if (userInfo().uid !== 0) return []
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map((which) => run('', ['id', which, 'postgres'])),
  )
  chownSync(data, Number(uid), Number(gid))
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups']
}
