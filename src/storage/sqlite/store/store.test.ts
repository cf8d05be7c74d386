import { expect, test } from 'bun:test'
import { tempDatabase } from '../../../../test/support/app.ts'
import { contextAt } from '../../../../test/support/context.ts'
import { sqliteStore } from './store.ts'

test('a match that the queue has no room for is rejected, not thrown', async () => {
  const temp = await tempDatabase()
  const store = sqliteStore(temp.db)

  const asked = Array.from({ length: 10_010 }, () =>
    store.match({ namespace: 'ns', requestor: 'r' }, contextAt(1)),
  )
  const settled = await Promise.allSettled(asked)

  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(10_000)
  expect(settled.at(-1)).toMatchObject({ reason: { code: 'unavailable' } })
  await temp.close()
})
