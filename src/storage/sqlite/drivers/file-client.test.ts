import { afterEach, beforeEach, expect, test } from 'bun:test'
import { join } from 'node:path'
import { createClient } from '@libsql/client'
import { tempFolder } from '../../../../test/support/folder.ts'
import { FileClient } from './file-client.ts'

let folder: ReturnType<typeof tempFolder>
let client: FileClient

beforeEach(async () => {
  folder = tempFolder()
  client = new FileClient(join(folder.path, 'x.db'), ['no statement', 'PRAGMA cache_size = -1234'])
  await client.execute(statement('CREATE TABLE codes (code UNIQUE, n)'))
})
afterEach(() => {
  client.close()
  folder.remove()
})

const statement = (sql: string, ...args: (string | number | null)[]) => ({ sql, args })
const add = (code: string, n: number | null) =>
  statement('INSERT INTO codes VALUES (?, ?) RETURNING code, n', code, n)
const all = async () => (await client.execute(statement('SELECT code, n FROM codes'))).rows

test('gives each run of a prepared statement its own values and rows', async () => {
  const results = await client.batch([add('a', 1), add('b', null), add('c', 3)])

  expect(results.map(({ rows }) => rows)).toEqual([
    [{ code: 'a', n: 1 }],
    [{ code: 'b', n: null }],
    [{ code: 'c', n: 3 }],
  ])
  expect(await all()).toEqual(results.flatMap(({ rows }) => rows))
})

test('takes a batch back whole when a statement fails, and goes on', async () => {
  const failing = client.batch([add('a', 1), add('a', 2)])
  await expect(failing).rejects.toMatchObject({
    code: 'SQLITE_CONSTRAINT',
    message: expect.stringContaining('UNIQUE'),
  })

  await client.batch([add('a', 3)])
  expect(await all()).toEqual([{ code: 'a', n: 3 }])
})

test('notices what others do to the table of a prepared statement', async () => {
  await client.batch([add('a', 1)])
  const other = createClient({ url: `file:${join(folder.path, 'x.db')}` })
  await other.execute('DROP TABLE codes')
  await other.execute('CREATE TABLE codes (n, code)')
  other.close()

  await client.batch([add('A', 2)])

  // The statement names no columns of the table, so its values change places.
  expect(await all()).toEqual([{ code: 2, n: 'A' }])
})

test('counts the rows of a change, and has the settings on each new connection', async () => {
  await client.batch([add('a', 1), add('b', 2)])
  client.reconnect()

  const [changed] = await client.batch([statement('UPDATE codes SET n = n + ?', 1)])

  expect(changed).toEqual({ rows: [], rowsAffected: 2 })
  const { rows } = await client.execute(statement('PRAGMA cache_size'))
  expect(rows).toEqual([{ cache_size: -1234 }])
})

test('asks anew for a setting that has changed', async () => {
  const synchronous = async () =>
    (await client.execute(statement('PRAGMA synchronous'))).rows[0]?.['synchronous']
  const before = await synchronous()
  await client.execute(statement('PRAGMA synchronous = OFF'))

  expect([before, await synchronous()]).toEqual([2, 0])
})

test('refuses what would lose a column, and anything once it is closed', async () => {
  await expect(client.execute(statement('SELECT 1 AS n, 2 AS n'))).rejects.toThrow('same name')

  client.close()

  await expect(all()).rejects.toMatchObject({ code: 'CLIENT_CLOSED' })
})
