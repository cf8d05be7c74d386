import { afterEach, beforeEach, expect, test } from 'bun:test'
import { copyFileSync, readdirSync, statSync } from 'node:fs'
import { type Client, createClient } from '@libsql/client'
import { tempDatabase } from '../../../test/support/app.ts'
import { Database } from './database.ts'
import { isUniqueViolation } from './drivers/client.ts'

let temp: Awaited<ReturnType<typeof tempDatabase>>
let other: Client

beforeEach(async () => {
  temp = await tempDatabase()
  other = createClient({ url: `file:${temp.path}` })
})
afterEach(async () => {
  other.close()
  await temp.close()
})

const insert = (item: string) => ({
  sql: `INSERT INTO items (namespace, item, created_at) VALUES ('ns', ?, 0)`,
  params: [item],
})
const count = async () =>
  (await temp.db.read({ sql: 'SELECT count(*) AS n FROM items', params: [] })).rows[0]?.['n']

test('opens a file with a write-ahead log that is synced on commit', async () => {
  const mode = await temp.db.read({ sql: 'PRAGMA journal_mode', params: [] })

  expect(mode.rows[0]?.['journal_mode']).toBe('wal')
  expect(await temp.db.durability()).toBe('full')
})

test('opens a file only after what its log has is in the database', async () => {
  await temp.db.write([insert('a')])
  const copy = `${temp.path}.copy`
  for (const end of ['', '-wal']) copyFileSync(temp.path + end, copy + end)
  expect(statSync(`${copy}-wal`).size).toBeGreaterThan(0)

  const reopened = await Database.open(`file:${copy}`)

  expect(statSync(`${copy}-wal`).size).toBe(0)
  await reopened.close()
})

test('opens a file that another process reads and writes', async () => {
  await temp.db.write([insert('a')])
  const lock = await other.transaction('write')

  const reopened = await Database.open(`file:${temp.path}`)

  await lock.rollback()
  await reopened.close()
})

test('a write waits for one of the changes that came before it, not for all', async () => {
  const order: string[] = []
  const note = (name: string) => () => void order.push(name)
  const changes = ['a', 'b', 'c'].map((item) =>
    temp.db.bulkWrite([insert(item)]).then(note(`change ${item}`)),
  )
  await new Promise(setImmediate)
  const write = temp.db.write([insert('d')]).then(note('write d'))
  await Promise.all([...changes, write])

  expect(order.indexOf('write d')).toBeLessThan(3)
  expect(order.filter((name) => name !== 'write d')).toEqual(['change a', 'change b', 'change c'])
})

test('where a thousand changes wait, one more is refused, and a write is not', async () => {
  const lock = await other.transaction('write')
  const changes = Array.from({ length: 1_000 }, (_, n) =>
    temp.db.bulkWrite([insert(`change ${n}`)]),
  )

  expect(() => temp.db.bulkWrite([insert('one more')])).toThrow('Too many changes')
  const write = temp.db.write([insert('write')])

  await lock.rollback()
  expect(await write).toMatchObject([{ rowsAffected: 1 }])
  await Promise.allSettled(changes)
})

test.each([
  "INSERT INTO items (namespace, item, created_at) VALUES ('ns', 'a', 0)",
  'WITH x AS (SELECT 1) UPDATE items SET item = NULL',
  'DELETE FROM items',
  'DROP TABLE items',
  'PRAGMA synchronous = OFF',
  'BEGIN IMMEDIATE',
  'PRAGMA journal_mode(delete)',
  'PRAGMA wal_checkpoint(TRUNCATE)',
  "ATTACH 'other.db' AS other",
  'VACUUM',
])('refuses to write through read: %s', async (sql) => {
  expect(() => temp.db.read({ sql, params: [] })).toThrow('goes through write()')
  await expect(Promise.resolve(temp.db.orm.run(sql))).rejects.toThrow()
  expect(await count()).toBe(0)
})

test.each(['file://data/x.db', 'file://localhost:1/x.db', 'file://me@localhost/x.db'])(
  'refuses a file on another host: %s',
  async (url) => {
    expect(await Database.open(url).catch(String)).toContain('names no other host')
  },
)

test('a write batch is all or nothing', async () => {
  const write = temp.db.write([insert('a'), insert('b'), insert('a')])

  expect(await write.catch(isUniqueViolation)).toBe(true)
  expect(await count()).toBe(0)
})

test('writes run in the order they came in', async () => {
  await Promise.all(['a', 'b', 'c', 'd'].map((item) => temp.db.write([insert(item)])))

  const { rows } = await temp.db.read({ sql: 'SELECT item FROM items ORDER BY id', params: [] })
  expect(rows.map((row) => row['item'])).toEqual(['a', 'b', 'c', 'd'])
})

test('waits for a lock that another connection gives back', async () => {
  const lock = await other.transaction('write')
  let done = false
  const write = temp.db.write([insert('a')]).then(() => {
    done = true
  })
  await Bun.sleep(300)
  expect(done).toBe(false)

  await lock.rollback()
  await write
  expect(await count()).toBe(1)
})

test('gives up with unavailable when the lock stays away, loses nothing, and leaks no files', async () => {
  const filesBefore = readdirSync('/proc/self/fd').length
  const lock = await other.transaction('write')
  const writes = ['a', 'b'].map((item) => temp.db.write([insert(item)]))

  for (const write of writes) {
    await expect(write).rejects.toMatchObject({ code: 'unavailable' })
  }
  await Promise.allSettled(writes)
  Bun.gc(true)
  expect(readdirSync('/proc/self/fd').length - filesBefore).toBeLessThan(60)

  await lock.rollback()
  await temp.db.write([insert('c')])
  expect((await other.execute('SELECT item FROM items')).rows).toMatchObject([{ item: 'c' }])
})
