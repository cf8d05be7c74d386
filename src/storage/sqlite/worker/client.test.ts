import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { tempFolder } from '../../../../test/support/app.ts'
import { contextAt } from '../../../../test/support/context.ts'
import { ZaasError } from '../../../domain/errors.ts'
import type { Store } from '../../../domain/store.ts'
import { Calls } from '../../engine/calls.ts'
import { openInWorker } from './client.ts'

/** Has a database thread for as long as `use` takes. */
async function withWorker(use: (store: Store) => Promise<void>): Promise<void> {
  const folder = tempFolder()
  const url = `file:${join(folder.path, 'zaas.db')}`
  const calls = new Calls()
  const onCrash = (error: unknown) => {
    throw error
  }
  const { store, close } = await openInWorker(url, calls, { tell: () => {}, onCrash })
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

    const plain = { data: null, expiresAt: null, heldUntil: null }
    const first = {
      kind: 'matched',
      ...plain,
      item: 'A',
      matchedAt: 2,
      alreadyMatched: false,
    } as const
    expect(answers).toEqual([
      first,
      { kind: 'matched', ...plain, item: 'B', matchedAt: 2, alreadyMatched: false },
      { ...first, alreadyMatched: true },
      { kind: 'refused', reason: 'none_left' },
    ])
    expect(await store.namespaceStats('ns', 3)).toEqual({
      total: 2,
      matched: 2,
      available: 0,
      held: 0,
      expired: 0,
      ...{ perDay: 2, runsOutAt: 3 },
    })
  }))

test('texts of lists go there and come back, beside what else is asked in that moment', () =>
  withWorker(async (store) => {
    const given = { namespace: 'ns', add: [], remove: [], release: [] }
    const items = Array.from({ length: 5_000 }, (_, n) => `"\\ ünd "${n}`)
    const text = { json: JSON.stringify(items), count: items.length }
    const other = { json: '["X","Y"]', count: 2 }
    const [added, replaced] = await Promise.all([
      store.changeItems({ ...given, add: text }, contextAt(1)),
      store.replaceItems({ namespace: 'other', items: other, removeMatched: false }, contextAt(1)),
    ])
    expect(added).toMatchObject({ added: 5_000, conflicts: [] })
    expect(replaced).toMatchObject({ added: 2, conflicts: [] })

    // Each requestor is given another item for the one that was removed, which then cannot come back.
    const match = (n: number) => store.match({ namespace: 'ns', requestor: `r${n}` }, contextAt(2))
    await Promise.all(items.map((_, n) => match(n)))
    await store.changeItems({ ...given, remove: text }, contextAt(3))
    const replacements = items.map((_, n) => `new-${n}`)
    await store.changeItems({ ...given, add: replacements }, contextAt(4))
    await Promise.all(items.map((_, n) => match(n)))
    const { conflicts } = await store.changeItems({ ...given, add: text }, contextAt(5))

    expect(conflicts).toEqual(text)
    const few = { json: JSON.stringify(items.slice(0, 3)), count: 3 }
    const again = await store.changeItems({ ...given, add: few }, contextAt(6))
    expect(again.conflicts).toEqual(items.slice(0, 3))
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

test('what is wrong comes back as it was told, and where', () =>
  withWorker(async (store) => {
    const settings = { opensAt: 2, closesAt: 1 }
    const error: unknown = await store
      .changeSettings({ namespace: 'ns', settings }, contextAt(1))
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ZaasError)
    expect(error).toMatchObject({
      code: 'invalid',
      errors: [{ pointer: '#/closesAt', detail: 'must leave closesAt after opensAt' }],
    })
  }))
