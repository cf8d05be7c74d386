import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { UnknownOutcome } from '../../src/storage/engine/retry.ts'
import { Database } from '../../src/storage/sqlite/database.ts'
import { freePort } from '../support/process.ts'
import { type ProxiedSqld, startProxiedSqld } from '../support/proxied.ts'
import { addressOf, sqldIsHere, startSqld } from '../support/sqld.ts'

const pooledConnectionsMax = 4
const connectionAgeMs = 2_000
/** How long the server takes to close ended connections. */
const closingMs = 300

const insert = { sql: 'INSERT INTO t VALUES (1)', params: [] }
const count = { sql: 'SELECT count(*) AS n FROM t', params: [] }
const createTable = { sql: 'CREATE TABLE t (a)', params: [] }

describe.skipIf(!sqldIsHere)('connections to a libSQL server', () => {
  let proxied: ProxiedSqld
  let db: Database
  let name: string

  beforeAll(async () => {
    proxied = await startProxiedSqld()
  })
  afterAll(() => proxied.stop())
  beforeEach(async () => {
    ;({ name, db } = await proxied.fresh())
    await db.write([createTable])
  })
  afterEach(async () => {
    proxied.proxy.decide(() => 'pass')
    await db.close()
  })

  const rows = async () => (await db.read(count)).rows[0]?.['n']

  // The first of all: after others a call may meet an HTTP connection that was cut, and then none are kept.
  test('are few, and end soon after their last call', async () => {
    await Promise.all(Array.from({ length: 40 }, () => db.read(count)))
    await Bun.sleep(closingMs)
    expect(await proxied.sqld.connections()).toBe(pooledConnectionsMax)

    await Bun.sleep(connectionAgeMs)
    expect(await proxied.sqld.connections()).toBe(0)
  })

  test('serve many calls, and are followed by others once the server has forgotten them', async () => {
    const batons: boolean[] = []
    proxied.proxy.decide((way, piece) => {
      if (way === 'request') batons.push(piece.includes('"baton":"'))
      return 'pass'
    })
    await db.write([insert])
    await db.write([insert])
    expect(batons).toContain(true)

    await proxied.sqld.restart()
    await db.write([insert])
    expect(batons.slice(-2)).toEqual([true, false])
    expect(await rows()).toBe(3)
  })

  test('bring one statement as it stands, and more of them in a transaction', async () => {
    const sent: string[] = []
    proxied.proxy.decide((way, piece) => {
      if (way === 'request') sent.push(piece.toString())
      return 'pass'
    })

    await db.write([insert])
    expect(sent.join('')).not.toContain('BEGIN')
    await db.write([insert, insert])
    expect(sent.join('')).toContain('BEGIN IMMEDIATE')
    expect(await rows()).toBe(3)
  })

  test('bring answers as they are, not compressed', async () => {
    const answers: string[] = []
    proxied.proxy.decide((way, piece) => {
      if (way === 'answer') answers.push(piece.toString().toLowerCase())
      return 'pass'
    })

    await db.read({ sql: 'SELECT hex(zeroblob(500))', params: [] })

    expect(answers.join('')).toContain('0'.repeat(1_000))
    expect(answers.join('')).not.toContain('content-encoding')
  })

  test('are few also where answers are lost, so that others find the server free', async () => {
    proxied.proxy.decide((way) => (way === 'answer' ? 'cut' : 'pass'))
    const lost = Array.from({ length: 3 }, () => db.read(count).catch((error) => error.code))

    expect(await Promise.all(lost)).toEqual(['unavailable', 'unavailable', 'unavailable'])
    await Bun.sleep(closingMs)
    expect(await proxied.sqld.connections()).toBeLessThanOrEqual(pooledConnectionsMax)
  })

  test('are not used again when they were left in a transaction', async () => {
    const large = {
      sql: `WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000)
            SELECT hex(zeroblob(500)) FROM n`,
      params: [],
    }
    const failed = await db.write([insert, large]).catch((error) => error)

    expect(failed).toBeInstanceOf(UnknownOutcome)
    await db.write([insert])
    expect(await rows()).toBe(1)
  })

  test('are not kept where the server names another address than the one it was given', async () => {
    const selfUrl = `http://127.0.0.1:${freePort()}`
    const other = await startSqld({ selfUrl })
    try {
      const elsewhere = await Database.open(await other.create('database'))
      await elsewhere.write([createTable])
      for (let n = 0; n < 5; n++) await elsewhere.write([insert])
      expect((await elsewhere.read(count)).rows).toMatchObject([{ n: 5 }])
      expect(await elsewhere.metrics.text()).toContain('\nzaas_database_retries_total 1\n')
      await elsewhere.close()
    } finally {
      await other.stop()
    }
  })

  test('leave open what became of a change that somebody on the way has sent twice', async () => {
    let repeats = true
    const repeating = Bun.serve({
      port: 0,
      async fetch(request) {
        const { pathname } = new URL(request.url)
        const body = await request.text()
        const send = async () => {
          const answer = await fetch(addressOf(name, proxied.sqld.ports.http) + pathname, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body,
          })
          const { status, headers } = answer
          const type = headers.get('content-type') ?? ''
          return new Response(await answer.text(), { status, headers: { 'content-type': type } })
        }
        if (!body.includes('INSERT') || !repeats) return send()
        repeats = false
        await send()
        return send()
      },
    })
    try {
      const behind = await Database.open(`http://127.0.0.1:${repeating.port}`)
      await behind.read(count)
      const change = await behind.write([insert]).catch((error) => error)

      expect(change).toBeInstanceOf(UnknownOutcome)
      expect(await rows()).toBe(1)
    } finally {
      await repeating.stop(true)
    }
  })
})

test.each(['http://localhost:1?tls=1', 'https://localhost:1?tls=0'])(
  'an address that says two things about TLS is refused: %s',
  async (address) => {
    await expect(Database.open(address)).rejects.toMatchObject({ code: 'URL_INVALID' })
  },
)
