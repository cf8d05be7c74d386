import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { tempFolder } from '../../test/support/app.ts'
import { openStore } from './open-store.ts'

test('turns away what exceeds the bound of what waits, and answers the rest', async () => {
  const folder = tempFolder()
  const url = `file:${join(folder.path, 'zaas.db')}`
  const onCrash = (error: unknown) => {
    throw error
  }
  const listeners = { tell: () => {}, onCrash }
  const { store, close } = await openStore({ url, authToken: undefined }, listeners)

  const asked = Array.from({ length: 11_010 }, () => store.namespaceStats('ns', 1))
  const settled = await Promise.allSettled(asked)

  const refused = settled.filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(10)
  expect(refused[0]).toMatchObject({ reason: { code: 'unavailable' } })
  expect(await store.namespaceStats('ns', 1)).toMatchObject({ total: 0 })
  await close()
  folder.remove()
})
