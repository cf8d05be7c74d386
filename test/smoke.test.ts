import { expect, test } from 'bun:test'
import { tempFolder, testApp } from './support/app.ts'
import { startServer } from './support/server.ts'

test('in process', async () => {
  const app = await testApp()
  const shop = await app.keyFor('shop')
  expect((await shop.patch({ add: ['A', 'B'] })).body).toMatchObject({ added: 2 })
  expect((await shop.match('u')).body).toMatchObject({ item: 'A' })
  expect((await shop.list('?limit=1')).body.nextCursor).toBeString()
  await app.close()
})
test('over a socket', async () => {
  const folder = tempFolder()
  const server = await startServer(`file:${folder.path}/a.db`)
  const shop = await server.keyFor('shop')
  expect((await shop.patch({ add: ['A', 'B'] })).body).toMatchObject({ added: 2 })
  expect((await shop.match('u')).body).toMatchObject({ item: 'A' })
  expect(await server.stop()).toBe(0)
  folder.remove()
})
