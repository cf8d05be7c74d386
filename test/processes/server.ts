import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tempFolder } from '../support/folder.ts'
import { runToEnd } from '../support/process.ts'
import { startServer } from '../support/server.ts'
import { type Sqld, sqldIsHere, startSqld } from '../support/sqld.ts'

const keys = generateKeyPairSync('ed25519')
const strangerKeys = generateKeyPairSync('ed25519')

describe.skipIf(!sqldIsHere)('a libSQL server that wants a token', () => {
  const folder = tempFolder()
  let sqld: Sqld
  let url: string

  beforeAll(async () => {
    const jwtKeyFile = join(folder.path, 'jwt.pem')
    writeFileSync(jwtKeyFile, keys.publicKey.export({ type: 'spki', format: 'pem' }))
    sqld = await startSqld({ jwtKeyFile })
    url = await sqld.create('zaas')
  })
  afterAll(async () => {
    await sqld.stop()
    folder.remove()
  })

  test('gets the one of the settings, and says once it no longer syncs on commit', async () => {
    const env = { DATABASE_AUTH_TOKEN: token(keys.privateKey, { a: 'rw' }) }
    const server = await startServer(url, { env })
    try {
      const ready = async (): Promise<Record<string, string>> =>
        JSON.parse(await (await fetch(`${server.origin}/health/ready`)).text())
      const warnings = () => server.lines.filter(({ level }) => level === 40)
      const shop = await server.keyFor('shop')
      await shop.patch({ add: ['A'] })
      expect((await shop.match('u')).body.item).toBe('A')
      expect(await ready()).toEqual({ status: 'ready', durability: 'full' })

      await sqld.configure('zaas', 'relaxed')
      // It holds for new connections.
      const until = performance.now() + 5_000
      while ((await ready())['durability'] === 'full' && performance.now() < until)
        await Bun.sleep(50)
      for (const _ of 'ab') expect(await ready()).toMatchObject({ durability: 'relaxed' })
      expect(await server.stop()).toBe(0)
      expect(warnings()).toMatchObject([{ msg: expect.stringContaining('no longer synced') }])
    } finally {
      await server.stop('SIGKILL')
      await sqld.configure('zaas', 'strong')
    }
  })

  test.each([
    ['none', () => undefined, 'DATABASE_AUTH_TOKEN'],
    ['one of a stranger', () => token(strangerKeys.privateKey, { a: 'rw' }), 'DATABASE_AUTH_TOKEN'],
    ['one that has expired', () => token(keys.privateKey, { exp: 1 }), 'DATABASE_AUTH_TOKEN'],
    ['one for reading', () => token(keys.privateKey, { a: 'ro' }), 'DATABASE_AUTH_TOKEN'],
    ['one for another database', () => token(keys.privateKey, others), 'DATABASE_URL'],
  ])('%s stops the start with one line that names the setting', async (_, made, setting) => {
    const fresh = await sqld.create(`fresh-${crypto.randomUUID()}`)
    const authToken = made()
    const { exitCode, stdout, stderr } = await runToEnd({
      PORT: '0',
      DATABASE_URL: fresh,
      ...(authToken && { DATABASE_AUTH_TOKEN: authToken }),
    })

    expect(stderr).toMatch(new RegExp(`^zaas cannot start: [^\\n]*${setting}[^\\n]*\\n$`))
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
  })
})

const others = { p: { rw: { ns: ['another'] } } }

/** A JSON Web Token, signed with Ed25519. */
function token(key: KeyObject, claims: object): string {
  const parts = [{ alg: 'EdDSA', typ: 'JWT' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  const text = parts.join('.')
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`
}
