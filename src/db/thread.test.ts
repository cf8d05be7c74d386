import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { tempFolder } from '../../test/support/app.ts'
import { type Store, storeOf } from './store.ts'
import { openInThread } from './thread.ts'

/** Has a database thread for as long as `use` takes. */
async function withThread(use: (store: Store) => Promise<void>): Promise<void> {
  const folder = tempFolder()
  const url = `file:${join(folder.path, 'zaas.db')}`
  const { run, close } = await openInThread(url, (error) => {
    throw error
  })
  await use(storeOf(run))
  await close()
  folder.remove()
}

test('answers what is asked in one moment, each its own', () =>
  withThread(async (store) => {
    await store.changeItems('ns', { add: ['A', 'B'], remove: [], release: [] }, 1)
    const match = (requestor: string) => store.match({ namespace: 'ns', requestor }, 2)

    const answers = await Promise.all([match('r'), match('s'), match('r'), match('t')])

    const first = { item: 'A', matchedAt: 2, alreadyMatched: false }
    expect(answers).toEqual([
      first,
      { item: 'B', matchedAt: 2, alreadyMatched: false },
      { ...first, alreadyMatched: true },
      'none',
    ])
    expect(await store.countItems('ns')).toEqual({ total: 2, matched: 2, available: 0 })
  }))

test('passes on what went wrong, with its code', () =>
  withThread(async (store) => {
    const key = {
      ...{ id: 'key_1', apiKey: 'key', namespace: 'ns', name: null, scopes: [] },
      ...{ createdAt: 1, expiresAt: null },
    }
    await store.createKey(key)

    // `rejects` would wait without a turn of the event loop, and so for ever.
    const failure = await store.createKey({ ...key, id: 'key_2' }).catch((error) => error)

    expect(failure).toMatchObject({ name: 'ZaasError', code: 'conflict' })
  }))
