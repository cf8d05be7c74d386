import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { tempFolder } from '../../../../test/support/app.ts'
import { contextAt } from '../../../../test/support/context.ts'
import type { Store } from '../../../domain/store.ts'
import { Calls } from '../../engine/calls.ts'
import { openInWorker } from './client.ts'

/** Has a database thread for as long as `use` takes. */
async function withWorker(use: (store: Store) => Promise<void>): Promise<void> {
  const folder = tempFolder()
  const url = `file:${join(folder.path, 'zaas.db')}`
  const calls = new Calls()
  const { store, close } = await openInWorker(url, calls, (error) => {
    throw error
  })
  await use(store)
  calls.close()
  await close()
  folder.remove()
}

test('answers what is asked in one moment, each its own', () =>
  withWorker(async (store) => {
    const changes = { namespace: 'ns', add: ['A', 'B'], remove: [], release: [] }
    await store.changeItems(changes, contextAt(1))
    const match = (requestor: string) => store.match({ namespace: 'ns', requestor }, contextAt(2))

    const answers = await Promise.all([match('r'), match('s'), match('r'), match('t')])

    const first = { kind: 'matched', item: 'A', matchedAt: 2, alreadyMatched: false } as const
    expect(answers).toEqual([
      first,
      { kind: 'matched', item: 'B', matchedAt: 2, alreadyMatched: false },
      { ...first, alreadyMatched: true },
      { kind: 'refused', reason: 'none_left' },
    ])
    expect(await store.namespaceStats('ns')).toEqual({ total: 2, matched: 2, available: 0 })
  }))

test('passes on what went wrong, with its code', () =>
  withWorker(async (store) => {
    const rest = { apiKey: 'key', namespace: 'ns', name: null, scopes: [], expiresAt: null }
    await store.createApiKey({ id: 'key_1', ...rest }, contextAt(1))

    // `rejects` would wait without a turn of the event loop, and so for ever.
    const failure = await store
      .createApiKey({ id: 'key_2', ...rest }, contextAt(1))
      .catch((error) => error)

    expect(failure).toMatchObject({ name: 'ZaasError', code: 'conflict' })
  }))
